"""An integration puts someone on the do-not-contact list, once for each idempotency key (DNC-04)."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from audit.domain.event import Actor
from governance.domain.principal import SystemPrincipal
from governance.domain.scopes import ADD_DNC
from governance.domain.vocabulary import ActorType
from governance.models import DncSubmission
from governance.selectors.access import NotAllowedError
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry


class DncKeyReusedError(ValueError):
    """The key belongs to another body."""

    code = "idempotency_key_reused"


class DncSubmitted(msgspec.Struct, frozen=True, kw_only=True):
    entry_id: UUID
    kind: str
    effective_from: datetime
    effective_until: datetime | None
    added_at: datetime
    is_replay: bool = False


def submit_dnc_entry(
    *, principal: SystemPrincipal, entry: NewDncEntry, idempotency_key: str, fingerprint: str, now: datetime
) -> DncSubmitted:
    """Add one entry for an integration; the same key and body again give the same answer and add nothing.

    Commits the entry, `dnc.added` as `system`, and the key. `fingerprint` is the digest of the whole body.
    Raises NotAllowedError, DncKeyReusedError, and what `add_dnc_entry` raises; then nothing was committed.
    """
    if ADD_DNC not in principal.scopes:
        raise NotAllowedError("the integration may not add to the do-not-contact list")
    earlier = _find(principal, idempotency_key, fingerprint)
    if earlier is not None:
        return _answer(earlier, is_replay=True)
    try:
        with transaction.atomic():
            return _answer(_add(principal, entry, idempotency_key, fingerprint, now), is_replay=False)
    except IntegrityError:  # the same key was sent twice at once: the other one was first
        earlier = _find(principal, idempotency_key, fingerprint)
        if earlier is None:
            raise
        return _answer(earlier, is_replay=True)


def _add(
    principal: SystemPrincipal, entry: NewDncEntry, idempotency_key: str, fingerprint: str, now: datetime
) -> DncSubmission:
    entry_id = add_dnc_entry(
        workspace_id=principal.workspace_id, entry=entry, actor=Actor(ActorType.SYSTEM, principal.name), now=now
    )
    return DncSubmission.objects.create(
        integration_id=principal.integration_id,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        entry_id=entry_id,
        created_at=now,
    )


def _find(principal: SystemPrincipal, idempotency_key: str, fingerprint: str) -> DncSubmission | None:
    rows = DncSubmission.objects.filter(integration_id=principal.integration_id, idempotency_key=idempotency_key)
    found = rows.select_related("entry").first()
    if found is not None and found.fingerprint != fingerprint:
        raise DncKeyReusedError("the idempotency key was used with another body")
    return found


def _answer(row: DncSubmission, *, is_replay: bool) -> DncSubmitted:
    entry = row.entry
    return DncSubmitted(
        entry_id=entry.pk,
        kind=entry.kind,
        effective_from=entry.effective_from,
        effective_until=entry.effective_until,
        added_at=entry.added_at,
        is_replay=is_replay,
    )
