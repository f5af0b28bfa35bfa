"""Budgets: taken with the decision, consumed at the claim, given back when nothing happens (LIM-01 to LIM-03)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AgentActionRequest
from approvals.selectors.intake_context import context_key, get_intake_context
from approvals.services import budget_facts
from approvals.services.batch import submit_batch
from approvals.services.cancel import cancel_request
from approvals.services.expiry import expire_request
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.domain.budget_counter import read_holds
from governance.models import Budget, BudgetCounter
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site, propose
from tests.builders.approvals import NAME_CHANGE, execute, get, make_principal, make_proposed, submit, submit_pending
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_budget, publish

pytestmark = pytest.mark.django_db


def limited_site(limit=3, **budget):
    site = make_site()
    make_budget(site.world.workspace, limit, **budget)
    publish(site.world)
    return site


def used(unit="writes"):
    return sum(BudgetCounter.objects.filter(unit=unit, key="agent").values_list("used", flat=True))


def held():
    """What all requests together say that they hold, by counter."""
    total = {}
    for stored in AgentActionRequest.objects.values_list("holds", flat=True):
        for counter, amount in read_holds(stored).items():
            total[counter] = total.get(counter, 0) + amount
    return total


def assert_books_balance():
    counted = dict(BudgetCounter.objects.filter(used__gt=0).values_list("pk", "used"))
    assert counted == held()


def test_the_last_unit_is_taken_once_and_the_next_proposal_is_told_when_to_come_back():
    """LIM-01: 201 denied, with the code and the seconds until the window begins anew."""
    site = limited_site(2)

    answers = [propose(site) for _ in range(3)]

    assert [answer["status"] for answer in answers] == ["approved", "approved", "denied"]
    denied = answers[2]["decision"]
    assert answers[2]["status_code"] == "budget_exhausted"
    assert 0 < denied["retry_after_seconds"] <= 3600
    assert "2 of 2 writes of this hour" in denied["reasons"][0]["message"]
    assert_books_balance()


def test_where_revops_set_nothing_the_defaults_hold():
    """LIM-02: no budget is not no limit. The record may be written 20 times a day."""
    site = make_site()
    Budget.objects.all().delete()
    publish(site.world)

    answers = [submit(site).status_code for _ in range(21)]

    assert answers == [""] * 20 + ["budget_exhausted"]


@pytest.mark.parametrize(
    "budget", [{"key": "record"}, {"key": "segment", "segment_field": "country"}], ids=lambda budget: budget["key"]
)
def test_a_budget_of_a_part_leaves_the_default_of_the_whole_in_force(budget):
    """LIM-02: 60 writes an hour for each agent, also where RevOps wrote a budget by record or segment alone."""
    site = make_site()
    Budget.objects.all().delete()
    make_budget(site.world.workspace, 1_000, **budget)
    publish(site.world)
    companies = [make_record(site.connection_id, "companies", name=f"C{n}", country="Norway") for n in range(61)]

    codes = [
        submit(site, target={"object": "companies", "id": company}, expected=None).status_code for company in companies
    ]

    assert codes == [""] * 60 + ["budget_exhausted"]


def test_money_of_a_currency_that_no_budget_names_is_denied():
    """What policy does not name is denied, and counted it cannot be."""
    site = limited_site(1_000_000, unit="spend", currency="EUR")
    usage = {"tokens": 0, "spend_micros": 400_000, "currency": "EUR"}

    assert submit(site, usage=usage).status == "approved"
    denied = propose(site, usage={**usage, "currency": "CHF"})
    assert (denied["status_code"], denied["decision"]["retry_after_seconds"]) == ("spend_not_budgeted", None)
    assert submit(site, usage={**usage, "spend_micros": 700_000}).status_code == "budget_exhausted"
    assert submit(site, usage={**usage, "spend_micros": 0, "currency": "CHF"}).status == "approved"


@pytest.mark.parametrize("way", ["cancelled", "expired", "denied at the claim"])
def test_what_never_happens_gives_back_what_it_took(way):
    """LIM-03"""
    site = limited_site(1)
    submission = submit(site, **NAME_CHANGE) if way != "denied at the claim" else submit(site)
    assert used() == 1
    assert submit(site).status_code == "budget_exhausted"

    if way == "cancelled":
        cancel_request(
            request_id=submission.request_id,
            actor=Actor("agent", "a"),
            reason="",
            now=get_now(),
            agent_id=site.world.agent.pk,
        )
    elif way == "expired":
        AgentActionRequest.objects.filter(pk=submission.request_id).update(expires_at=get_now() - timedelta(seconds=1))
        assert expire_request(request_id=submission.request_id)
    else:
        AgentActionRequest.objects.filter(pk=submission.request_id).update(digest="sha256:" + "0" * 64)
        assert execute(submission.request_id) == "denied"

    assert (used(), get(submission.request_id).holds) == (0, [])
    assert_books_balance()
    assert submit(site).status == "approved"


def test_what_was_done_keeps_what_it_took():
    site = limited_site(1)
    submission = submit(site)

    assert execute(submission.request_id) == "executed"

    assert used() == 1
    assert submit(site, expected=None, changes={"country": "Norway"}).status_code == "budget_exhausted"


def test_what_waits_for_a_person_holds_its_place():
    """Nobody is asked for what the budget would refuse afterwards."""
    site = limited_site(1)

    submit_pending(site)

    assert submit(site, **NAME_CHANGE).status_code == "budget_exhausted"


def test_an_approved_request_moves_into_the_window_of_its_claim():
    """DESIGN: consumed in the window of the claim. The hour of the decision gets its unit back."""
    site = limited_site(1)
    submission = submit(site)
    into_the_past(submission.request_id)

    assert execute(submission.request_id) == "executed"

    rows = dict(BudgetCounter.objects.filter(key="agent").values_list("starts_at", "used"))
    assert sorted(rows.items())[0][1] == 0
    assert sorted(rows.items())[-1][1] == 1
    assert_books_balance()


@pytest.mark.postgres
def test_a_claim_that_changes_windows_locks_all_its_counters_in_their_order():
    """LIM-03: before it gives one back; a denial of ten takes its counters so, and neither waits in a circle."""
    site = limited_site(1)
    submission = submit(site)
    into_the_past(submission.request_id)
    with CaptureQueriesContext(connection) as captured:
        assert execute(submission.request_id) == "executed"
    asked = [row["sql"] or "" for row in captured]
    touching = [sql for sql in asked if "governance_budgetcounter" in sql]
    changing = next(place for place, sql in enumerate(touching) if sql.startswith(("UPDATE", "INSERT")))
    locking = [sql for sql in touching[:changing] if "FOR UPDATE" in sql and "ORDER BY" in sql]
    assert locking[0].count("::uuid") == 2, "that of the window that was and that of the one that is"


def test_an_approved_request_waits_for_room_in_a_full_window():
    """It was allowed once: a limit puts it off, and does not deny it."""
    site = limited_site(1)
    first = submit(site)
    into_the_past(first.request_id)
    second = submit(site)
    assert second.status == "approved"

    assert execute(first.request_id) == "approved"

    request = get(first.request_id)
    assert request.not_before > get_now()
    assert execute(second.request_id) == "executed"
    assert_books_balance()


@pytest.mark.parametrize("hours", [0, 15])
def test_a_counter_of_the_days_first_hour_is_not_the_hour_that_runs(hours):
    """LIM-01: it begins with the day, whose counter is read too. Told apart by the start alone, it counted for the rest
    of the day where the database happened to put it last."""
    site = limited_site(3)
    principal, proposal = make_principal(site.world), make_proposed(site)
    day = datetime(2031, 5, 18, tzinfo=UTC)
    values = {"workspace_id": site.world.workspace.pk, "key": "agent", "value": site.world.agent.name, "unit": "writes"}
    for start, amount in ((day, 2), (day + timedelta(hours=15), 1)):
        BudgetCounter.objects.create(id=new_id(), window="hour", starts_at=start, used=amount, cap=3, **values)

    now = day + timedelta(hours=hours, minutes=20)
    context = get_intake_context(principal, key=context_key(proposal), now=now)

    counted = context.counters.counted
    assert counted == {("agent", site.world.agent.name, "writes", "hour"): 1 if hours else 2}


def into_the_past(request_id):
    """As if the request had been decided an hour ago: what it holds is of another window."""
    request = get(request_id)
    moved = []
    for counter, amount in read_holds(request.holds).items():
        row = BudgetCounter.objects.get(pk=counter)
        BudgetCounter.objects.filter(pk=counter).update(used=row.used - amount)
        row.pk, row.starts_at, row.used = new_id(), row.starts_at - timedelta(hours=1), amount
        row.save(force_insert=True)
        moved.append([row.pk.hex, amount])
    AgentActionRequest.objects.filter(pk=request_id).update(holds=moved)
    BudgetCounter.objects.filter(used=0).delete()


def test_items_of_a_batch_draw_on_the_same_budget():
    """Each item is judged after the ones before it, and the batch takes the sum by one statement."""
    site = limited_site(2)
    companies = [make_record(site.connection_id, "companies", name=f"C{number}") for number in range(4)]
    proposals = tuple(
        make_proposed(site, target={"object": "companies", "id": company}, expected=None) for company in companies
    )

    batch = submit_batch(principal=make_principal(site.world), proposals=proposals, idempotency_key="b", now=get_now())

    codes = [item.status_code for item in batch.items]
    assert codes == ["", "", "budget_exhausted", "budget_exhausted"]
    assert used() == 2
    assert_books_balance()


def test_counters_that_cannot_be_read_deny(monkeypatch):
    """An error in the source of the fact denies: a segment's counter is not among those that the context brings."""
    site = limited_site(5, key="segment", segment_field="name")

    def fail(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(budget_facts, "get_used", fail)

    submission = submit(site)

    assert (submission.status, submission.status_code) == ("denied", "check_failed")
    assert BudgetCounter.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_take_no_more_than_there_is():
    """LIM-03: whoever loses the race for the last unit is judged again, and denied."""
    site = limited_site(17)

    answers = together(*[lambda: submit(site)] * 50)

    unexpected = [answer for answer in answers if isinstance(answer, Exception)]
    codes = [answer.status_code for answer in answers if not isinstance(answer, Exception)]
    assert unexpected == []
    assert (codes.count(""), codes.count("budget_exhausted")) == (17, 33)
    assert used() == 17
    assert_books_balance()
