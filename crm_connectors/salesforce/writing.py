"""Writing: one record changed, made or deleted by one call that carries its own condition.

**Changed.** A PATCH with `If-Unmodified-Since`, which Salesforce judges to the second. When the stamp that the writer
saw is older than `SETTLED_SECONDS`, every later change moves it, and the condition is exact. When it is fresh, another
change in the same second could hide behind it: the record is read again and compared right before, and what is left is
a change of the same record between that reading and the PATCH, within one second of the one before.

**Made.** A POST that carries our key in a unique field: a repeat is refused by the CRM itself and answered with the
record that is there. An upsert would do it too, and would write our old values over what people changed since.

**Once.** Where an object has the key field, each change writes its key along: a repeat finds it and changes nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crm_connectors.adapters.http_client import Answer
from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import JsonValue, Operation, Receipt, Record
from crm_connectors.port import AmbiguousError, ConflictError, ConnectorError, RejectedError
from crm_connectors.salesforce import soql
from crm_connectors.salesforce.answers import DuplicateValueError, error_of, make_fault
from crm_connectors.salesforce.changes import Changes
from crm_connectors.salesforce.comparing import is_same_stored
from crm_connectors.salesforce.describing import ObjectInfo
from crm_connectors.salesforce.naming import check_id, http_date, is_plain, read_moment
from crm_connectors.salesforce.reading import STAMP, query, read_one
from crm_connectors.salesforce.session import SalesforceSession
from crm_connectors.salesforce.spelling import find_respelt

SETTLED_SECONDS = 60.0
"""Older than this, a stamp's second is over, whatever our clock and theirs disagree about."""
GOVERNED = {"Sforce-Auto-Assign": "FALSE"}
"""Without it, assignment rules run and an approved edit changes the owner."""


class Writer:
    """Writes of one object. `key_field` is its name where this object has it, else empty."""

    def __init__(self, session: SalesforceSession, info: ObjectInfo, key_field: str, now: datetime) -> None:
        self.session = session
        self.info = info
        self.key_field = key_field
        self.now = now

    def update(self, operation: Operation) -> Receipt:
        """Two calls, three when the record has to be compared first."""
        record_id = check_id(operation.record_id or "")
        values = self.values_of(operation, is_new=False)
        since = self._settled(operation)
        if not since:
            seen = read_one(self.session, self.info.name, record_id, self.compared(operation))
            if self.has_key(seen.record, operation):
                return Receipt(record_id=record_id, version=seen.record.version, is_repeat=True)
            self.require(operation, seen.record)
            since = seen.last_modified or http_date(read_moment(seen.record.version))
        path = f"/sobjects/{self.info.name}/{record_id}"
        headers = {**GOVERNED, "If-Unmodified-Since": since}
        try:
            answer = self.session.call("PATCH", path, json=values, headers=headers, is_write=True)
        except ConflictError:
            record = read_one(self.session, self.info.name, record_id, self.compared(operation)).record
            if not self._has_carried(record, operation):
                raise
            return Receipt(record_id=record_id, version=record.version, is_repeat=True)
        _require_done(answer)
        return self._receipt(record_id)

    def create(self, operation: Operation) -> Receipt:
        """One call and one for the new record's stamp; one before to find its association's field, once."""
        values = self.values_of(operation, is_new=True) | self._association(operation)
        path = f"/sobjects/{self.info.name}"
        try:
            answer = self.session.call("POST", path, json=values, headers=GOVERNED, is_write=True)
        except DuplicateValueError:
            found = self.find_made(operation) if self.key_field else None
            if found is None:
                raise
            return msgspec.structs.replace(found, is_repeat=True)
        try:
            body = answer.json()
        except msgspec.DecodeError as error:
            raise AmbiguousError("the write was sent, and its answer cannot be read") from error
        return self._receipt(_made_id(body))

    def archive(self, operation: Operation) -> Receipt:
        """Two calls: Salesforce deletes without conditions, so that they are compared right before."""
        record_id = check_id(operation.record_id or "")
        seen = read_one(self.session, self.info.name, record_id, self.compared(operation))
        self.require(operation, seen.record)
        _require_done(self.session.call("DELETE", f"/sobjects/{self.info.name}/{record_id}", is_write=True))
        return Receipt(record_id=record_id, version="")

    def find_change(self, operation: Operation) -> Receipt | None:
        """By our key on the record, or in its history once another operation's took its place; where neither tells, by
        the values. Raises AmbiguousError when those do not tell either, NotFoundError."""
        record_id = check_id(operation.record_id or "")
        record = read_one(self.session, self.info.name, record_id, self.compared(operation)).record
        receipt = Receipt(record_id=record_id, version=record.version)
        is_ours = self._has_carried(record, operation)
        if is_ours is not None:
            return receipt if is_ours else None
        if operation.version and record.version == operation.version:
            return None
        if self._is_held(operation.values, record):
            return receipt
        if operation.version and not (operation.before and self._is_held(operation.before, record)):
            raise AmbiguousError("the record holds neither what was there nor what was sent")
        return None

    def find_made(self, operation: Operation) -> Receipt | None:
        """The record that carries this key, one in the recycle bin too. Raises AmbiguousError without a key field."""
        if not self.key_field:
            raise AmbiguousError("this object has no field for our keys: whether it was made cannot be told")
        condition = f"{self.key_field} = {soql.text_literal(operation.operation_key)}"
        rows = query(self.session, soql.select(("Id", STAMP), self.info.name, [condition]), has_deleted=True)
        if not rows:
            return None
        return Receipt(record_id=str(rows[0]["Id"]), version=str(rows[0][STAMP]))

    def find_archived(self, operation: Operation) -> Receipt | None:
        """Whether the record lies in the recycle bin, or is gone from there too."""
        record_id = check_id(operation.record_id or "")
        text = soql.select(("Id", "IsDeleted"), self.info.name, [soql.id_list("Id", [record_id])])
        rows = query(self.session, text, has_deleted=True)
        if rows and rows[0]["IsDeleted"] is not True:
            return None
        return Receipt(record_id=record_id, version="")

    def values_of(self, operation: Operation, *, is_new: bool) -> dict[str, JsonValue]:
        """What is sent. Raises RejectedError for fields that are not there for us, for what no field holds, and for
        what would come back otherwise."""
        errors: dict[str, str] = {}
        for name, value in operation.values.items():
            field = self.info.find(name)
            if field is None:
                errors[name] = "is no field of this object, or is hidden from us"
            elif not (field.is_createable if is_new else field.is_updateable):
                errors[name] = "is read-only for us"
            elif not is_plain(value):
                errors[name] = "takes one plain value"
        errors = find_respelt(self.info, operation.values) | errors
        if errors:
            raise RejectedError(f"these fields cannot be written: {', '.join(sorted(errors))}", errors=errors)
        values = {name: None if is_empty(value) else value for name, value in operation.values.items()}
        return values | ({self.key_field: operation.operation_key} if self.key_field else {})

    def _association(self, operation: Operation) -> dict[str, JsonValue]:
        """The field by which a record names the one that it belongs to."""
        if operation.association is None:
            return {}
        target, record_id = operation.association
        for field in self.info.fields.values():
            if target in field.reference_to and field.is_createable and field.name != "OwnerId":
                return {field.name: check_id(record_id)}
        raise RejectedError(f"a record of {self.info.name} cannot belong to one of {target}")

    def _settled(self, operation: Operation) -> str:
        """The writer's stamp as a condition, if it alone is enough; empty when the record must be compared first."""
        if not operation.version:
            return ""
        try:
            stamp = read_moment(operation.version)
        except ValueError:
            raise ConflictError("this version is none of this CRM's") from None
        is_settled = self.now - stamp > timedelta(seconds=SETTLED_SECONDS)
        return http_date(stamp) if is_settled else ""

    def has(self, name: str) -> bool:
        """Whether this field is there for us."""
        return self.info.find(name) is not None

    def compared(self, operation: Operation) -> list[str]:
        """The fields to read before this write."""
        key = [self.key_field] if self.key_field else []
        return list(dict.fromkeys((*operation.before, *operation.values, *key)))

    def has_key(self, record: Record, operation: Operation) -> bool:
        """Whether this very operation was the last of ours on this record."""
        return bool(self.key_field) and record.values[self.key_field] == operation.operation_key

    def _has_carried(self, record: Record, operation: Operation) -> bool | None:
        """Whether this record bears our key or bore it; None when that is not known. Another operation's key says
        nothing of ours, which it may have replaced: one call to the history, which tells where the field is tracked."""
        if not self.key_field:
            return None
        if self.has_key(record, operation):
            return True
        last = record.values[self.key_field]
        if is_empty(last):
            return False
        changes = Changes(self.session, self.info.name, self.key_field).keys_of(record.id)
        if any(operation.operation_key in change for change in changes):
            return True
        is_tracked = any(after == last for _, after in changes)
        return False if is_tracked else None

    def require(self, operation: Operation, record: Record) -> None:
        """Raises ConflictError unless the version and every value that the writer saw still hold."""
        if operation.version and operation.version != record.version:
            raise ConflictError("the record was changed since")
        moved = [
            name
            for name, value in operation.before.items()
            if (field := self.info.find(name)) is None or not is_same_stored(field, value, record.values[name])
        ]
        if moved:
            raise ConflictError(f"these fields were changed since: {', '.join(sorted(moved))}")

    def _is_held(self, values: Mapping[str, JsonValue], record: Record) -> bool:
        return all(
            (field := self.info.find(name)) is not None and is_same_stored(field, value, record.values[name])
            for name, value in values.items()
        )

    def _receipt(self, record_id: str) -> Receipt:
        """The write is applied, whatever comes of asking for its stamp."""
        try:
            version = read_one(self.session, self.info.name, record_id, ()).record.version
        except ConnectorError:
            version = ""
        return Receipt(record_id=record_id, version=version)


def _require_done(answer: Answer) -> None:
    """A change and a deletion are answered with 204 alone; another success was said by something in between."""
    if answer.status != 204:
        raise AmbiguousError(f"the write was sent, and answered with {answer.status}")


def _made_id(body: Any) -> str:
    """The new record's id. Raises RejectedError for a success that is none, AmbiguousError for an answer in between."""
    if isinstance(body, dict) and body.get("success") is False:
        faults = [
            make_fault(item, code_key="statusCode") for item in body.get("errors") or () if isinstance(item, dict)
        ]
        raise error_of(400, faults, is_write=True)
    if not isinstance(body, dict) or not body.get("id"):
        raise AmbiguousError("the write was sent, and its answer names no record")
    return str(body["id"])


def now_utc() -> datetime:
    """Our clock, which only decides whether a record is compared once more."""
    return datetime.now(UTC)
