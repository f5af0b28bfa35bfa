"""Reports of bad actions: by the page, by the API with a login or a token; once, not too many, only what one sees
(EXC-05)."""

from datetime import timedelta

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from approvals.api import answers
from approvals.domain.bad_action import MAX_AN_HOUR
from approvals.models import BadActionReport, ExceptionCase
from approvals.services.bad_action import report_by_person
from approvals.services.exception_desk import Worker, close_case
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site, post
from tests.builders.approvals import submit, submit_executed
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_integration, make_integration_token, make_token, make_workspace, stray_id

pytestmark = pytest.mark.django_db
REP = ("view_own_requests", "report_bad_actions")
MEMBER = ("view_requests", "report_bad_actions")
URL = "/api/v1/reports/bad-action/"


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def row(site):
    return submit_executed(site)


@pytest.fixture
def member(site):
    return make_login(site.world.workspace, *MEMBER, name="Mia Member")


def send(user, row, reason="wrong_value", text="that is the group"):
    address = reverse("approvals:report_action", args=[row.pk])
    return log_in(user).post(address, {"reason": reason, "text": text}, follow=True)


def make_reporter(workspace, name="integration.desk"):
    integration = make_integration(workspace, name, scopes=["reports:write"])
    return make_integration_token(integration, scope="reports:write")


def api(token, row, **body):
    return post("/reports/bad-action/", {"request": str(row.pk), "reason": "wrong_value", **body}, token=token)


def own(site, user):
    """The record's owner is this person."""
    record = CrmRecord.objects.get(number=int(site.company), crm_object__connection_id=site.connection_id)
    record.values["owner"] = user.person.email
    record.save()


def test_a_report_opens_an_exception_with_the_request_and_the_words_are_erasable(row, member):
    assert "Reported." in text_of(send(member, row))

    case = ExceptionCase.objects.get()
    assert (case.kind, case.code, case.subject, case.count) == ("bad_action_report", "wrong_value", str(row.pk), 1)
    assert case.links.get().request_id == row.pk
    event = LedgerEvent.objects.get(type="exception.reported")
    assert b"group" not in bytes(event.body)
    assert event.actor_id == str(member.person_id)


def test_the_second_report_of_the_same_is_the_first_and_another_reporter_counts(site, row, member):
    send(member, row)
    assert "You reported it before" in text_of(send(member, row, reason="other"))
    send(make_login(site.world.workspace, *MEMBER, name="Otto Other"), row)
    assert (BadActionReport.objects.count(), ExceptionCase.objects.get().count) == (2, 2)


def test_the_reporter_is_told_what_came_of_it(site, row, member):
    send(member, row)
    page = log_in(member).get(reverse("approvals:own_reports"))
    assert "waits to be looked at" in text_of(page)
    handler = make_login(site.world.workspace, "view_requests", "handle_exceptions", name="Hal Handler")
    worker = Worker(handler.person_id, handler.pk)
    close_case(case_id=ExceptionCase.objects.get().pk, worker=worker, outcome="data_fixed", now=get_now())
    assert "the data was put right" in text_of(log_in(member).get(reverse("approvals:own_reports")))


def test_a_rep_reports_from_their_own_records_and_nothing_else(site, row):
    rep = make_login(site.world.workspace, *REP, name="Rita Rep")
    assert send(rep, row).status_code == 404
    own(site, rep)
    address = reverse("approvals:report_action", args=[row.pk])
    assert address in text_of(log_in(rep).get(reverse("approvals:mine")))
    assert "Reported." in text_of(send(rep, row))


def test_the_trace_has_the_link(row, member):
    page = log_in(member).get(reverse("approvals:trace", args=[row.pk]))
    assert reverse("approvals:report_action", args=[row.pk]) in text_of(page)


@pytest.mark.parametrize("permissions", [("view_requests",), ("view_own_requests",), ()])
def test_who_may_not_report_finds_no_form(site, row, permissions):
    user = make_login(site.world.workspace, *permissions)
    assert send(user, row).status_code == 404
    assert log_in(user).get(reverse("approvals:report_action", args=[row.pk])).status_code == 404


def test_another_workspace_and_strangers_find_nothing(row):
    other = make_login(make_workspace("other"), *MEMBER)
    assert send(other, row).status_code == 404
    assert Client().get(reverse("approvals:report_action", args=[row.pk])).status_code == 302
    assert Client().get(reverse("approvals:own_reports")).status_code == 302
    assert log_in(make_login(None, name="No Role")).get(reverse("approvals:own_reports")).status_code == 403
    assert not BadActionReport.objects.exists()


@pytest.mark.parametrize(("reason", "text"), [("nonsense", ""), ("", ""), ("other", "x" * 4_001)])
def test_nonsense_is_refused(row, member, reason, text):
    assert "It was not reported" in text_of(send(member, row, reason=reason, text=text))
    assert not BadActionReport.objects.exists()


def test_too_many_in_an_hour_are_refused(site, row, member):
    now = get_now()
    rows = [submit(site, changes={"country": "Norway"}, expected=None).request_id for _ in range(2)]
    send(member, row)
    report = BadActionReport.objects.get()
    fill = [
        BadActionReport(
            workspace=row.workspace,
            request_id=submit(site, changes={"country": "Norway"}, expected=None).request_id,
            case=report.case,
            reporter=report.reporter,
            reason="other",
            reported_at=now,
        )
        for _ in range(MAX_AN_HOUR - 1)
    ]
    BadActionReport.objects.bulk_create(fill)
    told = {"user_id": member.pk, "request_id": rows[0], "reason": "other", "text": ""}
    with pytest.raises(ValueError, match="an hour at most"):
        report_by_person(**told, now=now)
    assert not report_by_person(**told, now=now + timedelta(hours=2)).is_replay


def test_hostile_words_do_nothing_on_the_pages(row, member):
    send(member, row, text="<script>alert(1)</script>")
    user = make_login(row.workspace, "view_requests", name="Lou Looker")
    for who, address in (
        (user, reverse("approvals:exception", args=[ExceptionCase.objects.get().pk])),
        (member, reverse("approvals:own_reports")),
        (member, reverse("approvals:report_action", args=[row.pk])),
    ):
        assert find_acting_nodes(log_in(who).get(address).content) == []


class TestTheApi:
    def test_an_integration_reports_and_asks_again_what_came_of_it(self, site, row):
        token = make_reporter(site.world.workspace)
        first, again = api(token, row), api(token, row)
        assert (first.status_code, again.status_code) == (201, 201)
        told = msgspec.convert(again.json(), answers.BadActionAnswer)
        assert (told.is_replay, told.state, told.id) == (
            True,
            "open",
            msgspec.convert(first.json()["id"], type(told.id)),
        )

    def test_agents_other_workspaces_and_missing_scopes_are_refused(self, site, row):
        assert api(make_token(site.world.credential, scope="reports:write"), row).status_code == 403
        elsewhere = make_workspace("elsewhere")
        assert api(make_reporter(elsewhere, "integration.far"), row).status_code == 404
        plain = make_integration(site.world.workspace, "integration.mail", scopes=["delivery:write"])
        assert api(make_integration_token(plain, scope="delivery:write"), row).status_code == 403
        assert api(None, row).status_code == 401
        assert not BadActionReport.objects.exists()

    @pytest.mark.parametrize("body", [{"reason": "bad"}, {"request": "x"}, {"more": 1}, {"text": 7}])
    def test_wrong_bodies_are_refused(self, site, row, body):
        assert api(make_reporter(site.world.workspace), row, **body).status_code == 422

    def test_a_signed_in_person_reports_with_the_form_token_of_the_session(self, row, member):
        client = Client(enforce_csrf_checks=True)
        client.force_login(member, backend="config.model_permissions.ModelPermissionsBackend")
        body = {"request": str(row.pk), "reason": "other", "text": "no"}
        refused = client.post(URL, body, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
        client.get(reverse("approvals:report_action", args=[row.pk]))
        headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
        answer = client.post(URL, body, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content
        assert BadActionReport.objects.get().person_id == member.person_id

    def test_a_person_who_may_not_see_it_is_told_that_it_is_not_there(self, row):
        client = log_in(make_login(make_workspace("other"), *MEMBER, name="Far Away"))
        body = {"request": str(row.pk), "reason": "other"}
        assert client.post(URL, body, content_type="application/json").status_code == 404
        unknown = {**body, "request": str(stray_id())}
        assert client.post(URL, unknown, content_type="application/json").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_same_report_twice_at_once_is_one():
    site = make_site()
    row, member = submit_executed(site), make_login(site.world.workspace, *MEMBER, name="Mia Member")
    together(*[lambda: send(member, row) for _ in range(4)])
    assert (BadActionReport.objects.count(), ExceptionCase.objects.get().count) == (1, 1)
