"""Telling people that a report is there: last week's and last month's, once to each who may read it (REP-02).

Who wants it by e-mail chooses so on their notifications page; the mail has the headlines and the way to the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from approvals.domain.months import Month, month_of
from approvals.domain.notification_kinds import Kind
from approvals.domain.report_words import value_words
from approvals.domain.weeks import Week, week_of
from approvals.models import Notification, ReportIssue, ReportTally
from approvals.services.notifications import notify
from approvals.services.report_tallying import REPORTS
from approvals.services.reports import make_weekly_report
from approvals.services.sponsor import HEADLINES as OF_MONTH
from approvals.services.sponsor import make_sponsor_review
from audit.selectors.lag import get_follower_lags
from governance.models import Workspace
from governance.selectors.holders import list_holders

_OF_WEEK = ("received", "executed", "acceptance", "exceptions", "median")


@dataclass(frozen=True, slots=True)
class _Report:
    """What is told: `period` is its name of the week or month, `facts` its headlines."""

    kind: Kind
    period: str
    title: str
    path: str
    facts: Sequence[tuple[str, str]]


def issue_reports(*, now: datetime) -> int:
    """Tell of the last finished week and month; returns how many reports were told of, 0 when all were already.

    What a clock that ran ahead told too early is told again in its time. Waits while the ledger's news are not all
    counted. A workspace whose agents never asked for anything is not told.
    What breaks one report keeps no other waiting: the first error is raised when all had their turn.
    """
    if get_follower_lags().get(REPORTS.name, 0):
        return 0
    today = now.astimezone(UTC).date()
    week, month = week_of(today).before, month_of(today).before
    periods = (week.name, month.name)
    ReportIssue.objects.filter(issued_at__gt=now).exclude(period__in=periods).delete()  # by a clock that ran ahead
    issued = set(ReportIssue.objects.filter(period__in=periods).values_list("workspace_id", "period"))
    due: list[tuple[Callable[[Workspace, Any, datetime], bool], Workspace, Any]] = [
        (issue, workspace, period)
        for workspace in Workspace.objects.order_by("pk")
        for issue, period in ((_issue_week, week), (_issue_month, month))
        if (workspace.pk, period.name) not in issued
    ]
    told, errors = 0, []
    for issue, workspace, period in due:
        try:
            told += issue(workspace, period, now)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return told


def _issue_week(workspace: Workspace, week: Week, now: datetime) -> bool:
    if not _has_counted(workspace, week.end):
        return False
    report = make_weekly_report(workspace_id=workspace.pk, week=week)
    facts = [(figure.name, value_words(figure.value, figure.unit)) for figure in map(report.figure, _OF_WEEK)]
    path = f"{reverse('approvals:report')}?{urlencode({'workspace': workspace.slug, 'week': week.monday.isoformat()})}"
    return _issue(workspace, _Report(Kind.REPORT_WEEKLY, week.name, "Weekly report", path, facts), now)


def _issue_month(workspace: Workspace, month: Month, now: datetime) -> bool:
    if not _has_counted(workspace, month.end):
        return False
    review = make_sponsor_review(workspace=workspace, month=month)
    facts = [(line.name, f"{line.value:,}") for line in review.lines if line.key in OF_MONTH]
    path = f"{reverse('approvals:sponsor')}?{urlencode({'workspace': workspace.slug, 'month': month.name})}"
    return _issue(workspace, _Report(Kind.REPORT_MONTHLY, month.name, "Monthly sponsor review", path, facts), now)


def _has_counted(workspace: Workspace, end: datetime) -> bool:
    """Whether anything was counted for a day before the end: a report of before there was anything tells nothing."""
    return ReportTally.objects.filter(workspace=workspace, day__lt=end.date()).exists()


@transaction.atomic
def _issue(workspace: Workspace, report: _Report, now: datetime) -> bool:
    """One transaction: a crash tells nobody, or everybody. The constraint lets the first of two at once tell."""
    _, is_new = ReportIssue.objects.get_or_create(
        workspace=workspace, kind=report.kind, period=report.period, defaults={"issued_at": now}
    )
    if is_new:
        notify(
            workspace_id=workspace.pk,
            kind=report.kind,
            key=_key(workspace, report, now),
            title=f"{report.title} {report.period}, {workspace.name}",
            path=report.path,
            person_ids=list_holders(workspace, "view_reports"),
            now=now,
            facts=report.facts,
        )
    return is_new


def _key(workspace: Workspace, report: _Report, now: datetime) -> str:
    """Another one where it was told too early, so that who was told then is told once more."""
    key = f"{workspace.slug}:{report.period}"
    was_told = Notification.objects.filter(kind=report.kind, key=key).exists()
    return f"{key}:{now.astimezone(UTC).date()}" if was_told else key
