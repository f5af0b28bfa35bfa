"""What the map of a day is made of (DNC-07)."""

import hashlib
import hmac
from datetime import date
from uuid import UUID

from audit.domain.contact_map import Send, contact_label, entries_of, late_days, map_key_name, value_of

KEY = b"k" * 32
DAY = date(2026, 3, 2)
JANE, JOE = contact_label(KEY, "email:jane@acme.example"), contact_label(KEY, "email:joe@acme.example")


def send(number, *labels, day=DAY):
    return Send(UUID(int=number), day, labels)


def test_a_label_is_the_keyed_hash_of_the_name():
    """DNC-07: as docs/ledger-format.md says; another key gives another label, and its name does not tell it."""
    assert hmac.new(KEY, b"email:jane@acme.example", hashlib.sha256).digest() == JANE
    assert contact_label(b"l" * 32, "email:jane@acme.example") != JANE
    assert map_key_name(KEY) != map_key_name(b"l" * 32)
    assert KEY.hex() not in map_key_name(KEY)


def test_the_same_sends_give_the_same_map_in_any_order():
    """DNC-07: who recomputes it need not know in which order it was written."""
    sends = [send(1, JANE), send(2, JOE, JANE), send(3, JOE)]
    entries = entries_of(sends)
    assert entries == entries_of([*reversed(sends), sends[0]])
    assert [entry.label for entry in entries] == sorted([JANE, JOE])
    assert {entry.label: entry.value for entry in entries} == {
        JANE: value_of([UUID(int=2), UUID(int=1)]),
        JOE: value_of([UUID(int=2), UUID(int=3)]),
    }
    assert entries_of([]) == []


def test_what_began_before_its_maps_day_is_counted_as_late():
    """DNC-07: told by day, so that a certificate over the earlier day knows where to look."""
    before = date(2026, 3, 1)
    assert late_days([send(1, JANE), send(2, JANE, day=before), send(3, JOE, day=before)], DAY) == {"2026-03-01": 2}
    assert late_days([send(1, JANE)], DAY) == {}
