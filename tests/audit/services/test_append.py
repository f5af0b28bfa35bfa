"""Appending: in the caller's transaction or not at all (AUD-08)."""

# names of our own tables

import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.domain.body import EventTooLargeError, InvalidEventError, read_body
from audit.models import ErasableValues, LedgerEvent, LedgerLeaf, PendingEvent
from audit.services.append import (
    LedgerUnavailableError,
    OutsideTransactionError,
    UnknownEventTypeError,
    append_event,
    append_events,
)
from audit.services.sequence import sequence_pending
from tests.builders.audit import NOW, append, execute, new_event


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_appended():
    with pytest.raises(OutsideTransactionError):
        append_event(new_event(), now=NOW)
    assert not LedgerEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_vanishes_with_the_transaction_that_it_records():
    with transaction.atomic():
        append_event(new_event(values={"a": 1}), now=NOW)
        transaction.set_rollback(True)
    assert not LedgerEvent.objects.exists()
    assert not PendingEvent.objects.exists()
    assert not ErasableValues.objects.exists()


@pytest.mark.django_db
def test_events_become_pending_in_their_order_by_the_database_itself():
    ids = append(*[new_event() for _ in range(5)])
    assert list(PendingEvent.objects.order_by("pk").values_list("event_id", flat=True)) == ids


@pytest.mark.django_db
def test_even_a_row_inserted_by_hand_becomes_pending():
    row = LedgerEvent.objects.create(body=b"{}", leaf_hash=b"", at=NOW)
    assert PendingEvent.objects.filter(event_id=row.pk).exists()


@pytest.mark.django_db
def test_the_search_columns_repeat_the_body():
    (event_id,) = append(new_event())
    row = LedgerEvent.objects.get(id=event_id)
    body = read_body(bytes(row.body))
    assert (body.id, body.type, body.workspace) == (str(row.id), row.type, row.workspace)
    assert (body.actor.type, body.actor.id) == (row.actor_type, row.actor_id)
    assert (body.subject.type, body.subject.id) == (row.subject_type, row.subject_id)
    assert (body.correlation_id, row.at) == (row.correlation_id, NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "statements"), [({}, 1), ({"email": "jane@example.com"}, 2)])
def test_appending_takes_one_statement_and_one_more_for_erasable_values(values, statements):
    events = [new_event(values=values) for _ in range(10)]
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        append_events(events, now=NOW)
    assert len(queries) == statements


@pytest.mark.django_db
def test_a_type_that_nobody_declared_is_refused():
    with pytest.raises(UnknownEventTypeError):
        append(new_event(type="request.imagined"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "error"),
    [({"a": float("nan")}, InvalidEventError), ({"a": "x" * 65_535}, EventTooLargeError)],
)
def test_one_bad_event_refuses_all_of_them(data, error):
    with pytest.raises(error):
        append(new_event(), new_event(data=data))
    assert not LedgerEvent.objects.exists()


@pytest.mark.django_db
def test_no_event_is_no_statement():
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        assert append_events([], now=NOW) == []
    assert not [query for query in queries if "INSERT" in query["sql"]]


def fill_the_disk_of(table):
    """From here on the database refuses to store rows in `table`."""
    if connection.vendor == "sqlite":
        connection.connection.set_authorizer(None)
        body = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    else:
        refusal = "RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'"
        execute(f"CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refusal}; END $$")
        body = "FOR EACH ROW EXECUTE FUNCTION disk_full()"
    execute(f"CREATE TRIGGER disk_full BEFORE INSERT ON {table} {body}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["audit_ledgerevent", "audit_pendingevent", "audit_erasablevalues"])
def test_a_ledger_that_cannot_be_written_is_a_typed_refusal(table):
    caught = None
    with transaction.atomic():
        fill_the_disk_of(table)
        try:
            append_event(new_event(values={"a": 1}), now=NOW)
        except LedgerUnavailableError as error:
            caught = error
        transaction.set_rollback(True)
    connection.close()
    assert caught is not None
    assert caught.code == "audit_unavailable"
    assert isinstance(caught.__cause__, DatabaseError)
    assert not LedgerEvent.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_transaction_that_has_appended_and_stays_open():
    """AUD-08: neither another append nor the sequencer; the open one's event gets its leaf once it is committed."""
    appended, may_end = threading.Event(), threading.Event()

    def append_and_stay_open():
        with transaction.atomic():
            append_events([new_event()], now=NOW)
            appended.set()
            may_end.wait(10)
        connection.close()

    slow = threading.Thread(target=append_and_stay_open)
    slow.start()
    try:
        assert appended.wait(10)
        execute("SET lock_timeout = '500ms'")
        append(new_event(), new_event())
        sequence_pending(now=NOW)
        assert (LedgerLeaf.objects.count(), PendingEvent.objects.count()) == (2, 0)
    finally:
        may_end.set()
        slow.join()
        execute("RESET lock_timeout")
    sequence_pending(now=NOW)
    assert LedgerLeaf.objects.count() == 3
