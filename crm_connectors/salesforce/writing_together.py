"""Writing many records in few calls: 25 changes in each, every one with its own condition and its own outcome.

Collections of 200 would need fewer calls, but take no condition by record: what somebody changed between our comparison
and their write would be lost. So these are composite calls, whose parts carry `If-Unmodified-Since` as one PATCH does.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from crm_connectors.domain.record import Operation, Receipt, Record
from crm_connectors.port import AloneError, AmbiguousError, ConnectorError, NotFoundError, RejectedError
from crm_connectors.salesforce.answers import error_of, make_fault
from crm_connectors.salesforce.naming import check_id, http_date, read_moment
from crm_connectors.salesforce.reading import read_many
from crm_connectors.salesforce.writing import GOVERNED, Writer

PARTS = 25
"""Changes in one call: what a composite call takes."""
Outcome = Receipt | ConnectorError


class TogetherWriter(Writer):
    """Changes of several records of one object."""

    def update_many(self, operations: Sequence[Operation]) -> dict[str, Outcome]:
        """By operation key, what `update` would return or raise, for at most PARTS changes. One call to compare the
        records, the one write, and one for the new stamps. Where they cannot be compared, nothing is sent."""
        outcomes: dict[str, Outcome] = {}
        ready: list[tuple[Operation, dict[str, Any]]] = []
        try:
            records = self._read(operations)
        except ConnectorError as error:
            return _tell(operations, error)
        for operation in operations:
            try:
                part = self._prepare(operation, records.get(operation.record_id or ""))
            except ConnectorError as error:
                outcomes[operation.operation_key] = error
                continue
            if isinstance(part, Receipt):
                outcomes[operation.operation_key] = part
            else:
                ready.append((operation, part))
        if ready:
            outcomes |= self._send(ready)
        return self._with_versions(operations, outcomes)

    def _read(self, operations: Sequence[Operation]) -> dict[str, Record]:
        fields = list(dict.fromkeys(name for one in operations for name in self.compared(one) if self.has(name)))
        ids = [one.record_id or "" for one in operations]
        return read_many(self.session, self.info.name, ids, fields)

    def _prepare(self, operation: Operation, record: Record | None) -> Receipt | dict[str, Any]:
        """The part of a call that makes this change, or the receipt of the one that was made. Raises ConnectorError."""
        values = self.values_of(operation, is_new=False)
        if record is None:
            raise NotFoundError("there is no such record")
        if self.has_key(record, operation):
            return Receipt(record_id=record.id, version=record.version, is_repeat=True)
        self.require(operation, record)
        record_id = check_id(record.id)
        return {
            "method": "PATCH",
            "url": f"{self.session.base_path}/sobjects/{self.info.name}/{record_id}",
            "referenceId": f"r{record_id}",
            "httpHeaders": {**GOVERNED, "If-Unmodified-Since": http_date(read_moment(record.version))},
            "body": values,
        }

    def _send(self, ready: Sequence[tuple[Operation, dict[str, Any]]]) -> dict[str, Outcome]:
        body = {"allOrNone": False, "compositeRequest": [part for _, part in ready]}
        try:
            answer = self.session.call("POST", "/composite", json=body, headers=GOVERNED, is_write=True)
        except ConnectorError as error:
            return _tell([operation for operation, _ in ready], error)
        try:
            parts = {str(part["referenceId"]): part for part in answer.json()["compositeResponse"]}
        except (msgspec.DecodeError, KeyError, TypeError):
            parts = {}
        return {
            operation.operation_key: _outcome(operation, parts.get(part["referenceId"])) for operation, part in ready
        }

    def _with_versions(self, operations: Sequence[Operation], outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        """The writes are applied, whatever comes of asking for their stamps."""
        applied = {key: met.record_id for key, met in outcomes.items() if isinstance(met, Receipt) and not met.version}
        try:
            found = read_many(self.session, self.info.name, list(applied.values()), ()) if applied else {}
        except ConnectorError:
            found = {}
        for key, record_id in applied.items():
            if record_id in found:
                outcomes[key] = Receipt(record_id=record_id, version=found[record_id].version)
        return {one.operation_key: outcomes[one.operation_key] for one in operations}


def _tell(operations: Sequence[Operation], error: ConnectorError) -> dict[str, Outcome]:
    """What a call for all of them met, to each. A refusal may be about one of them: it ends no other."""
    is_ones_alone = isinstance(error, RejectedError | NotFoundError)
    told = AloneError(f"refused together with others: {error}") if is_ones_alone else error
    return {one.operation_key: told for one in operations}


def _outcome(operation: Operation, part: Any) -> Outcome:
    """What one part's answer means."""
    status = part.get("httpStatusCode") if isinstance(part, dict) else None
    if status == 204:
        return Receipt(record_id=check_id(operation.record_id or ""), version="")
    if not isinstance(status, int) or status < 300:
        return AmbiguousError("the write was sent, and the CRM did not say what became of it")
    body = part.get("body")
    faults = (
        [make_fault(item, code_key="errorCode") for item in body if isinstance(item, dict)]
        if (isinstance(body, list))
        else []
    )
    return error_of(status, faults, is_write=True)
