"""The table of access-request cases, through every door that takes a vote: nobody for themselves, thresholds, no flip
after the decision, deny wins (APR-05, APR-07, IDN-07).

The doors are the review page, deciding together, and edit-and-approve. The agents' API, the administration and the
commands have none.
"""

from dataclasses import replace

import pytest
from django.contrib import admin
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse

from approvals.models import AgentActionRequest, Vote
from approvals.services.correction import seen_digest
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import ActionTier, Credential, Membership
from governance.services.credentials import issue_credential, rotate_credential
from governance.services.delegations import grant_delegation
from tests.builders.api import Site, make_site
from tests.builders.approvals import get, make_approver, submit_pending, vote
from tests.builders.console import log_in, make_login
from tests.builders.governance import allow, make_user, make_workspace, publish
from tests.builders.routing import make_colleague, stand_in

pytestmark = pytest.mark.django_db


def page(row, user, verdict="approve"):
    form = {"digest": row.digest, "preset": "weak_evidence"}
    log_in(user).post(reverse(f"approvals:{verdict}", args=[row.pk]), form)


def together(row, user, verdict="approve"):
    form = {
        "key": str(new_id()),
        "item": f"{row.pk}:{row.digest}",
        "verdict": verdict,
        "preset": "weak_evidence",
        "workspace": row.workspace.slug,
    }
    log_in(user).post(reverse("approvals:batch_decide"), form)


def edited(row, user, verdict="approve"):
    seen = {f"seen.{item['field']}": seen_digest(item["before"]) for item in row.patch}
    form = {"digest": row.digest, "value.name": "Umicore SA", "reason": "its legal name", **seen}
    log_in(user).post(reverse("approvals:edit", args=[row.pk]), form)


APPROVING = [page, together, edited]
BOTH = [page, together]


@pytest.fixture
def site():
    return make_site()


def untouched(row):
    fresh = get(row.pk)
    return (fresh.status, fresh.digest, Vote.objects.filter(request=row).count()) == ("pending", row.digest, 0)


def owner(site):
    user = make_user(site.world.owner)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    return user, submit_pending(site)


def delegator(site):
    person, user = make_approver(site, "Dora Delegator")
    grant_delegation(
        agent_id=site.world.agent.pk,
        person_id=person.pk,
        connection_id=None,
        actions=["update"],
        objects=["companies"],
        reason="hers",
        days=1,
        user_id=user.pk,
        now=get_now(),
    )
    return user, submit_pending(site, on_behalf_of=person.email)


def stand_in_of_the_owner(site):
    owner(site)
    person, user = make_colleague(site)
    stand_in(site, person, absent=site.world.owner)
    return user, submit_pending(site)


def _keeper(site, rotates):
    """Who manages the agent issues its credential, or gives the one that it uses a new secret."""
    person, user = make_approver(site, "Kim Keeper")
    credential = site.world.credential
    if not rotates:
        actor = Actor("human", str(person.pk))
        issued = issue_credential(agent_id=site.world.agent.pk, actor=actor, now=get_now())
        credential = Credential.objects.get(pk=issued.credential_id)
    else:
        rotate_credential(credential_id=credential.pk, actor=Actor("human", str(person.pk)), now=get_now())
    row = submit_pending(Site(replace(site.world, credential=credential), site.company))
    assert row.credential_id == credential.pk
    return user, row


def who_issued_the_credential(site):
    return _keeper(site, rotates=False)


def who_rotated_the_credential(site):
    return _keeper(site, rotates=True)


def outsider(site):
    return make_colleague(site)[1], submit_pending(site)


def who_left(site):
    person, user = make_approver(site, "Leo Left")
    row = submit_pending(site)
    Membership.objects.filter(person=person).delete()
    return user, row


def without_the_permission(site):
    user = make_login(site.world.workspace, "view_requests", name="Vera Viewer")
    Membership.objects.create(group=site.world.group, person=user.person)
    return user, submit_pending(site)


def of_another_workspace(site):
    user = make_login(make_workspace("other"), "view_requests", "review_requests", name="Else Where")
    Membership.objects.create(group=site.world.group, person=user.person)
    return user, submit_pending(site)


@pytest.mark.parametrize("door", APPROVING)
@pytest.mark.parametrize(
    "case",
    [
        owner,
        delegator,
        stand_in_of_the_owner,
        who_issued_the_credential,
        who_rotated_the_credential,
        outsider,
        who_left,
        without_the_permission,
        of_another_workspace,
    ],
)
def test_who_may_not_decide_decides_by_no_door(site, door, case):
    """No self-approval, whichever way somebody is a party to it; nobody without a seat, a role or the workspace."""
    user, row = case(site)
    door(row, user)
    assert untouched(row)


@pytest.mark.parametrize("door", APPROVING)
def test_who_may_decides_by_every_door(site, door):
    """The doors of this table do open."""
    row = submit_pending(site)
    door(row, site.world.approver_user)
    assert get(row.pk).status == "approved"


@pytest.mark.parametrize("door", APPROVING)
def test_a_threshold_of_two_takes_two_people_and_not_two_logins(site, door):
    make_approver(site, "Bo Second")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    row = submit_pending(site)
    login = make_user(site.world.approver, username="rosa-too@example.com")
    allow(login, site.world.workspace, "view_requests", "review_requests")

    for user in (site.world.approver_user, login):
        door(get(row.pk), user)
    assert get(row.pk).status == "pending"
    assert Vote.objects.filter(request=row, person=site.world.approver, digest=get(row.pk).digest).count() == 1


@pytest.mark.parametrize("door", BOTH)
def test_a_denial_wins_over_the_approval_that_came_before(site, door):
    second, user = make_approver(site, "Bo Second")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    row = submit_pending(site)
    vote(site, row)

    door(row, user, "deny")
    assert (get(row.pk).status, get(row.pk).decided_by) == ("denied", f"person:{second.pk}")


@pytest.mark.parametrize("door", APPROVING)
def test_what_was_denied_is_not_approved_afterwards(site, door):
    _, user = make_approver(site, "Bo Second")
    row = submit_pending(site)
    vote(site, row, verdict="deny")
    before = AgentActionRequest.objects.values().get(pk=row.pk)

    door(row, user)
    assert AgentActionRequest.objects.values().get(pk=row.pk) == before


@pytest.mark.parametrize("door", BOTH)
def test_what_was_approved_is_not_denied_afterwards(site, door):
    _, user = make_approver(site, "Bo Second")
    row = submit_pending(site)
    vote(site, row)

    door(row, user, "deny")
    assert (get(row.pk).status, Vote.objects.filter(request=row).count()) == ("approved", 1)


@pytest.mark.parametrize("model", ["vote", "agentactionrequest"])
def test_the_administration_has_no_door(site, model):
    """Not even for a superuser: rows are looked at."""
    row = submit_pending(site)
    user = site.world.approver_user
    user.is_superuser = True
    user.save()
    assert log_in(user).get(reverse(f"admin:approvals_{model}_add")).status_code == 403
    screen = next(item for registered, item in admin.site._registry.items() if registered._meta.model_name == model)
    assert list(screen.actions) == []
    log_in(user).post(reverse("admin:approvals_agentactionrequest_change", args=[row.pk]), {"status": "approved"})
    assert untouched(row)


@pytest.mark.parametrize("deed", ["approve", "deny", "vote", "votes", "edit"])
def test_the_agents_api_has_no_door(site, deed):
    row = submit_pending(site)
    client = Client(headers={"authorization": f"Bearer {site.world.token}"})
    answer = client.post(f"/api/v1/action-requests/{row.pk}/{deed}/", {}, content_type="application/json")
    assert answer.status_code == 404
    patched = client.patch(
        f"/api/v1/action-requests/{row.pk}/", {"status": "approved"}, content_type="application/json"
    )
    assert patched.status_code == 405
    assert untouched(row)


def test_no_command_votes():
    ours = {name for name, room in get_commands().items() if room in {"approvals", "governance", "config", "audit"}}
    assert not [name for name in ours if {"approve", "vote", "deny", "decide"} & set(name.split("_"))]
