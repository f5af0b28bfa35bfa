"""Access reviews: what a standing right is, and how far a review has come (IDN-08)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from audit.domain.canonical import canonical_bytes


class RightKind(StrEnum):
    GRANT = "grant"
    CREDENTIAL = "credential"
    DELEGATION = "delegation"
    STANDING = "standing"
    MEMBERSHIP = "membership"
    LOGIN = "login"
    AGENT_RIGHTS = "agent_rights"


KIND_WORDS = {
    RightKind.GRANT: "agent's grant",
    RightKind.CREDENTIAL: "agent's credential",
    RightKind.DELEGATION: "delegation",
    RightKind.STANDING: "standing approval",
    RightKind.MEMBERSHIP: "approver group",
    RightKind.LOGIN: "person's role",
    RightKind.AGENT_RIGHTS: "rights for one agent",
}


def subject_of_rights(agent_id: UUID, user_id: int) -> str:
    """What a login holds for one agent alone, in 40 characters at most: both ids, the number in base 16."""
    return f"{agent_id.hex}-{user_id:x}"


def read_subject_of_rights(subject_id: str) -> tuple[UUID, int]:
    """Agent and login again. Expects what `subject_of_rights` made."""
    agent, _, user = subject_id.partition("-")
    return UUID(agent), int(user, 16)


class ReviewVerdict(StrEnum):
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


class RowState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    GONE = "gone"  # the right ended in another way since the review began


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRight:
    """Who holds what, in words. `person_id` is the human whose right it is, None for an agent's own."""

    kind: RightKind
    subject_id: str
    holder: str
    words: str
    person_id: UUID | None = None
    last_used_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.kind.value, self.subject_id)

    @property
    def digest(self) -> str:
        """`sha256:…` of what a reviewer reads: a right that changes gets another one. When it was used is no part."""
        body = {"kind": self.kind.value, "subject": self.subject_id, "holder": self.holder, "words": self.words}
        return f"sha256:{sha256(canonical_bytes(body)).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many rows there are and how many are settled."""

    total: int
    settled: int
    due_date: date

    @property
    def is_done(self) -> bool:
        return self.settled >= self.total

    def is_overdue(self, today: date) -> bool:
        """Open after the last day on which it was due."""
        return not self.is_done and today > self.due_date


def row_state(verdict: str | None, *, is_standing: bool) -> RowState:
    """What became of a row: a person's decision counts before whatever happened to the right afterwards."""
    if verdict == ReviewVerdict.CONFIRM:
        return RowState.CONFIRMED
    if verdict == ReviewVerdict.WITHDRAW:
        return RowState.WITHDRAWN
    return RowState.OPEN if is_standing else RowState.GONE
