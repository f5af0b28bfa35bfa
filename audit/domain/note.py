"""Signed notes and checkpoints: the tree's state in a form that third-party tools verify.

    <origin>
    <size in decimal>
    <root in base64>
    <blank line>
    — <origin> <base64 of key id (4 bytes) ‖ Ed25519 signature (64 bytes)>

Source: C2SP signed-note (signature type 0x01), C2SP tlog-checkpoint; RFC 8032.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.domain.merkle import HASH_SIZE

_ALGORITHM = b"\x01"  # Ed25519


class InvalidNoteError(ValueError):
    """The note is malformed, of another origin, or not signed by the pinned key."""

    code = "invalid_note"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says: this log (`origin`) had `size` leaves under `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes


def key_id(origin: str, public_key: Ed25519PublicKey) -> bytes:
    """The 4 bytes that name a key: SHA-256(origin ‖ LF ‖ 0x01 ‖ key), cut."""
    raw = public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(origin.encode() + b"\n" + _ALGORITHM + raw).digest()[:4]


def verifier_key(origin: str, public_key: Ed25519PublicKey) -> str:
    """The text that a verifier pins: `<origin>+<key id in hex>+<base64 of 0x01 ‖ key>`."""
    raw = public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{origin}+{key_id(origin, public_key).hex()}+{base64.b64encode(_ALGORITHM + raw).decode()}"


def is_origin(name: str) -> bool:
    """Whether `name` may name a log: not empty, no white space, no plus sign."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def sign_tree_head(head: TreeHead, key: Ed25519PrivateKey) -> str:
    """The signed checkpoint of `head`. Raises ValueError when the origin cannot name a log."""
    return sign_note(_text(head), origin=head.origin, key=key)


def sign_note(text: str, *, origin: str, key: Ed25519PrivateKey) -> str:
    """A signed note over `text`, whose lines all end in LF. Raises ValueError when the origin cannot name a log.

    INVARIANT: whatever is signed beside checkpoints has no number in its second line, so that none passes as one.
    """
    return f"{text}\n{signature_line(text, origin=origin, key=key)}"


def signature_line(text: str, *, origin: str, key: Ed25519PrivateKey) -> str:
    """The key's line below `text`. Raises as `sign_note`."""
    if not is_origin(origin):
        raise ValueError(f"`{origin}` is no origin: it must not be empty or hold white space or `+`")
    signature = key_id(origin, key.public_key()) + key.sign(text.encode())
    return f"— {origin} {base64.b64encode(signature).decode()}\n"


def read_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Text, and signers with what they signed by: nothing is judged. Raises InvalidNoteError."""
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise InvalidNoteError("a note has a text, a blank line and signatures")
    return f"{text}\n", [_parse_signature(line) for line in signatures[:-1].split("\n")]  # all, or it is no note


def read_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """Origin and key of what `verifier_key` wrote. Raises InvalidNoteError."""
    origin, _, rest = text.partition("+")
    try:
        raw = base64.b64decode(rest.partition("+")[2], validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError as error:
        raise InvalidNoteError("this is no verifier key") from error
    if not is_origin(origin) or verifier_key(origin, key) != text:
        raise InvalidNoteError("the verifier key is not in its one spelling")
    return origin, key


def open_checkpoint(note: str, *, origin: str, public_key: Ed25519PublicKey) -> TreeHead:
    """The head that `note` carries, once its signature by the pinned origin and key holds. Raises InvalidNoteError.

    Signatures by other names (witnesses) may follow and are ignored, as the format demands.
    """
    text, signatures = read_note(note)
    head = _parse(text)
    if head.origin != origin:
        raise InvalidNoteError(f"the checkpoint is of `{head.origin}`, not of `{origin}`")
    wanted = key_id(origin, public_key)
    for name, signature in signatures:
        if name != origin or signature[:4] != wanted:
            continue
        try:
            public_key.verify(signature[4:], text.encode())
        except InvalidSignature as error:
            raise InvalidNoteError("the signature does not match the text") from error
        return head
    raise InvalidNoteError("the pinned key has not signed this note")


def _text(head: TreeHead) -> str:
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def _parse(text: str) -> TreeHead:
    """A head whose text is exactly `text`: no leading zeros, no spare lines, no second spelling of base64."""
    try:
        origin, size, root = text.split("\n")[:3]
        head = TreeHead(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))
    except ValueError as error:
        raise InvalidNoteError("a checkpoint has an origin, a size and a root") from error
    if len(head.root) != HASH_SIZE or head.size < 0 or _text(head) != text:
        raise InvalidNoteError("the checkpoint is not in its one spelling")
    return head


def _parse_signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        signature = base64.b64decode(encoded, validate=True)
    except ValueError as error:  # no base64, or no ASCII
        raise InvalidNoteError("a signature line is not base64") from error
    is_one_spelling = base64.b64encode(signature).decode() == encoded
    if dash != "—" or not is_origin(name) or len(signature) < 5 or not is_one_spelling:
        raise InvalidNoteError("a signature line is malformed")
    return name, signature
