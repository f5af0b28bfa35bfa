"""The monthly sponsor review: four parts, each number with its rows (REP-02)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.domain.incident import Severity
from approvals.domain.months import Month, month_of, read_month
from approvals.models import Incident
from approvals.services.pages.sponsor import list_sections
from approvals.services.sponsor import make_sponsor_review
from approvals.views import all_requests as list_page
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from tests.approvals.views.test_reports import count_rows, linked_numbers, live_everything
from tests.builders.api import make_site
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of

pytestmark = pytest.mark.django_db

ADDRESS, FILE = reverse("approvals:sponsor"), reverse("approvals:sponsor_file")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, *ROLE_PERMISSIONS[Role.AUDITOR]))


def this_month():
    return month_of(get_now().date())


def declare(site, title, **times):
    return Incident.objects.create(
        workspace=site.world.workspace,
        title=title,
        severity=Severity.HIGH,
        began_at=get_now(),
        declared_by=site.world.owner,
        **{"declared_at": get_now(), **times},
    )


def test_every_number_opens_exactly_its_rows(site, client, monkeypatch):
    monkeypatch.setattr(list_page, "PAGE_SIZE", 1_000)
    live_everything(site)
    answer = client.get(ADDRESS, {"month": this_month().name})
    page = text_of(answer).replace('data-page="sponsor"', 'data-page="report"')
    numbers = linked_numbers(page)
    assert len(numbers) >= 7
    assert [(address, number) for address, number in numbers if count_rows(client, address) != number] == []


def test_it_has_the_four_parts_of_a_sponsor_review(site, client):
    """Meetings booked, pipeline, risk incidents, next write scopes; what cannot be measured says so."""
    live_everything(site)
    declare(site, "Wrong <b>prices</b>")
    page = text_of(client.get(ADDRESS, {"month": this_month().name}))
    for words in ("Meetings booked", "Pipeline created: not measured yet", "Risk", "Next write scopes"):
        assert words in page
    assert "Wrong &lt;b&gt;prices" in page
    assert site.world.agent.name in page


def test_incidents_are_those_of_the_month_and_those_left_open(site):
    now, month = get_now(), this_month()
    long_ago = now - timedelta(days=70)
    left = declare(site, "left open", declared_at=long_ago)
    done = {"state": "closed", "root_cause": "x", "control": "policy", "remedy": "x"}
    declare(site, "closed long ago", declared_at=long_ago, closed_at=long_ago, **done)
    new = declare(site, "new")
    review = make_sponsor_review(workspace=site.world.workspace, month=month)
    assert {one.pk for one in review.incidents} == {left.pk, new.pk}


def test_without_a_month_it_is_the_last_that_is_over(client):
    assert client.get(ADDRESS).context["review"].month == this_month().before
    assert client.get(ADDRESS, {"month": "nonsense"}).context["review"].month == this_month().before


def test_the_pdf_holds_the_same_and_nothing_that_acts(site, client):
    live_everything(site)
    answer = client.get(FILE, {"month": this_month().name})
    assert LedgerEvent.objects.get(type="report.downloaded").subject_id == f"sponsor-{this_month().name}"
    assert answer.content.startswith(b"%PDF-")
    assert b"/URI" not in answer.content
    assert f"sponsor-acme-{this_month().name}.pdf" in answer["Content-Disposition"]
    review = make_sponsor_review(workspace=site.world.workspace, month=this_month())
    titles = [section.title for section in list_sections(review)]
    assert titles[0] == "Impact"
    assert "Incidents" in titles


@pytest.mark.parametrize("path", [ADDRESS, FILE])
def test_who_may_not_read_reports_is_refused(site, path):
    """IDN-07"""
    assert log_in(make_login(site.world.workspace, "view_requests", "review_requests")).get(path).status_code == 403


def test_it_takes_the_same_queries_however_much_there_is(site):
    live_everything(site)
    workspace, month = site.world.workspace, this_month()
    with CaptureQueriesContext(connection) as few:
        make_sponsor_review(workspace=workspace, month=month)
    for number in range(5):
        declare(site, f"incident {number}")
    with CaptureQueriesContext(connection) as more:
        make_sponsor_review(workspace=workspace, month=month)
    assert len(few) == len(more) == 5


def test_the_page_holds_nothing_that_acts(site, client):
    declare(site, "=HYPERLINK('x')<script>alert(1)</script>")
    assert "<script>alert" not in text_of(client.get(ADDRESS))
    assert [node for node in find_acting_nodes(client.get(ADDRESS).content) if not node.startswith("<svg")] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("2026-11", "2026-11"), ("2026-13", None), ("", None), ("x", None), ("1999-12", None), ("9999-01", None)],
)
def test_a_month_is_read_or_refused(text, name):
    found = read_month(text)
    assert (found.name if found else None) == name


def test_a_month_knows_its_neighbours_and_days():
    month = read_month("2027-01")
    assert (month.before.name, month.next.name, len(month.days)) == ("2026-12", "2027-02", 31)
    assert month.next.last.day == 28
    assert isinstance(month.next.before, Month)
