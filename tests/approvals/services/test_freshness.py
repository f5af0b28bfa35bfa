"""Freshness on its way: asked of the CRM's history, once more before the write, and only where it matters (REG-09)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange
from crm_connectors.services.embedded_edit import edit_record
from governance.models import FieldOwnership
from tests.builders.api import make_body, make_site, post
from tests.builders.approvals import crm_value, execute, get, submit
from tests.builders.governance import publish
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


def make_fresh_site(*, days=30.0, age=0):
    """The company's employees were counted by a person `age` days ago."""
    site = make_site()
    FieldOwnership.objects.filter(field__name="numberofemployees").update(refresh_after_days=days)
    publish(site.world)
    CrmFieldChange.objects.update(at=get_now() - timedelta(days=age))
    return site


def source(observed_at=None):
    entry = {"kind": "source", "url": "https://register.example/umicore"}
    return [entry | ({"observed_at": observed_at} if observed_at else {})]


def ago(days):
    return (get_now() - timedelta(days=days)).isoformat()


def codes(submission):
    return {check.code for check in submission.decision.reasons}


def test_a_field_that_a_person_wrote_just_now_is_left_alone():
    site = make_fresh_site()

    submission = submit(site, evidence=source(ago(0)))

    assert (submission.status, codes(submission)) == ("denied", {"still_fresh"})
    assert 29 * 86_400 < submission.decision.retry_after_seconds <= 30 * 86_400


def test_after_the_window_newer_data_is_written_and_opens_a_new_one():
    site = make_fresh_site(age=31)
    submission = submit(site, evidence=source(ago(1)))
    assert execute(submission.request_id) == "executed"

    again = submit(site, changes={"numberofemployees": 230}, expected=None, evidence=source(ago(0)))

    assert (again.status, codes(again)) == ("denied", {"still_fresh"})


@pytest.mark.parametrize(("observed", "code"), [(40, "older_than_held"), (None, "observed_at_missing")])
def test_older_data_and_data_of_no_date_overwrite_nothing(observed, code):
    site = make_fresh_site(age=31)

    submission = submit(site, evidence=source(ago(observed) if observed else None))

    assert (submission.status, codes(submission)) == ("denied", {code})


def test_the_oldest_source_counts():
    site = make_fresh_site(age=31)

    submission = submit(site, evidence=[*source(ago(1)), *source(ago(50))])

    assert codes(submission) == {"older_than_held"}


def test_a_write_of_the_same_value_between_decision_and_execution_is_a_conflict():
    """The second gate: no drift would show it."""
    site = make_fresh_site(age=31)
    submission = submit(site, evidence=source(ago(1)))
    for value in (101, 100):
        edit_record(
            connection_id=site.connection_id,
            object_type="companies",
            record_id=site.company,
            values={"numberofemployees": value},
            actor="human:petra",
            now=get_now(),
        )

    assert execute(submission.request_id) == "conflict"
    assert get(submission.request_id).status_code == "refreshed_meanwhile"
    assert crm_value(site, "numberofemployees") == 100


def test_requests_that_touch_no_such_field_cost_no_more():
    site = make_site()
    other = {"changes": {"country": "Belgium"}, "expected": None}
    submit(site, **other)
    with CaptureQueriesContext(connection) as without:
        submit(site, **other | {"changes": {"country": "France"}})
    FieldOwnership.objects.filter(field__name="numberofemployees").update(refresh_after_days=30)
    publish(site.world)
    submit(site, **other | {"changes": {"country": "Spain"}})

    with CaptureQueriesContext(connection) as beside:
        submit(site, **other | {"changes": {"country": "Italy"}})
    assert len(beside) == len(without)


@pytest.mark.parametrize("moment", ["2099-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "2026-01-01T00:00:00", "yesterday"])
def test_a_date_that_cannot_be_is_refused_with_its_place(moment):
    site = make_site()

    for path, body in (
        ("/action-requests/", make_body(site, evidence=source(moment))),
        ("/action-requests/preview/", make_body(site, evidence=source(moment))),
        ("/action-requests/batch/", {"items": [make_body(site, evidence=source(moment))]}),
    ):
        answer = post(path, body, token=site.world.token)
        assert answer.status_code in {400, 422}, answer.content
        assert "/evidence/0/observed_at" in answer.content.decode()


@pytest.mark.parametrize("when", ["decision", "execution"])
def test_a_history_that_cannot_be_read_stops_the_write(monkeypatch, when):
    faulty = FaultySwitchboard()
    serve_through(monkeypatch, faulty.wrap)
    site = make_fresh_site(age=31)
    if when == "decision":
        faulty.plan("last_changes", Fault.TRANSIENT)
        submission = submit(site, evidence=source(ago(1)))
        assert (submission.status, codes(submission)) == ("denied", {"check_failed"})
    else:
        submission = submit(site, evidence=source(ago(1)))
        faulty.plan("last_changes", Fault.TRANSIENT)
        assert execute(submission.request_id) == "approved"
    assert crm_value(site, "numberofemployees") == 100
