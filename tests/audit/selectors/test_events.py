"""Searching the ledger: by agent, record, correlation id and time; pages without a COUNT (AUD-04)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.domain.event import Actor, Subject
from audit.domain.merkle import leaf_hash
from audit.domain.proof import verify_consistency, verify_inclusion
from audit.models import LedgerEvent
from audit.selectors.checkpoint import get_checkpoint, get_lag, get_newest_checkpoint
from audit.selectors.clock import get_now, is_clock_behind_ledger
from audit.selectors.events import get_event, list_entries, list_events
from audit.selectors.proofs import get_consistency_proof, get_inclusion_proof, is_under_checkpoint
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from tests.builders.audit import NOW, append, fill_ledger, new_event

pytestmark = pytest.mark.django_db
OTHER = Actor("human", "manager@example.com")


def ids(**filters):
    return [entry.id for entry in list_events(**filters)]


def test_events_are_read_by_their_ids_in_their_own_workspace_alone():
    """AUD-04, invariant 8: whoever found an id elsewhere reads nothing by it."""
    here, there = append(new_event(), new_event(workspace="other"))
    assert [entry.id for entry in list_entries([there, here], workspace="acme")] == [here]


def test_the_newest_comes_first():
    written = append(*[new_event() for _ in range(3)])
    assert ids() == written[::-1]


def test_each_filter_finds_its_own():
    append(new_event())
    wanted = {
        "subject": Subject("request", "42"),
        "correlation_id": "corr-42",
        "actor": OTHER,
        "workspace": "other",
    }
    for name, value in wanted.items():
        (event_id,) = append(new_event(**{name: value}))
        assert ids(**{name: value}) == [event_id]
        assert ids(**{name: value}, type="request.received") == [event_id]
        assert ids(**{name: value}, type="ledger.values_erased") == []


def test_a_time_span_holds_its_start_and_not_its_end():
    first, second, third = (append(new_event(), now=NOW + timedelta(seconds=at))[0] for at in range(3))
    assert ids(since=NOW + timedelta(seconds=1)) == [third, second]
    assert ids(until=NOW + timedelta(seconds=1)) == [first]
    assert ids(since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2)) == [second]


def test_pages_join_without_gap_or_overlap_while_events_come_in():
    written = append(*[new_event() for _ in range(7)])
    first = ids(limit=3)
    append(new_event())
    second = ids(limit=3, before=first[-1])
    third = ids(limit=3, before=second[-1])
    assert first + second + third == written[::-1]


def test_a_page_is_one_query_and_never_a_count():
    append(*[new_event() for _ in range(3)])
    with CaptureQueriesContext(connection) as queries:
        list_events(correlation_id="corr-1", limit=10**6)
    assert len(queries) == 1
    assert "COUNT" not in queries[0]["sql"].upper()
    assert "LIMIT 500" in queries[0]["sql"]


def test_an_entry_says_what_was_recorded_and_where_it_is():
    (event_id,) = append(new_event(values={"a": 1}))
    entry = get_event(event_id)
    assert entry.leaf_index is None
    assert list(entry.commitments) == ["a"]
    assert (entry.actor, entry.data) == (Actor("agent", "agent.enrichment"), {"fields": ["industry"]})
    fill_ledger(2)
    assert get_event(event_id).leaf_index == 0


@pytest.mark.parametrize("count", [1, 2, 7, 256, 300, 520])
def test_proofs_from_the_tables_verify(count):
    written = fill_ledger(count)
    fill_ledger(5)
    for event_id in {written[0], written[count // 2], written[-1]}:
        proof = get_inclusion_proof(event_id)
        assert proof.checkpoint.size == count + 5
        assert verify_inclusion(
            leaf=leaf_hash(bytes(LedgerEvent.objects.get(id=event_id).body)),
            index=proof.leaf_index,
            size=proof.checkpoint.size,
            proof=proof.hashes,
            root=proof.checkpoint.root,
        )
    old, new = get_checkpoint(count), get_newest_checkpoint()
    assert verify_consistency(
        first=old.size,
        second=new.size,
        first_root=old.root,
        second_root=new.root,
        proof=get_consistency_proof(old.size, new.size),
    )


def test_reading_a_proof_does_not_grow_with_the_ledger():
    written = fill_ledger(1_030)
    with CaptureQueriesContext(connection) as queries:
        get_inclusion_proof(written[700])
    assert len(queries) <= 16


def test_an_event_is_under_a_checkpoint_only_once_it_is_signed():
    (event_id,) = append(new_event())
    assert not is_under_checkpoint(event_id)
    sequence_pending(now=NOW)
    assert not is_under_checkpoint(event_id)
    assert get_inclusion_proof(event_id) is None
    sign_checkpoint(now=NOW)
    assert is_under_checkpoint(event_id)


def test_the_lag_counts_what_is_not_proven_yet():
    later = NOW + timedelta(seconds=9)
    assert get_lag(now=later).oldest_age == timedelta()
    fill_ledger(2)
    assert (get_lag(now=later).pending, get_lag(now=later).unsigned, get_lag(now=later).oldest_age) == (
        0,
        0,
        timedelta(),
    )
    append(new_event(), now=NOW + timedelta(seconds=2))
    assert (get_lag(now=later).pending, get_lag(now=later).oldest_age) == (1, timedelta(seconds=7))
    sequence_pending(now=later)
    lag = get_lag(now=later)
    assert (lag.pending, lag.unsigned, lag.oldest_age) == (0, 1, timedelta(seconds=7))


def test_a_clock_that_was_set_back_is_noticed():
    append(new_event())
    assert is_clock_behind_ledger(now=NOW - timedelta(microseconds=1))
    assert not is_clock_behind_ledger(now=NOW)
    assert get_now().utcoffset() == timedelta()
