"""How one key of the ledger hands over to the next: a note that both have signed (AUD-06).

    <origin>
    key rotation v1
    <verifier key of the old one>
    <verifier key of the new one>
    <blank line>
    <a signature line of each>

The old key vouches for the new one to whoever pinned the old; the new one for the old to whoever has the new. Neither
needs to believe the database that the note lies in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.domain.note import InvalidNoteError, key_id, read_note, read_verifier_key, signature_line, verifier_key

_TITLE = "key rotation v1"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which key followed which, once both signatures held."""

    old: Ed25519PublicKey
    new: Ed25519PublicKey


def sign_rotation(*, origin: str, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> str:
    """The note. Raises ValueError when the two are one key, or the origin cannot name a log."""
    keys = [verifier_key(origin, key.public_key()) for key in (old, new)]
    if keys[0] == keys[1]:
        raise ValueError("the new key is the old one")
    text = "".join(f"{line}\n" for line in (origin, _TITLE, *keys))
    return f"{text}\n{signature_line(text, origin=origin, key=old)}{signature_line(text, origin=origin, key=new)}"


def open_rotation(note: str, *, origin: str) -> Rotation:
    """Raises InvalidNoteError unless both keys that it names have signed it for this log."""
    text, signatures = read_note(note)
    lines = text.split("\n")
    if len(lines) != 5 or lines[:2] != [origin, _TITLE]:
        raise InvalidNoteError("this is no key rotation of this log")
    keys = []
    for line in lines[2:4]:
        name, key = read_verifier_key(line)
        wanted = key_id(origin, key)
        mine = [raw for signer, raw in signatures if signer == origin and raw[:4] == wanted]
        if name != origin or not mine:
            raise InvalidNoteError("a key of the rotation has not signed it")
        try:
            key.verify(mine[0][4:], text.encode())
        except InvalidSignature as error:
            raise InvalidNoteError("a signature does not match the rotation") from error
        keys.append(key)
    return Rotation(*keys)


def keys_before(current: Ed25519PublicKey, rotations: Iterable[Rotation]) -> tuple[Ed25519PublicKey, ...]:
    """The keys that led to the current one, the latest first."""
    before = {item.new.public_bytes_raw(): item.old for item in rotations}
    found: list[Ed25519PublicKey] = []
    seen = {current.public_bytes_raw()}
    older = before.get(current.public_bytes_raw())
    while older is not None and older.public_bytes_raw() not in seen:
        seen.add(older.public_bytes_raw())
        found.append(older)
        older = before.get(older.public_bytes_raw())
    return tuple(found)
