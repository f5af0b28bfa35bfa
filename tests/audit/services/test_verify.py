"""Whatever someone changes below the application is found (AUD-01), and nothing else is complained of."""

# ruff: noqa: S608  # names of our own tables

import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, connections

from audit.domain.merkle import leaf_hash
from audit.domain.note import TreeHead, sign_tree_head
from audit.models import Checkpoint, LedgerEvent, LedgerLeaf
from audit.selectors.proofs import get_inclusion_proof
from audit.services.prove import prove_event
from audit.services.rows import uuid_value
from audit.services.signing_key import get_origin, get_signing_key
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, append, execute, fill_ledger, new_event, owner_rights

pytestmark = pytest.mark.django_db(transaction=True)


def codes():
    report = verify_ledger()
    assert report.is_ok == (not report.problems)
    return {problem.code for problem in report.problems}


def event_at(index):
    return uuid_value(LedgerLeaf.objects.get(leaf_index=index).event_id)


@pytest.mark.parametrize("count", [0, 1, 2, 255, 256, 257, 700])
def test_an_honest_ledger_verifies(count):
    if count:
        fill_ledger(count, values={"note": "é"})
    fill_ledger(3)
    append(new_event())
    report = verify_ledger()
    assert report.is_ok, report
    assert (report.events, report.leaves, report.pending) == (count + 4, count + 3, 1)
    assert report.checkpoints == (2 if count else 1)


def test_a_changed_body_is_found():
    fill_ledger(300)
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET body = %s WHERE id = %s", b"{}", event_at(7))
    assert codes() == {"body_changed", "content_malformed", "root_changed", "tile_changed"}


def test_a_body_changed_together_with_its_hashes_is_found():
    fill_ledger(300)
    event_id = event_at(7)
    body = bytes(LedgerEvent.objects.get(id=LedgerLeaf.objects.get(leaf_index=7).event_id).body)
    forged = body.replace(b'"number":7', b'"number":8')
    with owner_rights():
        execute(
            "UPDATE audit_ledgerevent SET body = %s, leaf_hash = %s WHERE id = %s", forged, leaf_hash(forged), event_id
        )
        execute("UPDATE audit_ledgerleaf SET leaf_hash = %s WHERE leaf_index = 7", leaf_hash(forged))
    assert codes() == {"root_changed", "tile_changed"}
    assert not prove_event(LedgerLeaf.objects.get(leaf_index=7).event_id).is_proven


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "request.denied"),
        ("workspace", "other"),
        ("actor_type", "human"),
        ("actor_id", "agent.other"),
        ("subject_type", "batch"),
        ("subject_id", "7"),
        ("correlation_id", "corr-2"),
        ("at", "2026-03-01 09:30:00"),
    ],
)
def test_an_edited_search_column_is_found(column, value):
    fill_ledger(5)
    append(new_event())
    with owner_rights():
        execute(f"UPDATE audit_ledgerevent SET {column} = %s", value)
    report = verify_ledger()
    assert [problem.code for problem in report.problems] == ["columns_changed"] * 6


@pytest.mark.parametrize("index", [0, 3, 9])
def test_a_removed_event_is_found(index):
    fill_ledger(10)
    with owner_rights():
        execute("DELETE FROM audit_ledgerevent WHERE id = %s", event_at(index))
    assert "event_missing" in codes()


@pytest.mark.parametrize("index", [0, 3])
def test_a_removed_leaf_is_found(index):
    fill_ledger(10)
    with owner_rights():
        execute("DELETE FROM audit_ledgerleaf WHERE leaf_index = %s", index)
    assert {"leaf_gap", "event_lost"} <= codes()


def test_two_events_that_changed_places_are_found():
    fill_ledger(10)
    with owner_rights():
        execute("UPDATE audit_ledgerleaf SET leaf_index = -1 WHERE leaf_index = 3")
        execute("UPDATE audit_ledgerleaf SET leaf_index = 3 WHERE leaf_index = 4")
        execute("UPDATE audit_ledgerleaf SET leaf_index = 4 WHERE leaf_index = -1")
    assert codes() == {"root_changed"}


def test_a_truncated_tail_is_found_by_its_checkpoint():
    fill_ledger(10)
    gone = event_at(9)
    with owner_rights():
        execute("DELETE FROM audit_ledgerleaf WHERE leaf_index = 9")
        execute("DELETE FROM audit_ledgerevent WHERE id = %s", gone)
    assert codes() == {"leaves_missing", "behind_anchor"}


def test_a_tail_truncated_with_its_checkpoint_is_found_by_the_anchor():
    fill_ledger(10)
    fill_ledger(3)
    gone = [event_at(index) for index in (10, 11, 12)]
    with owner_rights():
        execute("DELETE FROM audit_checkpoint WHERE size = 13")
        execute("DELETE FROM audit_ledgerleaf WHERE leaf_index >= 10")
        for event_id in gone:
            execute("DELETE FROM audit_ledgerevent WHERE id = %s", event_id)
    assert codes() == {"behind_anchor"}


def test_an_event_taken_out_of_the_queue_is_found():
    append(new_event())
    execute("DELETE FROM audit_pendingevent")
    assert codes() == {"event_lost"}


def test_a_bent_event_is_found_while_it_waits():
    append(new_event())
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET leaf_hash = %s", b"\x00" * 32)
    assert codes() == {"body_changed"}


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE audit_tile SET hashes = root", "tile_changed"),
        ("UPDATE audit_tile SET n = 5", "tile_missing"),
        ("DELETE FROM audit_tile", "tile_missing"),
        ("INSERT INTO audit_tile (level, n, hashes, root) SELECT 3, n, hashes, root FROM audit_tile", "tile_unknown"),
    ],
)
def test_bent_tiles_are_found(sql, code):
    fill_ledger(260)
    with owner_rights():
        execute(sql)
    assert code in codes()


def forge_checkpoint(size, root, *, key, origin):
    note = sign_tree_head(TreeHead(origin, size, root), key)
    Checkpoint.objects.create(size=size, root=root, note=note, signed_at=NOW)


@pytest.mark.parametrize(("is_our_key", "is_our_name"), [(False, True), (True, False), (False, False)])
def test_a_checkpoint_by_another_key_or_name_is_found(is_our_key, is_our_name):
    fill_ledger(4)
    with owner_rights():
        root = bytes(Checkpoint.objects.get().root)
        execute("DELETE FROM audit_checkpoint")
    forge_checkpoint(
        4,
        root,
        key=get_signing_key() if is_our_key else Ed25519PrivateKey.generate(),
        origin=get_origin() if is_our_name else "evil.example/ledger",
    )
    assert codes() == {"checkpoint_forged"}


def test_a_signed_checkpoint_over_another_root_is_found():
    fill_ledger(4)
    forge_checkpoint(3, b"\x07" * 32, key=get_signing_key(), origin=get_origin())
    assert codes() == {"root_changed"}


def test_a_row_that_is_not_its_note_is_found():
    fill_ledger(4)
    fill_ledger(1)
    with owner_rights():
        execute("UPDATE audit_checkpoint SET size = 3 WHERE size = 4")
    assert codes() == {"root_changed", "checkpoint_changed"}


def test_a_kept_value_that_was_changed_is_found():
    fill_ledger(2, values={"email": "jane@example.com"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id, content FROM audit_erasablevalues LIMIT 1")
        event_id, content = cursor.fetchone()
    execute("DELETE FROM audit_erasablevalues WHERE event_id = %s", event_id)
    forged = bytes(content).replace(b"jane", b"john")
    execute("INSERT INTO audit_erasablevalues (event_id, content) VALUES (%s, %s)", event_id, forged)
    assert codes() == {"value_changed"}


def test_a_ruined_ledger_is_reported_in_bounded_space():
    fill_ledger(300)
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET type = 'x'")
    report = verify_ledger()
    assert (report.problem_count, len(report.problems)) == (300, 100)


def test_verifying_while_the_ledger_grows_finds_nothing():
    fill_ledger(300)
    is_done = threading.Event()

    def grow():
        while not is_done.is_set():
            fill_ledger(5)
        connections.close_all()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        reports = [verify_ledger() for _ in range(12)]
    finally:
        is_done.set()
        thread.join()
    assert [report.problems for report in reports] == [()] * 12
    assert reports[-1].leaves > reports[0].leaves >= 300


def test_an_event_is_proven_by_its_bytes_and_the_signature():
    (event_id,) = append(new_event())
    assert not prove_event(event_id).is_proven
    assert get_inclusion_proof(event_id) is None
    fill_ledger(3)
    assert prove_event(event_id).is_proven
    with owner_rights():
        execute("UPDATE audit_checkpoint SET note = replace(note, 'countersign', 'other')")
    assert not prove_event(event_id).is_proven
