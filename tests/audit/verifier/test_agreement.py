"""The stranger's verifier and the product's own never differ: signatures, notes, proofs, roots (AUD-06)."""

import base64
import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from audit.domain import proof as product
from audit.domain.merkle import leaf_hash, perfect_root
from audit.domain.note import InvalidNoteError, TreeHead, open_checkpoint, sign_tree_head, verifier_key
from tests.audit.domain import naive_merkle as naive
from tests.audit.verifier.mutating import mutated
from tests.audit.verifier_program import load

verify = load()

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
HEAD = TreeHead(origin="example.com/ledger", size=42, root=bytes(range(32)))
NOTE = sign_tree_head(HEAD, KEY).encode()
PINNED = verify.read_key(verifier_key(HEAD.origin, KEY.public_key()))

# RFC 8032 §7.1, TEST 1 to 3: public key, message, signature.
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_hold(key, message, signature):
    raw = bytes.fromhex(signature)
    assert verify.is_signed(bytes.fromhex(key), bytes.fromhex(message), raw)
    assert not verify.is_signed(bytes.fromhex(key), b"other", raw)
    s = int.from_bytes(raw[32:], "little") + verify.ORDER
    assert not verify.is_signed(bytes.fromhex(key), bytes.fromhex(message), raw[:32] + s.to_bytes(32, "little"))


def test_keys_of_small_order_sign_nothing():
    """With such a key one signature holds for any message."""
    for y in (1, verify.P - 1, 0):
        weak = y.to_bytes(32, "little")
        assert not verify.is_signed(weak, b"anything", weak + bytes(32))
    assert verify.read_point((verify.P + 1).to_bytes(32, "little")) is None


@given(st.integers(0, 63), st.integers(0, 7), st.binary(max_size=40))
def test_a_signature_with_a_flipped_bit_is_one_for_neither(at, bit, message):
    signature = bytearray(KEY.sign(message))
    assert verify.is_signed(PUBLIC, message, bytes(signature))
    signature[at] ^= 1 << bit
    assert not verify.is_signed(PUBLIC, message, bytes(signature))
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(PUBLIC).verify(bytes(signature), message)


def opened(note):
    """What both say to a note: its size, or None."""
    try:
        ours = open_checkpoint(note.decode(), origin=HEAD.origin, public_key=KEY.public_key()).size
    except (InvalidNoteError, UnicodeDecodeError):
        ours = None
    try:
        theirs = verify.open_note(note, PINNED).size
    except verify.RefusedError:
        theirs = None
    return ours, theirs


def test_both_open_the_same_notes():
    assert opened(NOTE) == (42, 42)
    for at in range(len(NOTE)):
        for other in (NOTE[:at] + NOTE[at + 1 :], NOTE[:at] + bytes([NOTE[at] ^ 1]) + NOTE[at + 1 :]):
            assert opened(other) == (None, None), other


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_mutation_of_a_checkpoint_is_accepted_by_either(count):
    chance = random.Random(7)  # noqa: S311  # to be repeated, not to be secret
    for _ in range(count):
        note = mutated(NOTE, chance)
        assert note == NOTE or opened(note) == (None, None), note


ENTRIES = [str(number).encode() for number in range(70)]


@pytest.mark.parametrize("size", range(1, 70))
def test_both_verify_the_same_proofs_and_the_naive_root(size):
    for index in range(size):
        path, leaf = naive.path(index, ENTRIES[:size]), leaf_hash(ENTRIES[index])
        assert verify.root_of_proof(leaf, index, size, path) == naive.root(ENTRIES[:size])
        for wrong in [*([path[1:]] if path else []), [*path, bytes(32)]]:
            root = verify.root_of_proof(leaf, index, size, wrong)
            ours = root is not None and product.verify_inclusion(
                leaf=leaf, index=index, size=size, proof=wrong, root=naive.root(ENTRIES[:size])
            )
            assert root != naive.root(ENTRIES[:size])
            assert not ours


@pytest.mark.parametrize("size", [0, 1, 2, 3, 69])
def test_both_give_the_same_root(size):
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    assert verify.tree_root([leaves]) == naive.root(ENTRIES[:size])


def test_a_tile_has_one_root():
    leaves = [leaf_hash(bytes([number])) for number in range(256)]
    assert verify.perfect_root(leaves) == perfect_root(leaves)


def cosigned(name, key, head_text, time):
    message = f"cosignature/v1\ntime {time}\n{head_text}".encode()
    id_ = verify.Key(name, 4, key.public_key().public_bytes_raw()).id
    raw = id_ + time.to_bytes(8, "big") + key.sign(message)
    return f"— {name} {base64.b64encode(raw).decode()}\n".encode()


def test_a_witness_is_believed_for_the_very_checkpoint_alone():
    """AUD-06: C2SP cosignature/v1."""
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = verify.Key("witness.example/w1", 4, witness.public_key().public_bytes_raw())
    text = NOTE.decode().partition("\n\n")[0] + "\n"
    good = verify.open_note(NOTE + cosigned(key.name, witness, text, 1_700_000_000), PINNED)
    assert verify.check_witnesses(good, [key]) == ["witness.example/w1 at 2023-11-14T22:13:20Z"]
    bad = verify.open_note(NOTE + cosigned(key.name, witness, text.replace("42", "43"), 1_700_000_000), PINNED)
    assert verify.check_witnesses(bad, [key]) == []
    assert verify.read_key(str(key), 4) == key
    with pytest.raises(verify.UnreadableError):
        verify.read_key(str(key))
