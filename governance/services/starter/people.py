"""The starter's people, logins, roles and approver groups."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from governance.domain.starter.people import STARTER_GROUPS, STARTER_PEOPLE, StarterPerson
from governance.models import ApproverGroup, Membership, Person, User, Workspace
from governance.services.config_changes import record_config_change
from governance.services.roles import assign_role

SEED = Actor("system", "seed_starter")


def load_people(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """Add the people, their logins (without usable passwords), roles and groups that are missing; returns how many.

    Existing logins keep their roles, existing groups their members. Commits once.
    """
    counts = {"people": 0, "groups": 0}
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        groups = {slug: _group(workspace, slug, name, counts, now) for slug, name in STARTER_GROUPS.items()}
        for starter in STARTER_PEOPLE:
            if not User.objects.filter(username=starter.email).exists():
                _person(workspace, starter, groups, now)
                counts["people"] += 1
    return counts


def set_demo_passwords(*, now: datetime) -> dict[str, str]:
    """Give every starter login a new generated password and return them, once: login → password.

    For a demonstration only: whoever calls it decides that these accounts shall open. Commits once.
    """
    passwords = {}
    with transaction.atomic():
        for user in User.objects.filter(username__in=[starter.email for starter in STARTER_PEOPLE]).order_by("pk"):
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.save(update_fields=["password"])
            record_config_change(
                workspace_id=None, row=user, operation="updated", fields=["password"], actor=SEED, now=now
            )
            passwords[user.username] = password
    return passwords


def _group(workspace: Workspace, slug: str, name: str, counts: dict[str, int], now: datetime) -> ApproverGroup | None:
    """The group if it is new: the members of an existing one are for people to decide."""
    group, is_new = ApproverGroup.objects.get_or_create(workspace=workspace, slug=slug, defaults={"name": name})
    if not is_new:
        return None
    counts["groups"] += 1
    record_config_change(
        workspace_id=workspace.pk, row=group, operation="created", fields=["name", "slug"], actor=SEED, now=now
    )
    return group


def _person(
    workspace: Workspace, starter: StarterPerson, groups: dict[str, ApproverGroup | None], now: datetime
) -> None:
    person, _ = Person.objects.get_or_create(email=starter.email, defaults={"name": starter.name})
    user = User(username=starter.email, email=starter.email, person=person)
    user.first_name, _, user.last_name = starter.name.partition(" ")
    user.set_unusable_password()
    user.save()
    record_config_change(
        workspace_id=None, row=user, operation="created", fields=["person", "username"], actor=SEED, now=now
    )
    assign_role(user_id=user.pk, workspace_id=workspace.pk, role=starter.role, actor=SEED, now=now)
    for slug in starter.groups:
        group = groups[slug]
        if group is not None:
            membership = Membership.objects.create(group=group, person=person)
            record_config_change(
                workspace_id=workspace.pk, row=membership, operation="created", fields=["person"], actor=SEED, now=now
            )
