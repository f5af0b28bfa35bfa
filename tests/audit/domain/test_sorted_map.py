"""The sorted map: what it shows to be there and what not to be, beside a naive one, and every way of bending it."""

import random
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.merkle import EMPTY_ROOT
from audit.domain.sorted_map import (
    Entry,
    MapProof,
    SortedMap,
    map_root,
    part_head,
    read_part,
    shows_absent,
    shows_present,
    split_parts,
)
from tests.audit.domain import naive_merkle as naive

SIZES = (0, 1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 770)


def label(number):
    return sha256(f"label {number}".encode()).digest()


def make_entries(size):
    """`size` entries of which every second number between 0 and 2·size is taken."""
    return sorted((Entry(label(2 * at), label(-at - 1)) for at in range(size)), key=lambda entry: entry.label)


def make_map(entries):
    parts = split_parts(entries)
    heads = [part_head(part) for part in parts]
    return SortedMap(len(entries), heads, parts.__getitem__), map_root(heads)


def absent(wanted, proof, size, root):
    return shows_absent(label=wanted, proof=proof, size=size, root=root)


def present(entry, proof, size, root):
    return shows_present(label=entry.label, value=entry.value, proof=proof, size=size, root=root)


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_a_naive_tree(size):
    """DNC-07: parts of 256 are a matter of storage alone: the root is that of RFC 6962 over all entries."""
    entries = make_entries(size)
    _, root = make_map(entries)
    assert root == naive.root([entry.bytes for entry in entries])
    assert (root == EMPTY_ROOT) == (size == 0)


@pytest.mark.parametrize("size", SIZES)
def test_who_is_in_is_shown_to_be_and_who_is_not_is_shown_not_to_be(size):
    """DNC-07: every label gets the one proof that is true of it, and the other kind never holds."""
    entries = make_entries(size)
    held, root = make_map(entries)
    for entry in entries[:: max(size // 40, 1)]:
        proof = held.prove(entry.label)
        assert present(entry, proof, size, root)
        assert not absent(entry.label, proof, size, root)
        assert not present(replace(entry, value=bytes(32)), proof, size, root)
    for number in range(1, 80, 2):
        proof = held.prove(label(number))
        assert absent(label(number), proof, size, root)
        assert not present(Entry(label(number), bytes(32)), proof, size, root)
    for end in (bytes(32), b"\xff" * 32):
        assert absent(end, held.prove(end), size, root)


@given(numbers=st.sets(st.integers(0, 400), max_size=60), asked=st.integers(0, 400))
def test_a_proof_says_what_a_plain_look_says(numbers, asked):
    """DNC-07: beside a naive look into the whole list."""
    entries = sorted((Entry(label(at), label(-1)) for at in numbers), key=lambda entry: entry.label)
    held, root = make_map(entries)
    proof = held.prove(label(asked))
    assert absent(label(asked), proof, len(entries), root) == (asked not in numbers)
    assert present(Entry(label(asked), label(-1)), proof, len(entries), root) == (asked in numbers)


@given(numbers=st.sets(st.integers(0, 60), min_size=2, max_size=40), data=st.data())
def test_neighbours_that_are_not_side_by_side_show_nothing(numbers, data):
    """DNC-07: whoever stands between two entries that are proven is not hidden by them."""
    entries = sorted((Entry(label(at), label(-1)) for at in numbers), key=lambda entry: entry.label)
    held, root = make_map(entries)
    hidden = data.draw(st.integers(0, len(entries) - 1))
    around = [held.prove(entry.label).found for entry in entries]
    left = around[data.draw(st.integers(0, hidden - 1))] if hidden else None
    right = around[data.draw(st.integers(hidden + 1, len(entries) - 1))] if hidden + 1 < len(entries) else None
    assert not absent(entries[hidden].label, MapProof(left=left, right=right), len(entries), root)
    assert not absent(entries[hidden].label, MapProof(), len(entries), root)


def test_only_the_parts_that_it_says_are_read():
    """DNC-07: a proof in a large map reads three parts of it, however large it is."""
    entries = make_entries(2_000)
    parts = split_parts(entries)
    heads = [part_head(part) for part in parts]
    for number in range(60):
        held = SortedMap(2_000, heads, {})
        allowed = held.needed([label(number)])
        assert len(allowed) <= 3
        SortedMap(2_000, heads, {at: parts[at] for at in allowed}.__getitem__).prove(label(number))


def test_what_does_not_rise_is_no_map():
    """DNC-07: an unsorted list could hide somebody; two values for one label could hide a send."""
    first, second = make_entries(2)
    for wrong in ([second, first], [first, first], [replace(first, label=b"short")]):
        with pytest.raises(ValueError, match="label"):
            split_parts(wrong)
    with pytest.raises(ValueError, match="64 bytes"):
        read_part(b"x" * 65)
    assert read_part(first.bytes + second.bytes) == [first, second]


def flipped(data, chance):
    """The bytes with one bit changed."""
    bent = bytearray(data)
    bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
    return bytes(bent)


def bend_place(placed, chance):
    """One thing about a place changed: a bit of its entry or of a hash, its number, a hash more or less."""
    hashes = placed.hashes
    at = chance.randrange(len(hashes))
    whole = flipped(placed.entry.bytes, chance)
    return chance.choice(
        (
            replace(placed, entry=Entry(whole[:32], whole[32:])),
            replace(placed, index=placed.index + chance.choice((-2, -1, 1, 2))),
            replace(placed, hashes=(*hashes[:at], flipped(hashes[at], chance), *hashes[at + 1 :])),
            replace(placed, hashes=(*hashes, bytes(32))),
            replace(placed, hashes=hashes[1:]),
        )
    )


def bend(proof, chance):
    """The proof with one thing changed: a place, an end left away, what is right said to be left."""
    name = chance.choice([name for name in ("found", "left", "right") if getattr(proof, name) is not None])
    kind = chance.randrange(5)
    if kind == 0:
        return replace(proof, **{name: None})
    if kind == 1:
        return MapProof(found=proof.left, left=proof.right, right=proof.found)
    return replace(proof, **{name: bend_place(getattr(proof, name), chance)})


def count_accepted(rounds, seed):
    """How many bent proofs show anything that is not so."""
    chance, accepted = random.Random(seed), 0  # noqa: S311  # the same examples every time
    entries = make_entries(300)
    held, root = make_map(entries)
    for _ in range(rounds):
        if chance.random() < 0.5:
            entry = chance.choice(entries)
            proof = bend(held.prove(entry.label), chance)
            accepted += present(entry, proof, 300, root) or absent(entry.label, proof, 300, root)
        else:
            asked = label(chance.randrange(1, 600, 2))
            proof = bend(held.prove(asked), chance)
            accepted += absent(asked, proof, 300, root) or present(Entry(asked, bytes(32)), proof, 300, root)
    return accepted


def test_a_bent_proof_shows_nothing():
    """DNC-07: 1,000 random changes of true proofs, none accepted."""
    assert count_accepted(1_000, seed=7) == 0


@pytest.mark.slow
def test_ten_thousand_bent_proofs_show_nothing():
    """DNC-07: the same, 10,000 times."""
    assert count_accepted(10_000, seed=11) == 0
