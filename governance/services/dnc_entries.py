"""Putting someone on the do-not-contact list (DNC-02/04). Taking off is `governance.services.changes.dnc_remove`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.dnc_key import DncKind, key_of
from governance.domain.vocabulary import ActorType
from governance.models import DncEntry, DncProof, DncStore, Workspace
from governance.selectors.access import NotAllowedError, ensure_may
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys
from governance.services.dnc_lock import hold_dnc_exclusive

MAX_COVERED = 200


class DncEntryError(ValueError):
    """The entry cannot be added like this. The words say why."""

    code = "dnc_entry_refused"


class NewDncEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`value` as compliance shall see it; `covers` are (kind, address) of a person's or company's own addresses.

    `source` is where it came from: `console`, `api`, `import`, `opt_out`, `bounce`, `complaint` …
    """

    kind: str
    value: str
    reason: str
    source: str
    brand: str = ""
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    proof_id: UUID | None = None
    covers: tuple[tuple[str, str], ...] = ()


def add_dnc_entry(
    *, workspace_id: UUID, entry: NewDncEntry, actor: Actor, now: datetime, user_id: int | None = None
) -> UUID:
    """Put one address, domain, person or company on the list; returns the entry's id.

    `user_id` names the login of a person whose `add_dnc` is then asked; systems have proven themselves at their door.
    Commits the entry, the addresses that it covers and `dnc.added`; from then on no send begins to any of them.
    Raises InvalidRecipientError, DncEntryError, NotAllowedError, DncUnavailableError, LedgerUnavailableError,
    Workspace.DoesNotExist.
    """
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("agents never change the do-not-contact list")
    if user_id is not None:
        ensure_may(user_id=user_id, permission="add_dnc", workspace_id=workspace_id)
    _ensure_sound(entry, workspace_id)
    workspace = Workspace.objects.get(pk=workspace_id)
    keys = get_dnc_keys()
    rows = _rows(workspace_id, entry, keys, actor=actor, now=now)
    with transaction.atomic():
        pin_dnc_keys(keys, now=now)
        DncEntry.objects.bulk_create(rows)
        append_event(_added(workspace, rows[0], len(rows) - 1, actor), now=now)
        hold_dnc_exclusive()
    return rows[0].pk


def pin_dnc_keys(keys: DncKeys, *, now: datetime) -> None:
    """Remember what the list is made with, once. Runs in the caller's transaction."""
    DncStore.objects.bulk_create([DncStore(id=1, fingerprint=keys.fingerprint, pinned_at=now)], ignore_conflicts=True)


def _ensure_sound(entry: NewDncEntry, workspace_id: UUID) -> None:
    if not entry.reason.strip() or not entry.source.strip():
        raise DncEntryError("say why, and where it came from")
    if len(entry.value) > 300 or len(entry.reason) > 300 or len(entry.source) > 60 or len(entry.brand) > 60:
        raise DncEntryError("a text is too long")
    if any("\x00" in text for text in (entry.value, entry.reason, entry.source, entry.brand)):
        raise DncEntryError("a text holds a NUL character")
    if entry.covers and entry.kind not in (DncKind.PERSON, DncKind.COMPANY):
        raise DncEntryError("only a person or a company covers further addresses")
    if len(entry.covers) > MAX_COVERED:
        raise DncEntryError(f"an entry covers at most {MAX_COVERED} addresses")
    if any(kind not in (DncKind.EMAIL, DncKind.DOMAIN, DncKind.PHONE) for kind, _ in entry.covers):
        raise DncEntryError("what an entry covers is an e-mail address, a domain or a phone number")
    if entry.proof_id and not DncProof.objects.filter(pk=entry.proof_id, workspace_id=workspace_id).exists():
        raise DncEntryError("the workspace has no such proof")


def _rows(workspace_id: UUID, entry: NewDncEntry, keys: DncKeys, *, actor: Actor, now: datetime) -> list[DncEntry]:
    """The entry and a row for each address that it covers, with the same dates."""
    start = entry.effective_from or now
    if entry.effective_until is not None and entry.effective_until <= start:
        raise DncEntryError("it would end before it begins")
    wanted: Sequence[tuple[str, str]] = ((entry.kind, entry.value), *entry.covers)
    rows = [
        DncEntry(
            workspace_id=workspace_id,
            kind=kind,
            brand=entry.brand.strip(),
            digest=keys.digest(workspace_id, key_of(kind, value, region=keys.region)),
            value=value.strip(),
            reason=entry.reason.strip(),
            source=entry.source.strip(),
            proof_id=entry.proof_id,
            effective_from=start,
            effective_until=entry.effective_until,
            added_by=f"{actor.type}:{actor.id}",
            added_at=now,
        )
        for kind, value in wanted
    ]
    for row in rows[1:]:
        row.parent = rows[0]
    return rows


def _added(workspace: Workspace, row: DncEntry, covered: int, actor: Actor) -> NewEvent:
    data = {
        "brand": row.brand,
        "covers": covered,
        "from": row.effective_from.isoformat(),
        "kind": row.kind,
        "proof": row.proof.sha256 if row.proof is not None else None,
        "source": row.source,
        "until": row.effective_until.isoformat() if row.effective_until else None,
    }
    return NewEvent(
        type="dnc.added",
        workspace=workspace.slug,
        actor=actor,
        subject=Subject("dnc_entry", str(row.pk)),
        correlation_id=f"dnc-{row.pk}",
        data=data,
        values={"value": row.value, "reason": row.reason},
    )
