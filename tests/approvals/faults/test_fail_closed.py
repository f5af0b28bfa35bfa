"""What cannot be known denies, and what cannot be recorded does not happen (POL-01, AUD-08)."""

import sqlite3
from contextlib import contextmanager, suppress

import pytest
from django.db import DatabaseError, connection

from approvals.models import AgentActionRequest, Attempt, RequestBatch, StandingApproval, Vote
from audit.models import LedgerEvent
from audit.services.append import LedgerUnavailableError
from crm_connectors.services.connectors import CONNECTOR_KINDS
from governance.models import AgentVersion, KillSwitch
from tests.builders.api import make_body, make_site, post
from tests.builders.approvals import count_writes, crm_value, execute, get, submit, submit_pending, vote

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def ledger_unwritable():
    """Every insert into the ledger fails, as on a full disk."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.set_authorizer(refuse_events)
        try:
            yield
        finally:
            connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION test_no_ledger() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER test_no_ledger BEFORE INSERT ON audit_ledgerevent "
            "FOR EACH ROW EXECUTE FUNCTION test_no_ledger()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER test_no_ledger ON audit_ledgerevent")
            cursor.execute("DROP FUNCTION test_no_ledger()")


def refuse_events(action, table, *_):
    is_event = action == sqlite3.SQLITE_INSERT and table == "audit_ledgerevent"
    return sqlite3.SQLITE_DENY if is_event else sqlite3.SQLITE_OK


@contextmanager
def table_gone(name):
    """One source of facts cannot be read."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")


def test_a_proposal_that_cannot_be_recorded_is_not_accepted():
    """AUD-08: 503 and nothing else."""
    site = make_site()

    with ledger_unwritable(), pytest.raises(LedgerUnavailableError):
        submit(site, key="k1")

    assert (AgentActionRequest.objects.count(), LedgerEvent.objects.filter(type__startswith="request.").count()) == (
        0,
        0,
    )
    assert submit(site, key="k1").is_replay is False, "the key is free again"


@pytest.mark.parametrize("path", ["/action-requests/", "/action-requests/batch/"])
def test_an_agent_reads_that_nothing_was_accepted(path):
    """AUD-08: 503 with a code of its own, no row of any kind, and the same key works once the ledger is back."""
    site = make_site()
    body = make_body(site) if path == "/action-requests/" else {"items": [make_body(site)]}
    events = LedgerEvent.objects.count()

    with ledger_unwritable():
        answer = post(path, body, token=site.world.token, key="k1")
        problem = answer.json()

    assert (answer.status_code, problem["code"]) == (503, "audit_unavailable")
    assert answer["Content-Type"] == "application/problem+json"
    assert problem["correlation_id"] == answer["X-Correlation-ID"]
    counts = [model.objects.count() for model in (AgentActionRequest, RequestBatch, AgentVersion)]
    assert (counts, LedgerEvent.objects.count()) == ([0, 0, 0], events)
    assert post(path, body, token=site.world.token, key="k1").status_code in (200, 201, 202, 207)


def test_a_vote_that_cannot_be_recorded_does_not_count():
    site = make_site()
    request = submit_pending(site)

    with ledger_unwritable(), pytest.raises(LedgerUnavailableError):
        vote(site, request)

    assert (get(request.pk).status, Vote.objects.count()) == ("pending", 0)


def test_a_claim_that_cannot_be_recorded_writes_nothing_to_the_crm():
    site = make_site()
    request_id = submit(site).request_id

    with ledger_unwritable(), pytest.raises(LedgerUnavailableError):
        execute(request_id)

    assert (get(request_id).status, Attempt.objects.count()) == ("approved", 0)
    assert (crm_value(site, "numberofemployees"), count_writes(request_id)) == (100, 0)
    assert execute(request_id) == "executed"


def test_switches_that_cannot_be_read_let_nothing_through():
    site = make_site()

    with table_gone(KillSwitch._meta.db_table), suppress(DatabaseError, LedgerUnavailableError):
        submit(site)

    assert set(AgentActionRequest.objects.values_list("status", flat=True)) <= {"denied"}


def test_switches_that_cannot_be_read_stop_the_claim():
    site = make_site()
    request_id = submit(site).request_id

    with table_gone(KillSwitch._meta.db_table), pytest.raises(Exception, match="governance_killswitch"):
        execute(request_id)

    assert (get(request_id).status, count_writes(request_id)) == ("approved", 0)


def test_a_connection_that_nobody_serves_denies(monkeypatch):
    site = make_site()
    monkeypatch.delitem(CONNECTOR_KINDS, "embedded")

    submission = submit(site)

    assert (submission.status, submission.status_code) == ("denied", "check_failed")


def test_a_policy_that_cannot_be_read_denies(monkeypatch):
    site = make_site()

    def broken(_digest):
        raise RuntimeError

    monkeypatch.setattr("approvals.services.judging.get_policy_index_by_digest", broken)

    submission = submit(site)
    assert submission.status == "denied"


def test_an_accepted_request_is_told_as_accepted_whatever_fails_afterwards():
    """APR-02, F10: the row is committed; an error of what follows it must not read as a refusal."""
    site = make_site()

    with table_gone(StandingApproval._meta.db_table):
        first = submit(site, key="k1", changes={"name": "Nova"})

    assert (first.status, get(first.request_id).status) == ("pending", "pending")
    again = submit(site, key="k1", changes={"name": "Nova"})
    assert (again.request_id, again.is_replay) == (first.request_id, True)
