"""Changing the ledger's signing key: the old key introduces the new one in the ledger, and signs that (AUD-06)."""

import base64
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from audit.adapters.files import create_once, ledger_dir, move_away, remove
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.key_rotation import sign_rotation
from audit.domain.note import verifier_key
from audit.models import Checkpoint, LedgerEvent, LedgerLeaf
from audit.services.anchor import check_anchor
from audit.services.append import append_event
from audit.services.checkpoint import sign_checkpoint
from audit.services.known_keys import INTRODUCED, TAKEN_UP, correlation_of
from audit.services.lock import hold_sequencer_lock
from audit.services.sequence import sequence_pending
from audit.services.signing_key import (
    SEED_SIZE,
    get_origin,
    get_signing_key,
    key_path,
    read_seed,
)

OPERATOR = Actor("system", "operator")


class RotationError(RuntimeError):
    """The key is not changed. The words say why."""

    code = "key_rotation_refused"


def next_key_path() -> Path:
    """Where the next key lies while it is not the present one."""
    return ledger_dir() / "signing.key.next"


def rotate_key(*, now: datetime) -> str:
    """Bring the next key, made here, in the place of the present one; returns its text that verifiers pin.

    It lies in `next_key_path` from the first step on, so that a rotation that was broken off is taken up with the same
    key. Commits `ledger.key_introduced`, then a checkpoint of the old key over it; only then the new one takes its
    place, as `ledger.key_taken_up` says under its own first checkpoint. Where LEDGER_SIGNING_KEY gives the key, a
    person puts the new one there, and runs this again. Never inside a transaction.
    Raises RotationError, SigningKeyError, AnchorError, DamagedTreeError, LedgerUnavailableError.
    """
    if (state := check_anchor()).is_behind:
        raise RotationError(f"the ledger is behind its anchor: {state.words}. Explain that first")
    old = get_signing_key()
    if _is_unfinished(old.public_key()):
        _take_up(old, now=now)
        return verifier_key(get_origin(), old.public_key())
    new = _next_key()
    event_id = _introduce(old, new, now=now)
    _sign(now)
    if _swap(event_id, old, new):
        _take_up(new, now=now)
    return verifier_key(get_origin(), new.public_key())


def _is_unfinished(present: Ed25519PublicKey) -> bool:
    """Whether the present key was introduced and is not yet on record as taken up."""
    told = LedgerEvent.objects.filter(correlation_id=correlation_of(present), type__in=(INTRODUCED, TAKEN_UP))
    return set(told.values_list("type", flat=True)) == {INTRODUCED}


def _take_up(present: Ed25519PrivateKey, *, now: datetime) -> None:
    """Put on record that this key signs, and sign with it. The next key goes first: gone, it is never taken again."""
    if next_key_path().exists() and _is_same(_next_key(), present):
        remove(next_key_path())
    _append(TAKEN_UP, present.public_key(), {}, now=now)
    _sign(now)


def _introduce(old: Ed25519PrivateKey, new: Ed25519PrivateKey, *, now: datetime) -> UUID:
    """The event that hands over to this key, once however often it is tried."""
    correlation_id = correlation_of(new.public_key())
    earlier = LedgerEvent.objects.filter(type=INTRODUCED, correlation_id=correlation_id).first()
    if earlier is not None:
        return earlier.pk
    note = sign_rotation(origin=get_origin(), old=old, new=new)
    return _append(INTRODUCED, new.public_key(), {"note": note}, now=now)


def _swap(event_id: UUID, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> bool:
    """Whether the next key is the present one now; not where a setting gives it. INVARIANT: no key takes its place
    before the one that introduced it has signed that, and none but the one that it introduced."""
    with transaction.atomic():
        hold_sequencer_lock()  # nobody signs while the key changes
        place = LedgerLeaf.objects.filter(event_id=event_id).values_list("leaf_index", flat=True).first()
        if place is None or not Checkpoint.objects.filter(size__gt=place).exists():
            raise RotationError("the old key has not signed the introduction of the new one yet: run it again")
        if settings.LEDGER_SIGNING_KEY:
            return False
        if not (next_key_path().exists() and _is_same(get_signing_key(), old) and _is_same(_next_key(), new)):
            raise RotationError("another run has changed the key meanwhile")
        move_away(next_key_path(), key_path())
    return True


def _is_same(one: Ed25519PrivateKey, other: Ed25519PrivateKey) -> bool:
    return one.public_key() == other.public_key()


def _sign(now: datetime) -> None:
    while sequence_pending(now=now):
        pass
    sign_checkpoint(now=now)


def _append(type_: str, key: Ed25519PublicKey, data: dict[str, Any], *, now: datetime) -> UUID:
    event = NewEvent(
        type=type_,
        workspace="",
        actor=OPERATOR,
        subject=Subject("ledger", get_origin()),
        correlation_id=correlation_of(key),
        data={"key": verifier_key(get_origin(), key), **data},
    )
    with transaction.atomic():
        return append_event(event, now=now)


def _next_key() -> Ed25519PrivateKey:
    encoded = create_once(next_key_path(), base64.b64encode(secrets.token_bytes(SEED_SIZE)) + b"\n")
    return read_seed(encoded.decode("ascii"))
