"""Incidents: declared at an exception or alone, reaching as far as rows say, closed only when all is said (EXC-04)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ExceptionCase, Incident
from audit.models import LedgerEvent
from tests.builders.api import make_site
from tests.builders.approvals import submit, submit_executed
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.exceptions import DENIED, make_case, take_news
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
ALL = ("view_requests", "handle_exceptions", "view_ledger")
WHOLE = {"root_cause": "the list was old", "control": "data", "remedy": "a rule", "severity": "high"}


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def worker(site):
    return make_login(site.world.workspace, *ALL, name="Wanda Worker")


def declare(user, **data):
    address = reverse("approvals:declare_incident")
    return log_in(user).post(address, {"title": "Wrong headcounts", "severity": "high", **data}, follow=True)


def change(user, row, **data):
    return log_in(user).post(reverse("approvals:change_incident", args=[row.pk]), data, follow=True)


def read(user, row):
    return log_in(user).get(reverse("approvals:incident", args=[row.pk]))


def test_its_reach_is_counted_from_the_rows_of_the_agent_in_its_time(site, worker):
    submit(site, **DENIED)
    submit_executed(site)
    submit(make_site("globex", agent_name="agent.other"), **DENIED)
    take_news()
    case = ExceptionCase.objects.get(workspace=site.world.workspace)
    page = declare(worker, case=str(case.pk), began_at="2020-01-01T00:00").context["page"]
    radius = page.radius
    assert (radius.requests, radius.denied, radius.applied, radius.records, radius.people) == (2, 1, 1, 1, 0)
    assert (page.incident.case_id, page.incident.agent_id) == (case.pk, site.world.agent.pk)
    assert {act.type for act in page.acts} >= {"request.received"}
    assert [event.title for event in page.events] == ["Opened", "Incident declared"]


def test_it_closes_only_when_cause_control_and_remedy_are_said(site, worker):
    declare(worker)
    row = Incident.objects.get()
    assert "say the root cause" in text_of(change(worker, row, verb="close"))
    change(worker, row, verb="findings", **WHOLE)
    change(worker, row, verb="mitigate")
    assert "mitigated already" in text_of(change(worker, row, verb="mitigate"))
    change(worker, row, verb="note", comment="told the customer")
    change(worker, row, verb="close")
    row.refresh_from_db()
    assert (row.state, row.ended_at is not None) == ("closed", True)
    assert "it is closed" in text_of(change(worker, row, verb="note", comment="late"))
    kinds = list(LedgerEvent.objects.filter(subject_id=str(row.pk)).order_by("id").values_list("type", flat=True))
    assert kinds == [f"incident.{name}" for name in ("declared", "updated", "mitigated", "noted", "closed")]
    event = LedgerEvent.objects.get(type="incident.noted")
    assert b"customer" not in bytes(event.body)
    assert str(event.pk) in text_of(read(worker, row))


@pytest.mark.parametrize(
    "data",
    [
        {"title": " "},
        {"severity": "awful"},
        {"agent": "agent.nobody"},
        {"began_at": "2999-01-01T00:00"},
        {"began_at": "2020-01-02T00:00", "ended_at": "2020-01-01T00:00"},
    ],
)
def test_nonsense_declares_nothing(worker, data):
    assert "Nothing was declared" in text_of(declare(worker, **data))
    assert not Incident.objects.exists()


def test_a_breaker_trip_suggests_an_incident_until_one_is_declared(site, worker):
    case = make_case(site.world.workspace, kind="breaker_trip", code="denials", subject="watched", field="")
    address = reverse("approvals:incidents")
    assert "Is this an incident?" in text_of(log_in(worker).get(address))
    declare(worker, case=str(case.pk))
    assert "Is this an incident?" not in text_of(log_in(worker).get(address))


def test_a_case_of_another_workspace_cannot_be_named(worker):
    foreign = make_case(make_workspace("other"))
    assert "no such exception" in text_of(declare(worker, case=str(foreign.pk)))


def test_who_only_looks_and_who_is_of_elsewhere_change_nothing(site, worker):
    declare(worker)
    row = Incident.objects.get()
    looker = make_login(site.world.workspace, "view_requests", name="Lena Looker")
    other = make_login(make_workspace("other"), *ALL, name="Otto Other")
    assert (declare(looker).status_code, change(looker, row, verb="mitigate").status_code) == (403, 403)
    assert change(other, row, verb="mitigate").status_code == read(other, row).status_code == 404
    assert read(looker, row).status_code == 200
    rep = make_login(site.world.workspace, "view_own_requests", name="Rita Rep")
    assert read(rep, row).status_code == 404
    for address in (reverse("approvals:incidents"), reverse("approvals:incident", args=[row.pk])):
        assert Client().get(address).status_code == 302
    assert Incident.objects.get().state == "open"


def test_hostile_words_do_nothing_and_queries_stay_few(site, worker):
    declare(worker, title="<img src=x onerror=alert(1)>")
    row = Incident.objects.get()
    change(worker, row, verb="findings", **{**WHOLE, "root_cause": "</textarea><script>alert(1)</script>"})
    change(worker, row, verb="note", comment="<svg onload=alert(1)>")
    for page in (read(worker, row), log_in(worker).get(reverse("approvals:incidents"))):
        assert find_acting_nodes(page.content) == []
    client = log_in(worker)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("approvals:incident", args=[row.pk]))
    for _ in range(5):
        submit(site, **DENIED)
    with CaptureQueriesContext(connection) as more:
        client.get(reverse("approvals:incident", args=[row.pk]))
    assert len(more) <= len(few) + 1
