"""OPS-01: liveness, readiness, metrics."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder

from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.clock import get_now
from audit.services.append import append_event
from audit.services.maintain import maintain_ledger


def append_old_event(*, seconds):
    event = NewEvent(
        type="request.received",
        workspace="acme",
        actor=Actor("system", "test"),
        subject=Subject("request", "1"),
        correlation_id="c-1",
    )
    with transaction.atomic():
        append_event(event, now=get_now() - timedelta(seconds=seconds))


def checks(response):
    return {check["name"]: check["ok"] for check in response.json()["checks"]}


def test_healthz_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_fresh_installation_is_ready(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert checks(response) == {"database": True, "migrations": True, "ledger": True, "work": True, "sinks": True}


@pytest.mark.django_db
def test_a_missing_migration_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="approvals").delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert checks(response)["migrations"] is False


@pytest.mark.django_db
def test_a_ledger_that_lags_is_not_ready_until_it_caught_up(client):
    append_old_event(seconds=30)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert checks(response)["ledger"] is False
    maintain_ledger(now=get_now())
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_probes_are_read_only(client):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_metrics_count_requests_and_read_the_tables(client, django_assert_num_queries):
    client.get("/healthz")
    append_old_event(seconds=3)
    text = client.get("/metrics").content.decode()
    assert 'countersign_http_request_seconds_count{method="GET",route="healthz",status="200"}' in text
    assert 'countersign_requests{status="pending"} 0.0' in text
    lag = next(line for line in text.splitlines() if line.startswith("countersign_ledger_lag_seconds"))
    assert float(lag.split()[1]) >= 3


@pytest.mark.django_db
def test_metrics_answer_this_machine_alone(client):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403


@pytest.mark.django_db
def test_with_a_token_metrics_answer_its_holder_alone(client, settings):
    settings.METRICS_TOKEN = "a-long-scrape-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    right = {"Authorization": "Bearer a-long-scrape-token"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.7").status_code == 200


@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/api", "/api/v2/me/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_door_for_programs_that_is_not_there_answers_programs(client, method, path):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"
