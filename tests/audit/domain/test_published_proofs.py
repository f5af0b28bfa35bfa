"""Published proofs hold, and none of their mutations: in the product and in both files that strangers run (AUD-06).

Source: the Certificate Transparency reference tests, as `proof/verify_test.go` of github.com/transparency-dev/merkle
has them (Copyright 2017 Google LLC, Apache-2.0). Leaves and roots are those of `test_merkle`.
"""

import base64

import pytest

from audit.domain.merkle import EMPTY_ROOT, leaf_hash
from audit.domain.proof import verify_consistency, verify_inclusion
from audit.verifier import noncontact
from tests.audit.domain.test_merkle import INPUTS, ROOTS
from tests.audit.verifier_program import load

program = load()
SOME = bytes.fromhex("0abacaba000000000000000000000000000000000000000000060061e0012345")

A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

# Leaf (from 0), size, proof.
INCLUSIONS = [
    (0, 8, [A, B, C]),
    (5, 8, [D, E, F]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", B, D]),
]
# First size, second size, proof.
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [A, B, C]),
    (6, 8, [G, E, F]),
    (2, 5, [B, D]),
    (6, 7, [G, "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f", F]),
]


def root(size):
    return bytes.fromhex(ROOTS[size])


def raw(proof):
    return [bytes.fromhex(item) for item in proof]


def by_the_product(leaf, index, size, proof, wanted):
    return verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=wanted)


def by_the_program(leaf, index, size, proof, wanted):
    return program.root_of_proof(leaf, index, size, proof) == wanted


def by_the_certificates_file(leaf, index, size, proof, wanted):
    return noncontact._is_included(leaf, index, size, [base64.b64encode(item).decode() for item in proof], wanted)


VERIFIERS = [by_the_product, by_the_program, by_the_certificates_file]


def bent_proofs(proof, own):
    """As the reference bends them: garbage behind and before, a bit, a hash less, one more between."""
    yield from ([*proof, b""], [*proof, own], [b"", *proof], [own, *proof], [proof[0], SOME, *proof[1:]])
    yield proof[:-1]
    for at, item in enumerate(proof):
        yield [*proof[:at], bytes([item[0] ^ 8]) + item[1:], *proof[at + 1 :]]


@pytest.mark.parametrize("holds", VERIFIERS)
@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_published_inclusion_proofs_hold_and_nothing_near_them(holds, index, size, proof):
    leaf, proof, wanted = leaf_hash(INPUTS[index]), raw(proof), root(size)
    assert holds(leaf, index, size, proof, wanted)
    for other in (index - 1, index + 1, index ^ 2):
        assert not holds(leaf, other, size, proof, wanted)
    assert not holds(leaf, index, size * 2, proof, wanted)
    assert not holds(leaf, index, size // 2, proof, wanted)
    assert not holds(b"WrongLeaf", index, size, proof, wanted)
    assert not holds(leaf, index, size, proof, EMPTY_ROOT)
    assert not holds(leaf, index, size, proof, SOME)
    for wrong in bent_proofs(proof, wanted):
        assert not holds(leaf, index, size, wrong, wanted)


@pytest.mark.parametrize("holds", VERIFIERS)
@pytest.mark.parametrize(("index", "size"), [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_nothing_is_included_where_there_is_nothing(holds, index, size):
    for leaf, wanted in ((SOME, b""), (b"", EMPTY_ROOT), (SOME, EMPTY_ROOT)):
        assert not holds(leaf, index, size, [], wanted)


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCIES)
def test_published_consistency_proofs_hold_and_nothing_near_them(first, second, proof):
    proof, old, new = raw(proof), root(first), root(second)

    def holds(**changes):
        members = {"first": first, "second": second, "first_root": old, "second_root": new, "proof": proof}
        return verify_consistency(**(members | changes))

    assert holds()
    if not proof:
        return
    for other in (first - 1, first + 1, first ^ 2):
        assert not holds(first=other)
    for other in (second * 2, second // 2):
        assert not holds(second=other)
    assert not holds(first_root=b"WrongRoot")
    assert not holds(second_root=b"WrongRoot")
    assert not holds(first_root=new, second_root=old)
    for wrong in ([], [proof[0], *proof], [*proof, old], *bent_proofs(proof, new)):
        assert not holds(proof=wrong)
