"""Backtests as jobs: replayed in steps, resumed, cancelled, recorded, and not to be forged (POL-06)."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AgentActionRequest
from approvals.services import backtest as running
from approvals.services.backtest import run_backtest
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import FieldOwnership, PolicyBacktest
from governance.services.backtests import (
    BacktestError,
    BacktestTamperedError,
    cancel_backtest,
    ensure_intact,
    start_backtest,
    take_backtest,
)
from tests.builders.api import make_site
from tests.builders.approvals import submit, submit_executed, submit_pending

pytestmark = pytest.mark.django_db


def block(name):
    FieldOwnership.objects.filter(field__name=name).update(permission_level="blocked")


def start(site, days=7):
    world = site.world
    return start_backtest(workspace_id=world.workspace.pk, person_id=world.owner.pk, days=days, now=get_now())


def finish():
    while run_backtest(seconds=5):
        pass
    return PolicyBacktest.objects.latest("created_at")


def test_a_draft_is_replayed_against_what_agents_really_asked():
    """POL-06: newly denied, by agent and check, and the requests themselves."""
    site = make_site()
    allowed = submit(site)
    submit_pending(site)
    block("numberofemployees")
    start(site)
    row = finish()
    assert (row.state, row.done, row.total) == ("done", 2, 2)
    assert (row.result["replayed"], row.result["denied"], row.result["undecidable"]) == (2, 1, 0)
    assert [item["id"] for item in row.result["changed"]] == [str(allowed.request_id)]
    assert row.result["by_agent"] == {"agent.enrichment": {"denied": 1}}
    assert "permission_level" in {reason.split("/")[0] for reason in row.result["by_reason"]}


def test_nothing_of_a_request_is_changed_by_its_replay():
    site = make_site()
    submit_executed(site)
    before = AgentActionRequest.objects.values().get()
    block("numberofemployees")
    start(site)
    finish()
    assert AgentActionRequest.objects.values().get() == before


def test_the_result_and_its_digest_are_in_the_ledger():
    site = make_site()
    start(site)
    row = finish()
    said = json.loads(bytes(LedgerEvent.objects.get(type="policy.backtested").body))["data"]
    assert (said["result"], said["digest"]) == (row.result_digest, row.digest)
    ensure_intact(row)


@pytest.mark.parametrize("is_digest_forged", [False, True])
def test_a_forged_result_is_refused(is_digest_forged):
    """A number made nicer below the application: neither alone nor with its digest does it pass."""
    from audit.domain.canonical import digest

    site = make_site()
    start(site)
    row = finish()
    row.result["denied"] = -1
    if is_digest_forged:
        row.result_digest = digest(row.result)
    row.save()
    with pytest.raises(BacktestTamperedError):
        ensure_intact(PolicyBacktest.objects.get(pk=row.pk))


def test_a_worker_that_dies_loses_one_step_at_most_and_doubles_nothing(monkeypatch):
    monkeypatch.setattr(running, "STEP", 1)
    site = make_site()
    for _ in range(3):
        submit_pending(site)
    start(site)
    steps = []
    original = running._replay

    def die_at_the_second(*args):
        steps.append(1)
        if len(steps) == 2:
            raise SystemExit
        original(*args)

    monkeypatch.setattr(running, "_replay", die_at_the_second)
    with pytest.raises(SystemExit):
        run_backtest(seconds=5)
    assert PolicyBacktest.objects.get().done == 1
    assert not run_backtest(seconds=5), "the lease of the dead worker holds"
    PolicyBacktest.objects.update(taken_until=None)
    row = finish()
    assert (row.state, row.done, row.result["replayed"]) == ("done", 3, 3)


def test_a_cancelled_backtest_stops_at_its_next_step(monkeypatch):
    monkeypatch.setattr(running, "STEP", 1)
    site = make_site()
    for _ in range(2):
        submit_pending(site)
    backtest = start(site)
    original = running._replay

    def cancel_meanwhile(*args):
        original(*args)
        assert cancel_backtest(backtest_id=backtest, person_id=site.world.approver.pk, now=get_now())

    monkeypatch.setattr(running, "_replay", cancel_meanwhile)
    assert run_backtest(seconds=5)
    row = PolicyBacktest.objects.get()
    assert (row.state, row.done, row.result) == ("cancelled", 0, {})
    assert not cancel_backtest(backtest_id=backtest, person_id=site.world.owner.pk, now=get_now())
    assert not run_backtest(seconds=5)


def test_who_cancelled_a_backtest_is_on_record_once():
    """AUD-08: evidence that a promotion asks for does not vanish without a name."""
    site = make_site()
    submit_pending(site)
    backtest, person = start(site), site.world.approver.pk
    for _ in range(2):
        cancel_backtest(backtest_id=backtest, person_id=person, now=get_now())
    event = json.loads(bytes(LedgerEvent.objects.get(type="policy.backtest_cancelled").body))
    assert (event["actor"]["id"], event["subject"]["id"]) == (str(person), str(backtest))
    assert event["data"] == {"days": 7, "digest": PolicyBacktest.objects.get().digest, "done": 0, "total": None}


def test_one_backtest_has_one_worker():
    site = make_site()
    start(site)
    assert take_backtest(now=get_now()) is not None
    assert take_backtest(now=get_now()) is None


def test_an_error_ends_it_and_is_told(monkeypatch):
    site = make_site()
    submit(site)
    start(site)

    def break_down(*_args):
        raise ValueError

    monkeypatch.setattr(running, "_replay", break_down)
    run_backtest(seconds=5)
    row = PolicyBacktest.objects.get()
    assert (row.state, row.error) == ("failed", "ValueError")


@pytest.mark.parametrize("days", [0, -1, 366])
def test_the_time_is_bounded(days):
    with pytest.raises(BacktestError):
        start(make_site(), days=days)


def test_a_draft_that_contradicts_itself_is_not_asked():
    site = make_site()
    FieldOwnership.objects.filter(field__name="amount").update(permission_level="safe_write")
    with pytest.raises(BacktestError, match="mend the rows"):
        start(site)


def test_the_number_of_queries_does_not_grow_with_the_requests_of_a_step():
    site = make_site()
    for _ in range(2):
        submit_pending(site)
    start(site)
    with CaptureQueriesContext(
        connection,
    ) as few:
        finish()
    for _ in range(6):
        submit_pending(site)
    start(site)
    with CaptureQueriesContext(connection) as many:
        finish()
    assert len(many) <= len(few)
