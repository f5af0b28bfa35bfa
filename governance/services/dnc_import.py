"""Importing a CSV onto the do-not-contact list: read and checked whole, then applied, in steps that resume (DNC-04)."""

import shutil
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from audit.services.append import append_event
from governance.domain.dnc_csv import MAX_LINE_BYTES, DncRowError, read_header
from governance.domain.dnc_import_state import DncImportState
from governance.domain.vocabulary import ActorType
from governance.models import DncImport, DncStagedRow, Workspace
from governance.selectors.access import NotAllowedError, ensure_may
from governance.selectors.dnc_secret import get_dnc_keys
from governance.services.dnc_apply import apply_rows
from governance.services.dnc_entries import pin_dnc_keys
from governance.services.dnc_lock import hold_dnc_exclusive
from governance.services.dnc_stage import stage_rows

UNDER_WAY = (DncImportState.READING, DncImportState.APPLYING)


class DncImportRefusedError(ValueError):
    """The file cannot be imported, or the import is not where it would have to be."""

    code = "dnc_import_refused"


def start_import(
    *,
    workspace_id: UUID,
    source: Path,
    name: str,
    defaults: dict[str, str],
    actor: Actor,
    now: datetime,
    user_id: int | None = None,
) -> UUID:
    """Take a copy of the file in and begin to read it; nothing is on the list before `apply_import`.

    `defaults` fill empty cells (`kind`, `reason`, `source` …). `user_id` names a person's login, whose `manage_dnc` is
    asked; the operator at the command line needs none. Commits the import and `dnc.import_started`.
    Raises DncImportRefusedError, NotAllowedError, DncUnavailableError, LedgerUnavailableError.
    """
    _ensure_may(workspace_id, actor, user_id)
    workspace = Workspace.objects.get(pk=workspace_id)
    keys = get_dnc_keys()
    row = DncImport(id=new_id(), workspace=workspace, name=name[:200], defaults={"source": "import", **defaults})
    path = import_path(row.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    with path.open("rb") as file:
        row.sha256 = file_digest(file, "sha256").hexdigest()
        row.size_bytes = file.tell()
        file.seek(0)
        row.columns = _header(file.readline(MAX_LINE_BYTES + 1))
        row.offset, row.line = file.tell(), 1
    row.started_by, row.started_at = f"{actor.type}:{actor.id}", now
    with transaction.atomic():
        pin_dnc_keys(keys, now=now)
        row.save(force_insert=True)
        append_event(_event("dnc.import_started", row, actor), now=now)
    return row.pk


def advance_import(*, import_id: UUID) -> DncImport:
    """Do the next step of an import under way: some thousand lines, in one transaction. Killed, it goes on from there.

    Safe to call by two workers at once: they take turns. Raises django.db.Error, DncUnavailableError.
    """
    with transaction.atomic():
        row = DncImport.objects.select_for_update().select_related("workspace").get(pk=import_id)
        if row.state == DncImportState.READING:
            stage_rows(row, import_path(row.pk))
            if row.offset >= row.size_bytes:
                row.state = DncImportState.READY
        elif row.state == DncImportState.APPLYING:
            apply_rows(row, now=get_now())
            if row.applied_line >= row.line:
                _finish(row, DncImportState.DONE)
        row.save()
        if row.state != DncImportState.READING:
            hold_dnc_exclusive()
    return row


def apply_import(*, import_id: UUID, is_taking_good: bool, actor: Actor, user_id: int | None = None) -> None:
    """Let the good rows go onto the list. With bad rows among them only when told to take the good ones.

    Raises DncImportRefusedError, NotAllowedError.
    """
    with transaction.atomic():
        row = DncImport.objects.select_for_update().get(pk=import_id)
        _ensure_may(row.workspace_id, actor, user_id)
        if row.state != DncImportState.READY:
            raise DncImportRefusedError("the file is not read to its end, or was applied already")
        if row.rows_bad and not is_taking_good:
            raise DncImportRefusedError(f"{row.rows_bad} rows cannot be read: mend them, or take the good ones")
        row.state = DncImportState.APPLYING
        row.save(update_fields=["state"])


def cancel_import(*, import_id: UUID, actor: Actor, user_id: int | None = None) -> None:
    """Forget an import before any of it was applied. Raises DncImportRefusedError, NotAllowedError."""
    with transaction.atomic():
        row = DncImport.objects.select_for_update().select_related("workspace").get(pk=import_id)
        _ensure_may(row.workspace_id, actor, user_id)
        if row.state not in (DncImportState.READING, DncImportState.READY):
            raise DncImportRefusedError("what is applied stays: entries end by two people")
        _finish(row, DncImportState.CANCELLED)
        row.save()


def run_import(*, import_id: UUID) -> DncImport:
    """Steps until it is read or applied to its end."""
    row = advance_import(import_id=import_id)
    while row.state in UNDER_WAY:
        row = advance_import(import_id=import_id)
    return row


def import_path(import_id: UUID) -> Path:
    """Where the copy of an import's file lies."""
    return Path(settings.DATA_DIR) / "dnc" / "imports" / f"{import_id}.csv"


def _header(line: bytes) -> list[str]:
    try:
        return read_header(line)
    except DncRowError as error:
        raise DncImportRefusedError(str(error)) from error


def _ensure_may(workspace_id: UUID, actor: Actor, user_id: int | None) -> None:
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("agents never change the do-not-contact list")
    if user_id is not None or actor.type == ActorType.HUMAN:
        ensure_may(user_id=user_id, permission="manage_dnc", workspace_id=workspace_id)


def _finish(row: DncImport, state: DncImportState) -> None:
    row.state, row.finished_at = state, get_now()
    DncStagedRow.objects.filter(import_id=row.pk).delete()
    kind, _, name = row.started_by.partition(":")
    append_event(_event("dnc.import_ended", row, Actor(kind, name)), now=row.finished_at)
    path = import_path(row.pk)
    transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)  # its hash is on record, its people not


def _event(type_: str, row: DncImport, actor: Actor) -> NewEvent:
    counts = {"added": row.rows_added, "bad": row.rows_bad, "good": row.rows_good, "known": row.rows_known}
    return NewEvent(
        type=type_,
        workspace=row.workspace.slug,
        actor=actor,
        subject=Subject("dnc_import", str(row.pk)),
        correlation_id=f"dnc-import-{row.pk}",
        data={"rows": counts, "sha256": row.sha256, "state": str(row.state)},
    )
