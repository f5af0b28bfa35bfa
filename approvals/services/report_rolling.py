"""Roll-ups: the finished days of each week once, so that a report reads one row and not thousands (REP-01)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from approvals.domain.week_sums import sum_tallies
from approvals.domain.weeks import Week, week_of
from approvals.models import ReportRollUp, ReportTally
from approvals.selectors.report_tallies import sum_span
from approvals.services.report_tallying import REPORTS
from audit.services.follow import hold_still
from governance.models import Workspace

MOST_WEEKS = 60
"""In one turn; the newest first, so that a first roll-up of years begins with what people look at."""


def roll_up_reports(*, now: datetime) -> int:
    """Roll up every finished day that is not; returns how many weeks were brought on. A second call changes nothing.

    A transaction a week, in which the follower that counts is held still: what it counts later it adds itself.
    """
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    due = [item for pk in Workspace.objects.values_list("pk", flat=True) for item in _list_due(pk, yesterday)]
    due.sort(key=lambda item: item[1], reverse=True)
    for workspace_id, week in due[:MOST_WEEKS]:
        _roll_up(workspace_id, week, min(week.sunday, yesterday))
    return len(due[:MOST_WEEKS])


def _list_due(workspace_id: UUID, yesterday: date) -> list[tuple[UUID, Week]]:
    first = ReportTally.objects.filter(workspace_id=workspace_id).order_by("day").values_list("day", flat=True).first()
    if first is None:
        return []
    rolled = dict(ReportRollUp.objects.filter(workspace_id=workspace_id).values_list("monday", "through"))
    return [
        (workspace_id, week)
        for week in _weeks(first, yesterday)
        if rolled.get(week.monday, date.min) < min(week.sunday, yesterday)
    ]


def _weeks(first: date, last: date) -> Iterable[Week]:
    week = week_of(first)
    while week.monday <= last:
        yield week
        week = week.next


@transaction.atomic
def _roll_up(workspace_id: UUID, week: Week, through: date) -> None:
    hold_still(REPORTS)
    sums = sum_tallies(sum_span(workspace_id, [(week.monday, through)]))
    ReportRollUp.objects.update_or_create(
        workspace_id=workspace_id,
        monday=week.monday,
        defaults={"through": through, "sums": sums.kept(), "days": sums.days},
    )
