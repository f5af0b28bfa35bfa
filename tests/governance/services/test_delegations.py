"""Acting for a person: only under their live delegation, never with their own approval (IDN-04, cases 58 and 73)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.services.review_errors import ReviewError
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Delegation, Membership
from governance.selectors.access import NotAllowedError
from governance.services.delegations import DelegationError, grant_delegation, revoke_delegation
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_connection, make_person, make_user, make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def rep(site):
    return make_login(site.world.workspace, "view_own_requests", name="Ana Rep")


@pytest.fixture
def rosa(site):
    return make_login(site.world.workspace, "manage_agents", name="Rosa Manages")


def grant(site, person, user, **changes):
    values = {
        "connection_id": None,
        "actions": ["update"],
        "objects": ["companies"],
        "reason": "while she is away",
        "days": 10,
        "now": get_now(),
        **changes,
    }
    return grant_delegation(agent_id=site.world.agent.pk, person_id=person.pk, user_id=user.pk, **values)


def outcome(site, **changes):
    row = get(submit(site, on_behalf_of="Ana.Rep@example.com", **changes).request_id)
    reasons = [check["code"] for check in row.decision["checks"] if check["check"] == "delegation"]
    return row.status, reasons


def test_without_a_delegation_acting_for_someone_is_denied(site, rep):
    assert outcome(site) == ("denied", ["delegation_missing"])


def test_with_one_the_agent_acts_for_the_person(site, rep):
    grant(site, rep.person, rep)
    status, codes = outcome(site)
    assert (status, codes) == ("approved", ["ok"])


@pytest.mark.parametrize("scope", [{"actions": ["create"]}, {"objects": ["deals"]}])
def test_what_it_does_not_cover_is_denied(site, rep, scope):
    grant(site, rep.person, rep, **scope)
    assert outcome(site) == ("denied", ["delegation_scope"])


def test_another_connection_is_not_covered(site, rep):
    other = make_connection(site.world.workspace, "other")
    grant(site, rep.person, rep, connection_id=other.pk)
    assert outcome(site) == ("denied", ["delegation_scope"])


def test_an_expired_one_is_denied(site, rep):
    grant(site, rep.person, rep, now=get_now() - timedelta(days=11))
    assert outcome(site) == ("denied", ["delegation_expired"])


def test_revoking_bites_at_once_and_an_inactive_person_delegates_nothing(site, rep):
    delegation_id = grant(site, rep.person, rep)
    revoke_delegation(delegation_id=delegation_id, user_id=rep.pk, now=get_now())
    assert outcome(site) == ("denied", ["delegation_missing"])
    grant(site, rep.person, rep)
    rep.person.is_active = False
    rep.person.save()
    assert outcome(site) == ("denied", ["delegation_missing"])


def test_a_delegation_revoked_after_the_approval_stops_the_claim(site, rep):
    delegation_id = grant(site, rep.person, rep)
    submission = submit(site, on_behalf_of="ana.rep@example.com")
    assert submission.status == "approved"
    revoke_delegation(delegation_id=delegation_id, user_id=rep.pk, now=get_now())
    execute(submission.request_id)
    row = get(submission.request_id)
    assert (row.status, row.status_code) == ("denied", "delegation_missing")


def test_whoever_is_acted_for_does_not_approve_it(site):
    """Separation of duties: the approver's own delegation makes them a party."""
    approver = site.world.approver
    grant(site, approver, site.world.approver_user)
    changes = {"changes": {"name": "Umicore NV"}, "expected": None}
    row = get(submit(site, on_behalf_of=approver.email, **changes).request_id)
    assert row.status == "pending"
    with pytest.raises(ReviewError):
        vote(site, row)
    assert AgentActionRequest.objects.get().status == "pending"
    page = text_of(log_in(site.world.approver_user).get(reverse("approvals:review", args=[row.pk])))
    assert "acts for you here" in page
    other = make_person("Second Approver")
    Membership.objects.create(group=site.world.group, person=other)


def test_a_request_for_itself_costs_no_look_up(site, rep):
    grant(site, rep.person, rep)
    submit(site)
    with captured_statements() as plain:
        submit(site, changes={"industry": "Retail"}, expected=None)
    assert not [statement for statement in plain if "governance_delegation" in statement]


@pytest.mark.django_db(transaction=True)
def test_delegations_that_cannot_be_read_deny(site, rep):
    grant(site, rep.person, rep)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_delegation RENAME TO governance_delegation_gone")
    try:
        assert outcome(site) == ("denied", ["check_failed"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE governance_delegation_gone RENAME TO governance_delegation")


# ---- who grants and revokes --------------------------------------------------------------------------------------


def test_people_delegate_for_themselves_and_managers_for_others(site, rep, rosa):
    grant(site, rep.person, rosa)
    other = make_login(site.world.workspace, "view_own_requests", name="Other Rep")
    stranger = make_login(make_workspace("other"), "manage_agents", name="Stranger")
    for user in (other, stranger, make_user(username="nobody")):
        with pytest.raises(NotAllowedError):
            grant(site, rep.person, user)
    with pytest.raises(NotAllowedError):
        grant(site, stranger.person, stranger)
    delegation = Delegation.objects.get()
    for user in (other, stranger):
        with pytest.raises(NotAllowedError):
            revoke_delegation(delegation_id=delegation.pk, user_id=user.pk, now=get_now())
    revoke_delegation(delegation_id=delegation.pk, user_id=rep.pk, now=get_now())
    with pytest.raises(DelegationError):
        revoke_delegation(delegation_id=delegation.pk, user_id=rep.pk, now=get_now())
    types = LedgerEvent.objects.filter(type__startswith="delegation.").order_by("id").values_list("type", flat=True)
    assert list(types) == ["delegation.granted", "delegation.revoked"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": []},
        {"objects": []},
        {"actions": ["read"]},
        {"actions": ["everything"]},
        {"days": 0},
        {"days": 181},
        {"reason": "  "},
    ],
)
def test_a_delegation_is_narrow_short_and_explained(site, rep, wrong):
    with pytest.raises(DelegationError):
        grant(site, rep.person, rep, **wrong)
    assert not Delegation.objects.exists()


def test_another_workspaces_connection_is_refused(site, rep):
    foreign = make_connection(make_workspace("other"))
    with pytest.raises(DelegationError):
        grant(site, rep.person, rep, connection_id=foreign.pk)


def test_the_page_grants_and_revokes(site, rep, rosa):
    client = log_in(rosa)
    data = {
        "agent": str(site.world.agent.pk),
        "person": str(rep.person_id),
        "connection": "",
        "actions": ["update"],
        "objects": ["companies"],
        "days": "5",
        "reason": "holiday",
    }
    address = "/admin/governance/delegation/grant/"
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 302
    row = Delegation.objects.get()
    assert "update on companies" in text_of(client.get(reverse("admin:governance_delegation_changelist")))
    client.post(reverse("admin:governance_delegation_revoke", args=[row.pk]))
    row.refresh_from_db()
    assert row.revoked_at is not None
    auditor = make_login(site.world.workspace, "view_ledger", name="Aldo")
    assert log_in(auditor).post(address, data).status_code == 403
