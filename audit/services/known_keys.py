"""The keys that checkpoints of this ledger may bear: the present one, and those that it followed."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.domain.key_rotation import Rotation, keys_before, open_rotation
from audit.domain.note import InvalidNoteError, TreeHead, open_checkpoint, verifier_key
from audit.models import LedgerEvent
from audit.services.signing_key import get_origin, get_public_key

INTRODUCED = "ledger.key_introduced"
TAKEN_UP = "ledger.key_taken_up"


def list_rotation_notes(*, size: int | None = None) -> list[str]:
    """The notes of all rotations in the order of their leaves; with `size` of those under a tree of this size. One
    query. What cannot be read is left out: it vouches for nobody."""
    rows = LedgerEvent.objects.filter(type=INTRODUCED).order_by("leaf__leaf_index")
    if size is not None:
        rows = rows.filter(leaf__leaf_index__lt=size)
    notes = []
    for body in rows.values_list("body", flat=True):
        try:
            notes.append(str(msgspec.json.decode(bytes(body))["data"]["note"]))
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
            continue
    return notes


def list_public_keys() -> tuple[Ed25519PublicKey, ...]:
    """The present key and those before it, the latest first. Each is vouched for by the one that followed."""
    current = get_public_key()
    return (current, *keys_before(current, _rotations()))


def list_verifier_keys() -> tuple[str, ...]:
    """The same as texts that outside verifiers pin."""
    return tuple(verifier_key(get_origin(), key) for key in list_public_keys())


def open_known(note: str) -> tuple[TreeHead, Ed25519PublicKey]:
    """The head of a checkpoint that the present key or an earlier one has signed, and the key. No query for the present
    one. Raises InvalidNoteError."""
    current = get_public_key()
    try:
        return open_checkpoint(note, origin=get_origin(), public_key=current), current
    except InvalidNoteError as error:
        for key in keys_before(current, _rotations()):
            try:
                return open_checkpoint(note, origin=get_origin(), public_key=key), key
            except InvalidNoteError:
                continue
        raise error from None


def open_head(note: str) -> TreeHead:
    """The newest checkpoint's head, by a key that may still have signed it. INVARIANT: under a tree that tells of the
    present key's taking up, none before it signs. One query where an earlier key signed. Raises InvalidNoteError."""
    head, key = open_known(note)
    current = get_public_key()
    if key != current:
        taken_up = LedgerEvent.objects.filter(type=TAKEN_UP, correlation_id=correlation_of(current))
        if taken_up.filter(leaf__leaf_index__lt=head.size).exists():
            raise InvalidNoteError(f"checkpoint {head.size} is signed by a key that had been replaced")
    return head


def correlation_of(key: Ed25519PublicKey) -> str:
    """What the events of a key's introduction have in common: its id."""
    return f"ledger-key-{verifier_key(get_origin(), key).split('+')[1]}"


def _rotations() -> list[Rotation]:
    found = []
    for note in list_rotation_notes():
        try:
            found.append(open_rotation(note, origin=get_origin()))
        except InvalidNoteError:
            continue
    return found
