"""Proofs: all of them for small trees, and every way of bending one (AUD-06)."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.merkle import EMPTY_ROOT, leaf_hash, perfect_root
from audit.domain.proof import (
    consistency_ranges,
    inclusion_ranges,
    range_root,
    verify_consistency,
    verify_inclusion,
)
from tests.audit.domain import naive_merkle as naive

ENTRIES = [str(number).encode() for number in range(41)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [naive.root(ENTRIES[:size]) for size in range(42)]


def node(height, index):
    return perfect_root(LEAVES[index << height : (index + 1) << height])


def hashes(ranges):
    return [range_root(start, end, node) for start, end in ranges]


def inclusion(at, size, **changes):
    members = {"leaf": LEAVES[at], "index": at, "size": size, "root": ROOTS[size]}
    return verify_inclusion(**(members | changes))


def bent(proof):
    """The proof with one thing wrong: a bit, a hash less, one more, one too short, two swapped."""
    for at, item in enumerate(proof):
        yield [*proof[:at], bytes([item[0] ^ 1]) + item[1:], *proof[at + 1 :]]
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], item[:31], *proof[at + 1 :]]
        if at and item != proof[at - 1]:
            yield [*proof[: at - 1], item, proof[at - 1], *proof[at + 1 :]]
    yield [*proof, EMPTY_ROOT]
    yield [EMPTY_ROOT, *proof]


@pytest.mark.parametrize("size", range(1, 42))
def test_every_inclusion_proof_holds_and_no_bent_one(size):
    for index in range(size):
        proof = hashes(inclusion_ranges(index, size))
        assert proof == naive.path(index, ENTRIES[:size])
        assert inclusion(index, size, proof=proof)
        for other in range(size):
            assert (other == index) == inclusion(index, size, proof=proof, index=other)
        assert not inclusion(index, size, proof=proof, leaf=leaf_hash(b"forged"))
        assert not inclusion(index, size, proof=proof, root=ROOTS[size - 1])
        assert not any(inclusion(index, size, proof=wrong) for wrong in bent(proof))


@pytest.mark.parametrize("second", range(1, 42))
def test_every_consistency_proof_holds_and_no_bent_one(second):
    for first in range(1, second + 1):
        proof = hashes(consistency_ranges(first, second))
        assert proof == naive.consistency(first, ENTRIES[:second])
        check = partial(verify_consistency, first=first, second=second)
        assert check(first_root=ROOTS[first], second_root=ROOTS[second], proof=proof)
        assert not check(first_root=ROOTS[first - 1], second_root=ROOTS[second], proof=proof)
        assert not check(first_root=ROOTS[first], second_root=ROOTS[second - 1], proof=proof)
        for wrong in bent(proof):
            assert not check(first_root=ROOTS[first], second_root=ROOTS[second], proof=wrong)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5), (2**63, 5)])
def test_a_leaf_outside_the_tree_is_never_proven(index, size):
    assert not verify_inclusion(leaf=LEAVES[0], index=index, size=size, proof=[], root=ROOTS[1])
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_a_first_checkpoint_is_pinned_and_not_proven(first, second):
    assert not verify_consistency(first=first, second=second, first_root=EMPTY_ROOT, second_root=ROOTS[5], proof=[])
    with pytest.raises(ValueError, match="no proof"):
        consistency_ranges(first, second)


@given(st.integers(1, 41), st.data())
def test_no_random_proof_holds(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = data.draw(st.lists(st.binary(min_size=32, max_size=32), max_size=8))
    assert not inclusion(index, size, proof=proof) or proof == naive.path(index, ENTRIES[:size])
