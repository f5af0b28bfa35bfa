"""Exports of the embedded CRM: a CSV file under DATA_DIR/exports and the record that says what is in it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from crm_connectors.domain.csv_file import make_csv
from crm_connectors.domain.outgoing_mail import message_name
from crm_connectors.domain.record import JsonValue, Operation, Receipt
from crm_connectors.embedded.maildir import sync_folder
from crm_connectors.embedded.operations import apply_operation
from crm_connectors.port import RejectedError, TransientError
from crm_connectors.selectors.embedded_records import MAX_PAGE, search_records

_OWNER_ONLY = 0o700


def make_export(connection_id: UUID, operation: Operation, *, now: datetime) -> Receipt:
    """Write the file, then the record that gives it away. A file without its record is out of everyone's reach.

    Raises what `apply_operation` raises, RejectedError for an export that makes no sense, TransientError.
    """
    rows = list(_rows(connection_id, operation))
    content = make_csv(_columns(operation), rows)
    name = message_name(operation.operation_key).replace(".countersign", ".csv")
    try:
        path = _path(connection_id, name)
        path.write_bytes(content)
        sync_folder(path.parent)
    except OSError as error:
        raise TransientError("the file cannot be written now") from error
    kept = {"rows": len(rows), "file": name, "sha256": hashlib.sha256(content).hexdigest()}
    return apply_operation(connection_id, operation, now=now, kept=kept)


def remove_export(connection_id: UUID, operation: Operation, *, file: str, now: datetime) -> Receipt:
    """Archive the record, then delete its file. Raises what `apply_operation` raises, TransientError."""
    receipt = apply_operation(connection_id, operation, now=now)
    try:
        _path(connection_id, file).unlink(missing_ok=True)
    except OSError as error:
        raise TransientError("the file cannot be deleted now") from error
    return receipt


def read_export(connection_id: UUID, file: str) -> bytes | None:
    """The file's content, None when it is gone."""
    path = _path(connection_id, file)
    return path.read_bytes() if path.is_file() else None


def _columns(operation: Operation) -> list[str]:
    return str(operation.values.get("fields") or "").split(", ")


def _rows(connection_id: UUID, operation: Operation) -> Iterator[dict[str, JsonValue]]:
    """The records, page by page, up to the cap."""
    values = operation.values
    limit = values.get("row_limit")
    try:
        filters = dict(json.loads(values.get("filters") or "{}"))
    except (TypeError, ValueError) as error:
        raise RejectedError("the filters are no JSON object") from error
    left, after = limit if isinstance(limit, int) else 0, ""
    while left > 0:
        page = search_records(
            connection_id,
            str(values.get("object")),
            filters,
            _columns(operation),
            limit=min(left, MAX_PAGE),
            after=after,
        )
        yield from (record.values for record in page.records)
        left, after = left - len(page.records), page.after
        if not after:
            return


def _path(connection_id: UUID, name: str) -> Path:
    """Where the file of this name lies; a name never leads elsewhere."""
    folder: Path = settings.DATA_DIR / "exports" / str(connection_id)
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    return folder / Path(name).name
