"""The starter's lists, lawful bases and rules."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from governance.domain.starter.rules import STARTER_BASES, STARTER_LISTS, STARTER_RULES, StarterRule
from governance.models import ApproverGroup, LawfulBasis, Person, RegisteredField, Rule, RuleList, Workspace
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_rules(*, workspace_id: UUID, now: datetime) -> dict[str, int]:
    """Add the lists, lawful bases and rules that are missing; those that are there stay as people made them.

    Commits once. Returns how many of each are new.
    """
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=workspace_id)
        lists = _load_lists(workspace, now)
        bases = _load_bases(workspace, now)
        groups = {group.slug: group for group in ApproverGroup.objects.filter(workspace=workspace)}
        people = {person.email: person for person in Person.objects.all()}
        known = set(Rule.objects.filter(workspace=workspace).values_list("key", flat=True))
        fresh = [starter for starter in STARTER_RULES if starter.key not in known]
        for starter in fresh:
            _load_rule(workspace, starter, people, groups, now)
    return {"lists": lists, "lawful_bases": bases, "rules": len(fresh)}


def _load_lists(workspace: Workspace, now: datetime) -> int:
    rows = {row.slug: row for row in RuleList.objects.filter(workspace=workspace)}
    fresh = [starter for starter in STARTER_LISTS if starter.slug not in rows]
    for starter in fresh:
        row = RuleList.objects.create(
            workspace=workspace,
            slug=starter.slug,
            title=starter.title,
            kind=starter.kind,
            entries=list(starter.entries),
        )
        rows[starter.slug] = row
        row.includes.set([rows[name] for name in starter.includes if name in rows])
        _note(workspace, row, ["entries", "includes", "kind"], now)
    return len(fresh)


def _load_bases(workspace: Workspace, now: datetime) -> int:
    """Into an empty table only, and for fields that are registered."""
    if LawfulBasis.objects.filter(workspace=workspace).exists():
        return 0
    fields = set(
        RegisteredField.objects.filter(connection__workspace=workspace).values_list("object_type", "name").distinct()
    )
    fresh = [starter for starter in STARTER_BASES if (starter.object, starter.field) in fields]
    for starter in fresh:
        row = LawfulBasis.objects.create(
            workspace=workspace,
            object_type=starter.object,
            field=starter.field,
            value=starter.value,
            basis=starter.basis,
            note="Assessment of the starter pack: replace it with your own",
        )
        _note(workspace, row, ["basis"], now)
    return len(fresh)


def _load_rule(
    workspace: Workspace,
    starter: StarterRule,
    people: dict[str, Person],
    groups: dict[str, ApproverGroup],
    now: datetime,
) -> None:
    row = Rule.objects.create(
        workspace=workspace,
        key=starter.key,
        name=starter.name,
        reason=starter.reason,
        owner=people[starter.owner],
        is_active=starter.is_active,
        actions=sorted(starter.actions),
        objects_named=sorted(starter.objects),
        fields_named=sorted(starter.fields),
        conditions=msgspec.to_builtins(starter.conditions),
        effect=starter.effect,
        count=starter.count,
        tier=starter.tier,
    )
    row.groups.set([groups[slug] for slug in starter.groups if slug in groups])
    row.any_groups.set([groups[slug] for slug in starter.any_groups if slug in groups])
    _note(workspace, row, ["conditions", "effect", "groups", "reason"], now)


def _note(workspace: Workspace, row: RuleList | LawfulBasis | Rule, fields: list[str], now: datetime) -> None:
    record_config_change(workspace_id=workspace.pk, row=row, operation="created", fields=fields, actor=SEED, now=now)
