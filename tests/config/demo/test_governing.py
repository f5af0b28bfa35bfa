"""The second half of the story on real services: a draft reaches production by two people; drills count apart."""

from typing import Any

import pytest
from django.core.management import call_command

from approvals.models import DrillRun
from approvals.services.study import study
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from config.demo import governing, keeping, releasing
from config.demo.counts import count_story
from crm_connectors.services.demo_data import load_demo_records
from governance.models import Connection, DncEntry, PolicyRelease

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    call_command("seed_starter", verbosity=0)
    found = Connection.objects.get(name="embedded")
    load_demo_records(connection_id=found.pk, companies=5, seed=7, now=get_now())
    return found


def test_a_draft_reaches_production_by_two_people(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """SBX-03, POL-05, POL-06: the story publishes, backtests and promotes through the services, and a rerun says so."""
    monkeypatch.setattr(releasing, "wait_for", _work)
    since = get_now()
    said: list[str] = []
    releasing.release(said.append)
    release = PolicyRelease.objects.get(workspace=connection.workspace, environment="production")
    assert release.countersigned_by is not None
    assert release.released_by != release.countersigned_by
    releasing.release(said.append)
    assert PolicyRelease.objects.filter(environment="production").count() == 1
    assert any("already" in line for line in said)
    governed = _count(since).governed
    assert (governed.promotions, governed.two_person_changes, governed.versions_published) == (1, 1, 1)
    assert governed.golden_cases > 0


def test_the_drill_counts_apart_from_the_agents_work(connection: Connection) -> None:
    """PRG-02: all ten are stopped by the starter pack, and none of them is told as work of an agent."""
    since = get_now()
    said: list[str] = []
    governing.drill(said.append)
    counts = _count(since)
    assert counts.requests == 0
    assert (counts.governed.dumb_failures, counts.governed.dumb_failures_stopped) == (10, 10)
    assert said == ["Of 10 dumb failures, policy stopped 10, each by the control it is about: 7 of them."]


def test_each_dumb_failure_is_stopped_by_the_control_it_is_about(connection: Connection) -> None:
    """PRG-02: no case is stopped by a missing grant; the agent of drills is granted what it asks for."""
    governing.drill(print)
    results = {result["name"]: result for result in DrillRun.objects.get().results}
    assert {name: result["control"] for name, result in results.items()} == {
        "injected instruction": "permission_level",
        "human commitment": "human_commitment",
        "stage jump": "permission_level",
        "hidden characters": "validation",
        "endless text": "validation",
        "sensitive note": "rule:personal-data",
        "duplicate": "rule:duplicates",
        "invented value": "validation",
        "unsure and without a source": "evidence",
        "too helpful": "budgets",
    }
    assert not any("grant" in code for result in results.values() for code in result["codes"])


def _work(condition: Any, *, seconds: float) -> bool:  # as the story's own
    """The server's study loop, in this process."""
    while not condition() and study(seconds=1):
        pass
    return bool(condition())


def _count(since: Any) -> Any:
    maintain_ledger(now=get_now())
    report = verify_ledger()
    assert report.is_ok
    return count_story(since=since, report=report, seconds=1)


def test_what_is_kept_up_comes_back_as_it_went_out_and_a_second_run_says_so(connection: Connection) -> None:
    """REG-03, REG-10, POL-08, DNC-04: no table differs from its file, and one person takes nobody off the list."""
    assert connection.name == "embedded"
    said: list[str] = []
    keeping.keep_up(said.append)
    assert [line.count("(0 of its rows would change)") for line in said] == [2, 0, 0]
    assert "may not agree" in said[2]
    assert DncEntry.objects.get(value=keeping.WRONG_NUMBER).removed_at is None
    keeping.keep_up(said.append)
    assert "already" in said[-1]
