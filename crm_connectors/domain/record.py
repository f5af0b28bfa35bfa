"""Records, operations and receipts: the values that cross the port."""

from datetime import datetime
from typing import Any

import msgspec

JsonValue = Any


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the CRM holds it. `version` is opaque: equal means untouched. `values` holds what was asked for."""

    object: str
    id: str
    version: str
    values: dict[str, JsonValue]
    modified_at: datetime | None = None


class Page(msgspec.Struct, frozen=True):
    """`after` is the cursor of the next page, empty on the last one."""

    records: tuple[Record, ...]
    after: str = ""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """One file that leaves with a message."""

    name: str
    content_type: str
    content: bytes


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One write. `verb` is `update`, `create` or `archive`.

    `operation_key` is unique per request and effect: where the CRM offers a unique key it makes a repeat harmless
    (class A). `before` are the values that the writer saw, by field; `version` the record's stamp at that moment.
    Both are optional conditions: nothing is written unless all that is given still holds. `None` in `values` empties a
    field. `actor` is who the CRM's own history shall name. `association` links a created record to `(object, id)`.
    `attachments` are the files that the listing in `values` names; whatever sends them compares the two first.
    """

    verb: str
    object: str
    record_id: str | None
    values: dict[str, JsonValue]
    operation_key: str
    correlation_id: str
    actor: str
    before: dict[str, JsonValue] = {}
    version: str = ""
    association: tuple[str, str] | None = None
    attachments: tuple[Attachment, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the CRM answered. `is_repeat` when it had applied this very operation before."""

    record_id: str
    version: str
    is_repeat: bool = False


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one field, as the CRM's own history tells it. `writer` is the login or app that the CRM itself
    names for it, where it names one: whose credential was used, while `actor` says who asked."""

    field: str
    before: JsonValue
    after: JsonValue
    actor: str
    at: datetime
    operation_key: str = ""
    writer: str = ""


class ChangedRecord(msgspec.Struct, frozen=True):
    """A record and when the CRM says that it was last changed."""

    id: str
    at: datetime


class ChangedPage(msgspec.Struct, frozen=True):
    """Changed records, the oldest change first. `is_last`: there are no more now."""

    records: tuple[ChangedRecord, ...]
    is_last: bool
