"""Sequencing and signing: contiguous, once each, never over what was bent (AUD-06)."""

# ruff: noqa: S608  # names of our own tables

import threading

import pytest
from django.db import connection, connections, transaction

from audit.domain.merkle import leaf_hash
from audit.domain.note import InvalidNoteError
from audit.models import Checkpoint, LedgerEvent, LedgerLeaf, PendingEvent, Tile
from audit.selectors.tree import DamagedTreeError
from audit.services.checkpoint import sign_checkpoint
from audit.services.maintain import maintain_ledger
from audit.services.sequence import TURN, sequence_pending
from audit.services.verify import verify_ledger
from tests.audit.domain import naive_merkle as naive
from tests.builders.audit import NOW, append, execute, fill_ledger, new_event, owner_rights


def bodies():
    rows = LedgerLeaf.objects.order_by("leaf_index").values_list("event__body", flat=True)
    return [bytes(body) for body in rows]


@pytest.mark.django_db
def test_events_get_their_leaves_in_order_and_stop_waiting():
    ids = append(*[new_event() for _ in range(3)])
    assert sequence_pending(now=NOW) == 3
    assert list(LedgerLeaf.objects.order_by("leaf_index").values_list("leaf_index", "event_id")) == list(enumerate(ids))
    assert not PendingEvent.objects.exists()
    assert sequence_pending(now=NOW) == 0


@pytest.mark.django_db
def test_a_turn_is_bounded_and_the_next_goes_on():
    append(*[new_event() for _ in range(TURN + 5)])
    assert [sequence_pending(now=NOW) for _ in range(3)] == [TURN, 5, 0]
    assert list(LedgerLeaf.objects.order_by("pk").values_list("pk", flat=True)) == list(range(TURN + 5))


@pytest.mark.django_db
@pytest.mark.parametrize("turns", [[1], [255, 1], [256, 1], [3, 300, 600, 1]])
def test_the_signed_root_is_that_of_the_definition(turns):
    for count in turns:
        append(*[new_event() for _ in range(count)])
        maintain_ledger(now=NOW)
    head = Checkpoint.objects.order_by("-size").first()
    assert head.size == sum(turns)
    assert bytes(head.root) == naive.root(bodies())
    assert Tile.objects.count() == sum(turns) // 256


@pytest.mark.django_db
def test_signing_twice_says_nothing_new():
    fill_ledger(3)
    assert sign_checkpoint(now=NOW) is None
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db
def test_an_empty_ledger_is_not_signed():
    assert sign_checkpoint(now=NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"), [("LEDGER_SIGNING_KEY", "A" * 43 + "="), ("LEDGER_ORIGIN", "other.example/log")]
)
def test_another_key_or_origin_does_not_go_on_where_the_first_stopped(settings, name, value):
    fill_ledger(3)
    setattr(settings, name, value)
    append(new_event())
    sequence_pending(now=NOW)
    with pytest.raises(InvalidNoteError):
        sign_checkpoint(now=NOW)
    assert Checkpoint.objects.count() == 1


def flip_bit(table, column, key):
    """Change one bit of a stored value behind the product's back."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {key[0]} = %s", [key[1]])
        value = bytearray(cursor.fetchone()[0])
        value[len(value) // 2] ^= 1
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key[0]} = %s", [bytes(value), key[1]])


def stored_id(event_id):
    return event_id if connection.vendor == "postgresql" else event_id.hex


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("column", ["body", "leaf_hash"])
def test_a_bit_that_flips_before_sequencing_stops_it(column):
    ids = append(*[new_event() for _ in range(3)])
    with owner_rights():
        flip_bit("audit_ledgerevent", column, ("id", stored_id(ids[1])))
    with pytest.raises(DamagedTreeError, match=str(ids[1])):
        sequence_pending(now=NOW)
    assert not LedgerLeaf.objects.exists()
    assert PendingEvent.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "column"),
    [("audit_ledgerevent", "body"), ("audit_ledgerleaf", "leaf_hash")],
)
@pytest.mark.parametrize("index", [257, 299])
def test_a_bit_that_flips_before_signing_stops_it(table, column, index):
    fill_ledger(257)
    append(*[new_event() for _ in range(43)])
    sequence_pending(now=NOW)
    event_id = LedgerLeaf.objects.get(leaf_index=index).event_id
    with owner_rights():
        flip_bit(table, column, ("id" if column == "body" else "event_id", stored_id(event_id)))
    with pytest.raises(DamagedTreeError, match="nothing is signed"):
        sign_checkpoint(now=NOW)
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_tree_that_is_not_the_one_signed_before_is_not_signed_on():
    fill_ledger(300)
    append(new_event())
    sequence_pending(now=NOW)
    with owner_rights():
        execute("UPDATE audit_tile SET root = %s WHERE level = 0", leaf_hash(b"forged"))
    with pytest.raises(DamagedTreeError, match="signed at 300"):
        sign_checkpoint(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_lost_leaves_are_not_signed_over():
    fill_ledger(10)
    append(*[new_event() for _ in range(5)])
    sequence_pending(now=NOW)
    with owner_rights():
        execute("DELETE FROM audit_ledgerleaf WHERE leaf_index = 12")
    with pytest.raises(DamagedTreeError):
        sign_checkpoint(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_concurrent_sequencers_and_writers_leave_no_gap_and_no_double():
    """Two sequencers and two writers in threads of their own (SQLite serialises them, PostgreSQL does not)."""
    errors = []

    def run(work):
        try:
            for _ in range(15):
                work()
        except Exception as error:  # noqa: BLE001  # handed to the test
            errors.append(error)
        finally:
            connections.close_all()

    def write():
        with transaction.atomic():
            append(new_event(), new_event())

    works = [write, write, lambda: sequence_pending(now=NOW), lambda: maintain_ledger(now=NOW)]
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    maintain_ledger(now=NOW)
    report = verify_ledger()
    assert report.is_ok, report
    assert report.leaves == report.events == LedgerEvent.objects.count() == 60
