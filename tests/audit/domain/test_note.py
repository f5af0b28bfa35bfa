"""Signed checkpoints: the format of C2SP, and every forgery refused (AUD-06)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.domain.note import (
    InvalidNoteError,
    TreeHead,
    is_origin,
    key_id,
    open_checkpoint,
    sign_tree_head,
    verifier_key,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
HEAD = TreeHead(origin="example.com/ledger", size=42, root=bytes(range(32)))
NOTE = sign_tree_head(HEAD, KEY)


def open_note(note, origin=HEAD.origin, key=KEY):
    return open_checkpoint(note, origin=origin, public_key=key.public_key())


def test_a_checkpoint_has_the_published_form():
    text, _, signature = NOTE.partition("\n\n")
    assert text == f"example.com/ledger\n42\n{base64.b64encode(bytes(range(32))).decode()}"
    assert signature.startswith("— example.com/ledger ")
    assert signature.endswith("\n")
    assert open_note(NOTE) == HEAD


def test_the_key_id_is_that_of_the_published_example():
    """The key of the note package's own documentation (golang.org/x/mod/sumdb/note)."""
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert key_id("PeterNeumann", key.public_key()).hex() == "c74f20a3"
    pinned = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert verifier_key("PeterNeumann", key.public_key()) == pinned


def test_signatures_of_witnesses_may_follow():
    witness = base64.b64encode(b"\x01\x02\x03\x04" + bytes(72)).decode()
    assert open_note(f"{NOTE}— witness.example/w1 {witness}\n") == HEAD


@pytest.mark.parametrize(
    ("origin", "key"), [("example.com/other", KEY), (HEAD.origin, OTHER), ("example.com/other", OTHER)]
)
def test_another_key_or_origin_is_refused(origin, key):
    with pytest.raises(InvalidNoteError):
        open_note(NOTE, origin=origin, key=key)
    with pytest.raises(InvalidNoteError):
        open_note(sign_tree_head(TreeHead(origin, HEAD.size, HEAD.root), key))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        NOTE[:-1],
        NOTE.replace("\n42\n", "\n43\n"),
        NOTE.replace("\n42\n", "\n042\n"),
        NOTE.replace("\n42\n", "\n+42\n"),
        NOTE.replace("\n42\n", "\n-42\n"),
        NOTE.replace("\n42\n", "\nmany\n"),
        NOTE.replace("\n42\n", "\n42\nspare\n"),
        NOTE.replace("AAEC", "AAED"),
        NOTE.replace("AAEC", "AA*C"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.partition("\n\n")[0] + "\n\n",
        NOTE.rpartition(" ")[0] + " AAAA\n",
        NOTE.rpartition(" ")[0] + " ====\n",
        NOTE.rpartition(" ")[0] + "\n",
    ],
)
def test_a_bent_note_is_refused(note):
    with pytest.raises(InvalidNoteError):
        open_note(note)


def test_a_flipped_bit_anywhere_is_refused():
    raw = NOTE.encode()
    for at in range(len(raw)):
        bent = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        text = bent.decode(errors="replace")
        with pytest.raises(InvalidNoteError):
            open_note(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb"])
def test_a_name_that_breaks_the_format_cannot_sign(name):
    assert not is_origin(name)
    with pytest.raises(ValueError, match="no origin"):
        sign_tree_head(TreeHead(name, 1, HEAD.root), KEY)
