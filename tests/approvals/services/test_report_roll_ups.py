"""Roll-ups of reports: the same numbers as the tallies, whatever came when, and whatever is missing (REP-01)."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.domain.measures import FIELD_MEASURES, WITH_CODE, Measure
from approvals.domain.report_keys import FIELD, NO_AGENT, STOPS_ENGAGED, WAITED, by_code
from approvals.domain.week_sums import WeekSums
from approvals.domain.weeks import week_of
from approvals.models import ReportRollUp, ReportTally
from approvals.selectors.report_tallies import read_weeks
from approvals.services import report_tallying
from approvals.services.report_rolling import roll_up_reports
from approvals.services.report_tallying import Key, rebuild_reports
from approvals.services.report_turn import keep_reports
from approvals.services.reports import make_weekly_report
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)  # a Thursday
TODAY, WEEK = NOW.date(), week_of(NOW.date())
AGENTS = [UUID(int=number) for number in (5, 6, 7)]


@pytest.fixture
def workspace():
    return make_workspace("acme")


def draw(workspace, chance, count=40):
    """Counts of any measures, agents and details, on any of the last seventy days."""
    names = [(measure.value, "") for measure in Measure if measure is not Measure.OPEN]
    names += [(f"{FIELD}{measure}", f"companies.f{n}") for measure in FIELD_MEASURES for n in range(3)]
    names += [(by_code(measure), f"code_{n}") for measure in WITH_CODE for n in range(3)]
    names += [(WAITED, str(seconds)) for seconds in (0, 7, 60, 3_600)]
    counts = Counter()
    for _ in range(count):
        measure, detail = chance.choice(names)
        day = TODAY - timedelta(days=chance.randrange(70))
        counts[Key(workspace.pk, day, measure, chance.choice(AGENTS), detail)] += chance.randrange(1, 9)
    counts[Key(workspace.pk, TODAY - timedelta(days=chance.randrange(70)), STOPS_ENGAGED, NO_AGENT, "")] += 1
    return counts


def count(counts):
    """As the follower does, in its transaction."""
    report_tallying.add_counts(counts)


def naive_weeks(workspace, weeks):
    """Each tally by itself, added by the simplest words."""
    found = {week: WeekSums() for week in weeks}
    for row in ReportTally.objects.filter(workspace=workspace):
        sums = found.get(week_of(row.day))
        if sums is None:
            continue
        agent = row.agent_id.hex
        if row.measure == WAITED:
            place, inner = sums.waited.setdefault(agent, {}), row.detail
        elif ":" in row.measure:
            place, inner = sums.details.setdefault(row.measure, {}), row.detail
        else:
            place, inner = sums.plain.setdefault(row.measure, {}), agent
            day = sums.days.setdefault(row.day.isoformat(), {})
            day[row.measure] = day.get(row.measure, 0) + row.count
        place[inner] = place.get(inner, 0) + row.count
    return found


def weeks_back(number):
    return [week_of(TODAY - timedelta(days=7 * back)) for back in range(number)]


@pytest.mark.parametrize("seed", range(12))
def test_a_roll_up_and_the_tallies_give_the_same_numbers(workspace, seed):
    """Counting, rolling up, late counting, days that pass and roll-ups that are lost, in any order."""
    chance = random.Random(seed)  # noqa: S311 - the same rows on every run
    weeks, now = weeks_back(7), NOW - timedelta(days=3)
    for _ in range(8):
        step = chance.choice(("count", "count", "roll", "lose", "wait"))
        if step == "count":
            count(draw(workspace, chance))
        elif step == "roll":
            roll_up_reports(now=now)
        elif step == "lose":
            ReportRollUp.objects.filter(monday__in=[week.monday for week in chance.sample(weeks, 2)]).delete()
        else:
            now += timedelta(days=1)
        assert read_weeks(workspace_id=workspace.pk, whole=weeks, drawn=()) == naive_weeks(workspace, weeks)


def test_the_report_is_the_same_with_and_without_roll_ups(workspace):
    count(draw(workspace, random.Random(1), 300))  # noqa: S311 - the same rows on every run
    live = make_weekly_report(workspace_id=workspace.pk, week=WEEK)
    assert roll_up_reports(now=NOW) > 0
    rolled = make_weekly_report(workspace_id=workspace.pk, week=WEEK)
    assert (live.figures, live.reasons, live.agents, live.fields) == (
        rolled.figures,
        rolled.reasons,
        rolled.agents,
        rolled.fields,
    )
    assert (live.days, live.trend) == (rolled.days, rolled.trend)


def test_the_report_reads_the_roll_up_and_not_the_tallies_it_holds(workspace):
    """Enforced by taking the tallies away: what was rolled up is still there, today is not."""
    count(draw(workspace, random.Random(2), 300))  # noqa: S311 - the same rows on every run
    roll_up_reports(now=NOW)
    before = make_weekly_report(workspace_id=workspace.pk, week=WEEK.before)
    ReportTally.objects.all().delete()
    assert make_weekly_report(workspace_id=workspace.pk, week=WEEK.before) == before
    with CaptureQueriesContext(connection) as queries:
        make_weekly_report(workspace_id=workspace.pk, week=WEEK.before)
    assert len(queries) == 2  # the roll-ups, the agents' names


def test_today_is_never_rolled_up_and_a_finished_week_whole(workspace):
    count(draw(workspace, random.Random(3), 300))  # noqa: S311 - the same rows on every run
    roll_up_reports(now=NOW)
    reached = dict(ReportRollUp.objects.values_list("monday", "through"))
    assert reached[WEEK.monday] == TODAY - timedelta(days=1)
    assert reached[WEEK.before.monday] == WEEK.before.sunday


def test_a_second_turn_changes_nothing(workspace):
    count(draw(workspace, random.Random(4)))  # noqa: S311 - the same rows on every run
    assert keep_reports(now=NOW) > 0
    before = list(ReportRollUp.objects.order_by("pk").values())
    assert keep_reports(now=NOW) == 0
    assert list(ReportRollUp.objects.order_by("pk").values()) == before


def test_on_a_monday_nothing_of_the_week_is_finished(workspace):
    monday = datetime.combine(WEEK.monday, datetime.min.time(), tzinfo=UTC)
    count(draw(workspace, random.Random(5)))  # noqa: S311 - the same rows on every run
    roll_up_reports(now=monday)
    assert not ReportRollUp.objects.filter(monday=WEEK.monday).exists()


def test_counting_again_forgets_the_roll_ups_too(workspace):
    count(draw(workspace, random.Random(6)))  # noqa: S311 - the same rows on every run
    roll_up_reports(now=timezone.now())
    rebuild_reports()
    assert not ReportRollUp.objects.exists()


def test_a_workspace_without_requests_has_no_roll_ups(workspace):
    assert roll_up_reports(now=NOW) == 0
    assert make_weekly_report(workspace_id=workspace.pk, week=WEEK).figure(Measure.RECEIVED).value == 0
