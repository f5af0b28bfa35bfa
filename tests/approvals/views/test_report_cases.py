"""Exceptions and second looks in the weekly report: each number opens exactly its rows (REP-01, EXC-02, QAS-02)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.domain.exception_case import CaseKind
from approvals.domain.weeks import week_of
from approvals.models import ExceptionCase
from approvals.selectors.report_cases import CaseMeasure, count_cases, list_cases, list_closing_seconds
from approvals.services.pages.report_cases import show_cases_part
from approvals.services.report_files import make_report_file
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.exceptions import make_case
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
ADDRESS, BEHIND = reverse("approvals:report"), reverse("approvals:report_cases")


@pytest.fixture
def workspace():
    return make_workspace("acme")


@pytest.fixture
def client(workspace):
    return log_in(make_login(workspace, *ROLE_PERMISSIONS[Role.AUDITOR]))


def this_week():
    return week_of(get_now().date())


def put(case, **times):
    ExceptionCase.objects.filter(pk=case.pk).update(**times)
    return case


def live(workspace):
    """One opened now and open, one closed now after two days, one late since a moment, one of long ago."""
    now = get_now()
    make_case(workspace)
    closed = {"opened_at": now - timedelta(days=2), "state": "closed", "closed_at": now, "alarm_at": None}
    put(make_case(workspace, kind=CaseKind.CONFLICT, code="drift", field=""), **closed)
    late = now - timedelta(milliseconds=1)
    put(make_case(workspace, kind=CaseKind.FAILED, code="late", field=""), review_due_at=late, due_at=late)
    old = {**closed, "opened_at": now - timedelta(days=90), "closed_at": now - timedelta(days=80)}
    put(make_case(workspace, kind=CaseKind.FAILED, code="old", field=""), **old)


def test_every_number_opens_exactly_its_rows(workspace, client):
    live(workspace)
    page = client.get(ADDRESS)
    assert not find_acting_nodes(page.content)
    found = re.findall(rf'href="({BEHIND}[^"]+)">(\d+)<', text_of(page))
    assert len(found) >= 6
    for address, number in found:
        assert text_of(client.get(unescape(address))).count("data-row") == int(number), address


def test_a_week_says_what_was_opened_closed_open_and_late(workspace):
    live(workspace)
    now, week = get_now(), this_week()
    counts = count_cases(workspace_id=workspace.pk, week=week, now=now).kinds
    assert {kind: found[CaseMeasure.LATE] for kind, found in counts.items()} == {
        "conflict": 0,
        "denied_by_rule": 0,
        "failed": 1,
    }
    assert counts["conflict"][CaseMeasure.CLOSED] == 1
    assert counts["conflict"][CaseMeasure.LEFT_OPEN] == 0
    assert counts["denied_by_rule"][CaseMeasure.LEFT_OPEN] == 1
    assert list_closing_seconds(workspace_id=workspace.pk, week=week) == [("conflict", 2 * 86_400)]
    part = show_cases_part(workspace=workspace, week=week, now=now)
    assert [line.median for line in part.lines if line.words == "conflict"] == ["2 d"]
    assert part.lines[-1].words == "all kinds"


@pytest.mark.parametrize(
    ("reviewed", "closed", "is_late"),
    [(None, None, True), (-2, None, False), (1, None, True), (None, -2, False), (1, 1, True)],
)
def test_a_clock_is_late_when_it_ran_out_before_the_deed(workspace, reviewed, closed, is_late):
    """EXC-02: hours from when the review was due; what is done in time, or closed before, is not late."""
    due = get_now() - timedelta(hours=3)
    times = {"review_due_at": due, "due_at": due, "opened_at": due - timedelta(days=1)}
    if reviewed is not None:
        times["reviewed_at"] = due + timedelta(hours=reviewed)
    if closed is not None:
        times |= {"closed_at": due + timedelta(hours=closed), "state": "closed"}
    put(make_case(workspace), **times)
    week = week_of(due.date())
    assert list_cases(workspace_id=workspace.pk, week=week, now=get_now(), measure=CaseMeasure.LATE).exists() is is_late


def test_what_is_due_later_this_week_is_not_late_yet(workspace):
    now = get_now()
    soon = now + timedelta(seconds=5)
    put(make_case(workspace), review_due_at=soon, remediation_due_at=soon)
    late = list_cases(workspace_id=workspace.pk, week=week_of(soon.date()), now=now, measure=CaseMeasure.LATE)
    assert not late.exists()


def test_the_part_takes_two_queries_however_many_there_are(workspace):
    live(workspace)
    now, week = get_now(), this_week()
    with CaptureQueriesContext(connection) as queries:
        show_cases_part(workspace=workspace, week=week, now=now)
    assert len(queries) == 2


def test_the_files_tell_the_same(workspace):
    live(workspace)
    now = get_now()
    text = make_report_file(kind="csv", workspace=workspace, week=this_week(), now=now).decode()
    assert "exceptions,conflict,closed in the week,1" in text.replace('"', "")
    assert make_report_file(kind="pdf", workspace=workspace, week=this_week(), now=now).startswith(b"%PDF")


def test_a_quiet_week_says_so_and_nonsense_is_not_found(workspace, client):
    week = this_week().before.before.monday.isoformat()
    assert "No exception was open in this week." in text_of(client.get(ADDRESS, {"week": week}))
    wrong = {"week": week, "what": "opened", "kind": "x"}
    for asked in ({}, {"week": "x", "what": "opened"}, {"week": week, "what": "x"}, wrong):
        assert client.get(BEHIND, asked).status_code == 404


def test_who_may_not_read_reports_sees_no_rows_either(workspace):
    """IDN-07"""
    reviewer = log_in(make_login(workspace, "view_requests", "review_requests", name="Rita Reviewer"))
    assert reviewer.get(BEHIND, {"week": this_week().monday.isoformat(), "what": "opened"}).status_code == 403
