"""Drift on a HubSpot portal: what was written with our token behind the product's back is an incident, what a person
wrote over an agent's value a silent rejection, ours is explained (EXE-05, QAS-01, EXC-04)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from approvals.domain.incident import Findings
from approvals.models import DriftFinding, ExceptionCase, Incident, SamplingPlan, WrittenField
from approvals.services.decision import decide_request
from approvals.services.drift import KEPT, judge_drift
from approvals.services.exception_desk import Worker
from approvals.services.incidents import close_incident, find_out
from approvals.services.quality_turn import keep_quality
from approvals.services.reconciliation import reconcile_request
from approvals.services.revert import revert_request
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import ChangeWatch, ConnectionEndpoint, ConnectionGate, ObservedChange, RecordNews
from crm_connectors.services import gate, observing
from crm_connectors.services.observing import observe_changes
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.simulators.hubspot.webhooks import sign_v3
from governance.models import Connection, RegisteredField
from governance.selectors.governed_fields import list_governed_fields
from tests.builders.api import Site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.drift import begin_watch, origins, sweep
from tests.builders.governance import allow, make_owned_field, make_world, publish
from tests.builders.quality import settle
from tests.doubles.hubspot_portal import ServedPortal, serving_portal

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "of-the-app"


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


@pytest.fixture
def site(served: ServedPortal, settings: Any) -> Site:
    """A published world whose connection leads to a portal with one company, watched from now on."""
    served.portal.clear()
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.PUBLIC_URL = "https://gov.example.com"
    gate._memories.clear()
    world = make_world()
    Connection.objects.filter(pk=world.connection.pk).update(kind="hubspot")
    told = {"base_url": served.url, "version": "2026-09", "calls_per_10_seconds": 0, "portal_id": "62515"}
    ConnectionEndpoint.objects.create(connection=world.connection, settings={**told, "app_id": app_of(served)})
    secrets = ConnectionSecrets(world.connection.pk)
    secrets.keep("access_token", PRIVATE_TOKEN)
    secrets.keep("client_secret", SECRET)
    publish(world)
    SamplingPlan.objects.create(workspace=world.workspace, safe_percent=0, new_agent_percent=0, risky_percent=0)
    site = Site(world, served.add(name="Umicore", numberofemployees=100))
    begin_watch()
    return site


def app_of(served: ServedPortal) -> str:
    access = served.portal.access.find(PRIVATE_TOKEN)
    assert access is not None
    return access.app_id


def execute_change(site: Site, **changes: Any) -> Any:
    submission = submit(site, **{"changes": {"numberofemployees": 220}, "expected": None, **changes})
    decide_request(request_id=submission.request_id, now=get_now())
    request = get(submission.request_id)
    if request.status == "pending":
        vote(site, request)
    assert execute(request.pk) == "executed"
    return request


def write_behind(served: ServedPortal, record_id: str, **values: str) -> None:
    """Somebody with our token, past the product."""
    status, _ = served.call("PATCH", f"/crm/v3/objects/companies/{record_id}", {"properties": values})
    assert status == 200


def test_ours_is_explained_and_nobody_is_told(served: ServedPortal, site: Site) -> None:
    request = execute_change(site)
    assert sweep() == 1
    assert origins() == [("numberofemployees", "explained")]
    assert DriftFinding.objects.get().request_id == request.pk
    assert not Incident.objects.exists()
    assert sweep() == 0, "and is observed once"


def test_our_token_behind_our_back_is_an_incident_with_its_evidence(served: ServedPortal, site: Site) -> None:
    execute_change(site)
    write_behind(served, site.company, country="Norway")
    sweep()

    incident = Incident.objects.get()
    assert (incident.severity, incident.state, incident.declared_by) == ("high", "open", None)
    finding = DriftFinding.objects.get(origin="ungoverned")
    assert finding.incident == incident
    event = json.loads(bytes(LedgerEvent.objects.get(type="drift.found").body))
    assert event["subject"]["id"] == str(incident.pk)
    assert (event["data"]["field"], event["data"]["record"]) == ("country", site.company)
    assert event["data"]["writer"] == f"integration:{app_of(served)}"
    assert LedgerEvent.objects.filter(type="incident.declared").count() == 1


def test_what_our_token_wrote_over_our_own_value_is_an_incident_too(served: ServedPortal, site: Site) -> None:
    execute_change(site)
    write_behind(served, site.company, numberofemployees="221")
    sweep()
    assert origins() == [("numberofemployees", "explained"), ("numberofemployees", "ungoverned")]


def test_a_mark_that_names_another_request_explains_nothing(served: ServedPortal, site: Site) -> None:
    """The key of a request that was executed is no licence: value and record are compared."""
    request = execute_change(site)
    other = served.add(name="Other")
    mark = {"countersign_operation": f"request:{request.pk} agent.enrichment"}
    write_behind(served, other, country="Norway", **mark)
    sweep()
    assert ("country", "ungoverned") in origins()


def test_a_thousand_strays_of_a_day_are_one_incident(served: ServedPortal, site: Site) -> None:
    for number in range(30):
        write_behind(served, served.add(name=f"Company {number}"), country="Norway")
    sweep()
    write_behind(served, site.company, country="Chad")
    sweep()
    assert Incident.objects.count() == 1
    assert DriftFinding.objects.filter(incident=Incident.objects.get()).count() == 31
    assert LedgerEvent.objects.filter(type="incident.joined").count() == 1


def test_after_the_incident_is_closed_the_next_stray_opens_another(served: ServedPortal, site: Site) -> None:
    allow(site.world.approver_user, site.world.workspace, "handle_exceptions")
    write_behind(served, site.company, country="Norway")
    sweep()
    worker = Worker(site.world.approver.pk, site.world.approver_user.pk)
    told = {"incident_id": Incident.objects.get().pk, "worker": worker, "now": get_now()}
    find_out(severity="high", findings=Findings("a leaked token", "people", "rotated"), ended_at=None, **told)
    close_incident(**told)
    write_behind(served, site.company, country="Chad")
    sweep()
    assert Incident.objects.count() == 2


def test_a_person_who_writes_over_an_agents_value_rejects_it_within_a_sweep(served: ServedPortal, site: Site) -> None:
    """QAS-01: by the one path of silent rejections, looked at as soon as drift is seen."""
    execute_change(site)
    settle()
    WrittenField.objects.update(next_look_at=get_now() + timedelta(hours=5))
    served.edit("companies", site.company, numberofemployees="90")
    sweep(later=timedelta())

    assert origins() == [("numberofemployees", "explained"), ("numberofemployees", "overwritten")]
    assert WrittenField.objects.get().fate == "overwritten"
    assert ExceptionCase.objects.get().kind == "silent_rejection"
    assert not Incident.objects.exists()


def test_people_and_other_apps_are_no_incident(served: ServedPortal, site: Site) -> None:
    served.edit("companies", site.company, country="Norway")
    other = served.add(name="Imported")
    sweep()
    assert {origin for _, origin in origins()} == {"person", "automation"}
    assert other
    assert not Incident.objects.exists()


def test_a_revert_is_ours(served: ServedPortal, site: Site) -> None:
    """RVT-04: it is a request like any other, a person's."""
    request = execute_change(site, changes={"name": "Umicore NV"})
    back = revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong",
        now=get_now(),
    )
    assert execute(back.request_id) == "executed"
    sweep()
    assert {origin for _, origin in origins()} == {"explained"}


def test_an_outcome_that_is_not_known_yet_is_no_incident(served: ServedPortal, site: Site) -> None:
    """EXE-03."""
    submission = submit(site, changes={"numberofemployees": 220}, expected=None)
    decide_request(request_id=submission.request_id, now=get_now())
    served.portal.faults.plan("drop_after", method="PATCH")
    assert execute(submission.request_id) == "unknown"
    sweep()
    assert origins() == [("numberofemployees", "explained")]
    type(get(submission.request_id)).objects.update(not_before=None)
    assert reconcile_request(request_id=submission.request_id, worker="test") == "executed"
    sweep()
    assert not Incident.objects.exists()


def test_a_value_that_the_portal_spelled_its_own_way_is_ours(served: ServedPortal, site: Site) -> None:
    submission = submit(site, changes={"country": "Belgium"}, expected=None)
    decide_request(request_id=submission.request_id, now=get_now())
    served.portal.faults.plan("normalise", method="PATCH")
    assert execute(submission.request_id) == "unknown"
    assert get(submission.request_id).status_code == "applied_with_difference"
    sweep()
    assert {origin for _, origin in origins()} == {"explained"}


def test_what_was_there_before_the_watch_and_preparing_the_portal_are_no_incident(
    served: ServedPortal, site: Site
) -> None:
    ChangeWatch.objects.all().delete()
    write_behind(served, site.company, country="Norway")
    call_command("prepare_crm", site.world.workspace.slug, "embedded")
    begin_watch()
    sweep()
    assert origins() == []


def test_no_value_is_kept(served: ServedPortal, site: Site) -> None:
    write_behind(served, site.company, country="Secretland")
    sweep()
    kept = list(ObservedChange.objects.values_list()) + list(RecordNews.objects.values_list())
    assert "secretland" not in str(kept).lower()
    assert all(b"Secretland" not in bytes(event.body) for event in LedgerEvent.objects.all())


def deliver(site: Site, events: list[dict[str, Any]]) -> int:
    body, path = json.dumps(events), reverse("hubspot-hook", args=[site.connection_id])
    stamp = str(int(get_now().timestamp() * 1000))
    uri = f"https://gov.example.com{path}"
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(SECRET, method="POST", uri=uri, body=body, timestamp=stamp),
        "X-HubSpot-Request-Timestamp": stamp,
    }
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


def test_a_webhook_brings_a_look_forward_and_telling_twice_changes_nothing(served: ServedPortal, site: Site) -> None:
    """Duplicates and disorder are normal: an event only says where to look, which without it would be minutes off."""
    observe_changes(now=get_now())
    write_behind(served, site.company, country="Norway")
    write_behind(served, site.company, country="Chad")
    events = [event for event in served.portal.news.take() if event["subscriptionType"] == "company.propertyChange"]
    observe_changes(now=get_now())
    assert origins() == []

    strange = {"subscriptionType": "company.propertyChange", "objectId": 1, "portalId": 1}
    assert deliver(site, [*reversed(events), *events, strange, {"odd": 1}]) == 204
    assert deliver(site, events) == 204
    assert RecordNews.objects.count() == 1
    keep_quality(now=get_now())

    assert [origin for field, origin in origins() if field == "country"] == ["ungoverned", "ungoverned"]
    assert not RecordNews.objects.exists()
    assert Incident.objects.count() == 1


def test_a_portal_that_does_not_answer_is_told_of_and_asked_again(served: ServedPortal, site: Site) -> None:
    write_behind(served, site.company, country="Norway")
    served.portal.faults.plan("status=503", method="POST", times=20)
    sweep()
    assert set(ChangeWatch.objects.values_list("problem", flat=True)) != {""}
    assert origins() == []
    served.portal.faults.clear()
    gate._memories.clear()
    ConnectionGate.objects.all().delete()
    sweep()
    assert set(ChangeWatch.objects.values_list("problem", flat=True)) == {""}
    assert origins() == [("country", "ungoverned")]


def test_a_governed_field_that_vanished_stops_the_watch_of_no_other(served: ServedPortal, site: Site) -> None:
    """EXE-05: what is not watched is told; the next look finds it again."""
    make_owned_field(site.world.connection, "gone_since")
    write_behind(served, site.company, country="Norway")
    sweep()
    watch = ChangeWatch.objects.get(object_type="companies")
    assert (watch.problem, watch.missing_fields) == ("", ["gone_since"])
    assert origins() == [("country", "ungoverned")]
    page = log_in(make_login(site.world.workspace, "view_requests")).get(reverse("approvals:drift"))
    assert "companies.gone_since" in text_of(page)
    assert "watched in part" in text_of(page)

    RegisteredField.objects.filter(name="gone_since").update(review_state="gone")
    sweep()
    assert ChangeWatch.objects.get(object_type="companies").missing_fields == []


def test_more_fields_than_a_call_takes_are_all_watched(
    served: ServedPortal, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EXE-05: an object may have any number of governed fields."""
    assert observing.FIELDS_A_CALL == 100
    monkeypatch.setattr(observing, "FIELDS_A_CALL", 1)
    write_behind(served, site.company, country="Norway", name="Umicore NV")
    sweep()
    assert origins() == [("country", "ungoverned"), ("name", "ungoverned")]
    for number in range(120):
        make_owned_field(site.world.connection, f"field_{number}")
    assert len(list_governed_fields(site.connection_id, "companies")) > 120


def test_more_changed_records_than_a_page_are_read_on(
    served: ServedPortal, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "PAGE", 7)
    for number in range(20):
        write_behind(served, served.add(name=f"Company {number}"), country="Norway")
    sweep()
    assert DriftFinding.objects.filter(origin="ungoverned").count() == 20


def test_an_index_that_lags_hides_nothing(served: ServedPortal, site: Site) -> None:
    """HubSpot's search finds a change seconds after it happened: later ones do not move the mark beyond it."""
    ChangeWatch.objects.update(reached_at=get_now())
    write_behind(served, site.company, country="Norway")
    index = served.portal.index
    hidden = [item for item in index._coming if item[2] == site.company]
    index._coming.clear()
    other = served.add(name="Later")
    sweep()
    assert ("country", "ungoverned") not in origins()
    index._coming.extend(hidden)
    sweep()
    assert ("country", "ungoverned") in origins()
    assert other


def test_old_findings_go_and_evidence_stays(served: ServedPortal, site: Site) -> None:
    execute_change(site)
    write_behind(served, site.company, country="Norway")
    sweep()
    judge_drift(now=get_now() + KEPT + timedelta(days=1))
    assert list(DriftFinding.objects.values_list("origin", flat=True)) == ["ungoverned"]
    assert ObservedChange.objects.count() == 1


def test_what_was_written_over_a_write_of_unknown_outcome_waits_and_is_an_incident(
    served: ServedPortal, site: Site
) -> None:
    """EXE-03, SEC-01: that nobody knows what came of a write is no licence for its fields."""
    submission = submit(site, changes={"numberofemployees": 220}, expected=None)
    decide_request(request_id=submission.request_id, now=get_now())
    served.portal.faults.plan("drop_after", method="PATCH")
    assert execute(submission.request_id) == "unknown"
    write_behind(served, site.company, numberofemployees="999")
    sweep()
    assert origins() == [("numberofemployees", "explained")]
    write_behind(served, site.company, numberofemployees="220")
    type(get(submission.request_id)).objects.update(not_before=None)
    assert reconcile_request(request_id=submission.request_id, worker="test") == "executed"
    sweep()
    assert [origin for _, origin in origins()] == ["explained", "ungoverned", "explained"]
