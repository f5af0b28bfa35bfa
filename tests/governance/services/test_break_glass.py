"""Break-glass: two people, a short while, one scope; then people may approve what policy blocks (PRM-10)."""

import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import ActionTier, BreakGlass, ChangeProposal
from governance.selectors.access import NotAllowedError
from governance.services.break_glass import BreakGlassError, ask_break_glass, end_break_glass
from governance.services.change_errors import SamePersonError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change
from governance.services.publish import publish_policy
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_connection, make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = make_site()
    ActionTier.objects.filter(action="update").update(risk_tier="blocked")
    republish(site)
    return site


@pytest.fixture
def sam(site):
    return make_login(site.world.workspace, "break_glass", name="Sam Asks")


@pytest.fixture
def carl(site):
    return make_login(site.world.workspace, "countersign_changes", name="Carl Countersigns")


def republish(site):
    publish_policy(workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, reason="test", now=get_now())


def ask(site, user, **changes):
    values = {
        "agent_id": site.world.agent.pk,
        "connection_id": site.world.connection.pk,
        "action": "update",
        "object_type": "companies",
        "record_id": "",
        "minutes": 30,
        "reason": "the import is wrong and the board meets",
        "now": get_now(),
        **changes,
    }
    return ask_break_glass(person_id=user.person_id, user_id=user.pk, **values)


def countersign(proposal_id, user, now=None):
    countersign_change(proposal_id=proposal_id, person_id=user.person_id, user_id=user.pk, now=now or get_now())


def open_glass(site, sam, carl, **changes):
    countersign(ask(site, sam, **changes), carl)
    return BreakGlass.objects.get()


def outcome(site, **changes):
    row = get(submit(site, **changes).request_id)
    return row.status, [check["code"] for check in row.decision["checks"] if check["check"] == "risk_tier"]


def test_blocked_is_blocked_until_two_people_open_it(site, sam, carl):
    assert outcome(site) == ("denied", ["tier_blocked"])
    proposal_id = ask(site, sam)
    assert outcome(site) == ("denied", ["tier_blocked"])
    countersign(proposal_id, carl)
    assert outcome(site, changes={"industry": "Retail"}, expected=None) == ("pending", ["break_glass"])


def test_whoever_asks_does_not_open_it(site, sam):
    proposal_id = ask(site, sam)
    with pytest.raises(SamePersonError):
        countersign(proposal_id, sam)


def test_an_approved_action_runs_while_it_is_open_and_not_after(site, sam, carl):
    glass = open_glass(site, sam, carl)
    first = get(submit(site).request_id)
    vote(site, first)
    execute(first.pk)
    assert get(first.pk).status == "executed"
    second = get(submit(site, changes={"industry": "Retail"}, expected=None).request_id)
    vote(site, second)
    end_break_glass(break_glass_id=glass.pk, user_id=carl.pk, now=get_now())
    execute(second.pk)
    assert (get(second.pk).status, get(second.pk).status_code) == ("denied", "tier_blocked")


def test_it_closes_by_the_databases_clock(site, sam, carl):
    proposal_id = ask(site, sam)
    countersign(proposal_id, carl, now=get_now() - timedelta(hours=2))
    assert outcome(site) == ("denied", ["tier_blocked"])
    with pytest.raises(BreakGlassError):
        end_break_glass(break_glass_id=BreakGlass.objects.get().pk, user_id=carl.pk, now=get_now())


def test_only_the_named_action_object_record_and_place_are_open(site, sam, carl):
    open_glass(site, sam, carl, record_id="no-such-record")
    assert outcome(site) == ("denied", ["tier_blocked"])
    BreakGlass.objects.update(record_id="", object_type="deals")
    assert outcome(site) == ("denied", ["tier_blocked"])
    other = make_connection(site.world.workspace, "other")
    BreakGlass.objects.update(object_type="companies", connection=other)
    assert outcome(site) == ("denied", ["tier_blocked"])
    BreakGlass.objects.update(connection=site.world.connection)
    assert outcome(site, changes={"industry": "Retail"}, expected=None) == ("pending", ["break_glass"])


def test_human_commitments_stay_closed(site, sam, carl):
    """PRM-07: no glass opens what people promised."""
    open_glass(site, sam, carl, object_type="deals")
    deal = {"object": "deals", "id": "1"}
    row = get(submit(site, target=deal, changes={"amount": 1}, expected=None).request_id)
    assert row.status == "denied"
    assert "human_commitment" in {check["code"] for check in row.decision["checks"]}


@pytest.mark.parametrize("minutes", [0, -1, 241, 100_000])
def test_it_is_short(site, sam, minutes):
    with pytest.raises(ChangeRefusedError, match="240"):
        ask(site, sam, minutes=minutes)


def test_the_database_refuses_a_long_one_and_one_person_for_two(site, sam, carl):
    glass = open_glass(site, sam, carl)
    for change in ({"minutes": 241}, {"countersigned_by": glass.asked_by_id}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BreakGlass.objects.update(**change)


def test_there_is_no_glass_where_nothing_is_blocked(site, sam):
    with pytest.raises(ChangeRefusedError, match="no glass"):
        ask(site, sam, action="create_task", object_type="tasks")


def test_without_approvers_nothing_is_opened(site, sam):
    ActionTier.objects.get(action="update").approver_groups.clear()
    republish(site)
    with pytest.raises(ChangeRefusedError, match="nobody could approve"):
        ask(site, sam)


def test_only_who_may_asks_countersigns_and_ends(site, sam, carl):
    stray = make_login(site.world.workspace, "view_requests", name="Stray")
    foreign = make_login(make_workspace("other"), "break_glass", "countersign_changes", name="Foreign")
    for user in (stray, foreign, carl):
        with pytest.raises(NotAllowedError):
            ask(site, user)
    proposal_id = ask(site, sam)
    for user in (stray, foreign):
        with pytest.raises(NotAllowedError):
            countersign(proposal_id, user)
    countersign(proposal_id, carl)
    glass = BreakGlass.objects.get()
    for user in (stray, foreign):
        with pytest.raises(NotAllowedError):
            end_break_glass(break_glass_id=glass.pk, user_id=user.pk, now=get_now())


def test_it_is_loud(site, sam, carl, caplog):
    """The banner stands on every page, the ledger and the log have it."""
    with caplog.at_level(logging.WARNING):
        glass = open_glass(site, sam, carl)
    assert "break_glass_opened" in caplog.text
    assert LedgerEvent.objects.filter(type="break_glass.opened").count() == 1
    viewer = make_login(site.world.workspace, "view_requests", name="Vera")
    page = text_of(log_in(viewer).get(reverse("admin:index")))
    assert "Break-glass is open" in page
    assert "may ask to update any of companies" in page
    end_break_glass(break_glass_id=glass.pk, user_id=sam.pk, now=get_now())
    assert "Break-glass is open" not in text_of(log_in(viewer).get(reverse("admin:index")))
    assert LedgerEvent.objects.filter(type="break_glass.ended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_glass_that_cannot_be_read_is_closed(site, sam, carl):
    open_glass(site, sam, carl)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_breakglass RENAME TO governance_breakglass_gone")
    try:
        assert outcome(site) == ("denied", ["tier_blocked"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE governance_breakglass_gone RENAME TO governance_breakglass")


def test_a_common_update_does_not_ask_for_it():
    site = make_site()
    submit(site)
    with captured_statements() as plain:
        submit(site, changes={"industry": "Retail"}, expected=None)
    assert not [statement for statement in plain if "governance_breakglass" in statement]


def test_the_page_asks_and_ends(site, sam, carl):
    client = log_in(sam)
    data = {
        "agent": str(site.world.agent.pk),
        "connection": str(site.world.connection.pk),
        "action": "update",
        "object_type": "companies",
        "record_id": "",
        "minutes": "15",
        "reason": "needed",
    }
    address = "/admin/governance/breakglass/ask/"
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 302
    countersign(ChangeProposal.objects.get().pk, carl)
    glass = BreakGlass.objects.get()
    assert "End it now" in text_of(client.get(reverse("admin:governance_breakglass_changelist")))
    client.post(reverse("admin:governance_breakglass_end", args=[glass.pk]))
    glass.refresh_from_db()
    assert glass.ended_by_id == sam.person_id
    assert log_in(carl).post(address, data).status_code == 403
