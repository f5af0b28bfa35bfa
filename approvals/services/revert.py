"""Revert: an executed request taken back by a new one through the same street (RVT-01, RVT-03, RVT-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from governance.domain.decision import Decision
from governance.domain.facts import JsonValue


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """One field: what was there before us, what we wrote, what is there now."""

    field: str
    before: JsonValue
    ours: JsonValue
    now: JsonValue
    is_conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertPlan:
    """What a revert would do. `is_irreversible` names what the provider cannot undo."""

    request_id: UUID
    action: str
    fields: tuple[ThreeWay, ...]
    is_irreversible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertSubmission:
    request_id: UUID
    status: str
    status_code: str
    decision: Decision


class RevertError(Exception):
    code = "revert_error"
    http_status = 409


class RevertConflictError(RevertError):
    """Someone else wrote since. `fields` are all three-way rows."""

    code = "revert_conflict"

    def __init__(self, message: str, *, fields: tuple[ThreeWay, ...]) -> None:
        super().__init__(message)
        self.fields = fields


def plan_revert(*, request_id: UUID, person_id: UUID, user_id: int) -> RevertPlan:
    """Three ways of every field, reading the CRM now. Commits nothing."""
    raise NotImplementedError


def revert_request(
    *,
    request_id: UUID,
    person_id: UUID,
    user_id: int,
    reason: str,
    now: datetime,
    drop_fields: frozenset[str] = frozenset(),
) -> RevertSubmission:
    """Take an executed request back by a new one. The login needs `revert_requests` on the workspace.

    Fields that someone else wrote since refuse the whole unless the person drops them by name. Raises RevertError
    subclasses. Commits the new request, its decision and their ledger events in one transaction.
    """
    raise NotImplementedError
