"""The port: what every CRM can do for us (CON-06). A connector is one folder that fulfils it.

No method is ever called inside a caller's database transaction; a connector may open its own. Reads and writes are
separate calls that return values, because `approvals` commits a recovery point between them. Values are those of
`crm_connectors.domain`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import ChangedPage, HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from governance.domain.schema import Schema


class ConnectorError(Exception):
    """Base of what a connector may raise. `code` is stable; the message never holds a secret."""

    code = "connector_error"


MAX_WAIT_SECONDS = 3_600.0
"""The longest wait that a CRM is believed. What it asks beyond is asked again then: a number that is absurd, or meant
to hurt, holds nothing back for longer."""


class TransientError(ConnectorError):
    """Provably not applied, worth another try. `retry_after_seconds` when the CRM said so, MAX_WAIT_SECONDS at most."""

    code = "connector_transient"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = None if retry_after_seconds is None else min(retry_after_seconds, MAX_WAIT_SECONDS)


class LimitedError(TransientError):
    """The CRM's rate limit or quota, or our own gate before it; nothing was applied.

    No fault of the request: it waits, and the try is not counted."""

    code = "connector_limited"


class AloneError(LimitedError):
    """This write goes in no call together with others; nothing was applied. `send` takes it, behind its own gate."""

    code = "connector_alone"


class ConflictError(ConnectorError):
    """The record changed since `Operation.version` or `Operation.before`; nothing was applied."""

    code = "connector_conflict"


class RejectedError(ConnectorError):
    """The CRM refused the values; nothing was applied and a repeat would be refused too.

    `errors` tells what is wrong by field, as far as the CRM says; its messages never repeat a value."""

    code = "connector_rejected"

    def __init__(self, message: str, *, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.errors: dict[str, str] = dict(errors or {})


class AuthError(ConnectorError):
    """Our credential at the CRM is missing, expired or too weak."""

    code = "connector_auth"


class NotFoundError(ConnectorError):
    """No such record, object or field at the CRM."""

    code = "connector_not_found"


class AmbiguousError(ConnectorError):
    """The call was sent and its outcome is not known: read back before anything else."""

    code = "connector_ambiguous"


class Connector(Protocol):
    """One connection's hands.

    `is_local` says that reads touch our own database alone, so that facts are at hand during intake.
    """

    is_local: bool

    def describe(self) -> Schema:
        """The CRM's objects and fields as they are now."""
        ...

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        """One record with exactly these fields; None for an empty one. Raises NotFoundError, for a field too."""
        ...

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """Records by id; ids that do not exist are absent. Any number of ids."""
        ...

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        """Records whose fields equal `filters` (None: empty), by id, `limit` ≤ 200 a page."""
        ...

    def send(self, operation: Operation) -> Receipt:
        """Apply one write, once, if `version` and every value of `before` that it names still hold.

        Raises ConflictError, RejectedError, NotFoundError, TransientError (LimitedError), AuthError: nothing was
        applied. Raises AmbiguousError: it may have been."""
        ...

    def find_operation(self, operation: Operation) -> Receipt | None:
        """Whether this operation was applied, as far as the CRM can tell by key or by read-back; None if it was not.

        Raises AmbiguousError when the CRM cannot tell, RejectedError when the key served another operation."""
        ...

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """Changes of these fields, newest first, as far as the CRM keeps them."""
        ...

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """The newest change of each of these fields, by record; a field that was never changed, and a record that does
        not exist, are absent. Any number of ids. Raises a ConnectorError when the CRM cannot say."""
        ...

    def guarantee(self, operation: Operation) -> Guarantee:
        """What is promised for this operation at this CRM. May ask the CRM, and raise a ConnectorError."""
        ...

    def health(self) -> None:
        """Raises a ConnectorError when the CRM cannot be reached or refuses us."""
        ...


@runtime_checkable
class BatchSender(Connector, Protocol):
    """What a connector may offer besides: several writes in one call, each of which succeeds or fails by itself.

    `batch_size` is how many one call takes. A caller hands over at most so many, and passes the gates of these right
    before: a stop that comes later finds no second call on its way.
    """

    batch_size: int

    def send_many(self, operations: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
        """What `send` would return or raise, by operation key; all keys differ, and so do the records. At most
        `batch_size` operations, written in one call; AloneError for what cannot go along. Raises nothing that says of
        an operation less than its own entry would."""
        ...


@runtime_checkable
class ChangeTeller(Connector, Protocol):
    """What a connector may offer besides: which records were changed, by anyone, and what the CRM's own history says of
    it. Drift is found from this alone."""

    def own_writers(self) -> frozenset[str]:
        """How the CRM's history names our own credential, as `HistoryEntry.writer`; empty where nobody can tell. Raises
        a ConnectorError."""
        ...

    def list_changed(self, *, object_type: str, since: datetime, after: str, limit: int) -> ChangedPage:
        """Records changed at `since` whose id is beyond `after`, and those changed later; `limit` ≤ 200 a page. The
        CRM's list may lag. Raises a ConnectorError."""
        ...

    def list_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """What the CRM tells of these fields, newest first, by record; records that do not exist are absent. An entry
        without a field says that something of the record was changed, and keeps no value. Raises a ConnectorError."""
        ...
