"""Incidents: how severe, how far, and what must be known before one is closed (EXC-04)."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class IncidentState(StrEnum):
    """An incident goes from open over mitigated to closed, or closes at once."""

    OPEN = "open"
    MITIGATED = "mitigated"
    CLOSED = "closed"


class Control(StrEnum):
    """The control that should have held."""

    POLICY = "policy"
    PERMISSIONS = "permissions"
    REVIEW = "review"
    BUDGETS = "budgets"
    BREAKERS = "breakers"
    DO_NOT_CONTACT = "do_not_contact"
    EXECUTION = "execution"
    DATA = "data"
    PEOPLE = "people"


CONTROL_WORDS: dict[Control, str] = {
    Control.POLICY: "policy and rules",
    Control.PERMISSIONS: "grants and the matrix",
    Control.REVIEW: "a person's review",
    Control.BUDGETS: "budgets and frequency caps",
    Control.BREAKERS: "circuit breakers and stops",
    Control.DO_NOT_CONTACT: "the do-not-contact list",
    Control.EXECUTION: "execution and read-back",
    Control.DATA: "the data itself",
    Control.PEOPLE: "training of people",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out. All of it is needed to close."""

    root_cause: str
    control: str
    remedy: str


def missing_words(findings: Findings) -> tuple[str, ...]:
    """What is still to be said before the incident may be closed."""
    asked = (
        ("the root cause", findings.root_cause.strip()),
        ("the control that failed", findings.control in set(Control)),
        ("what was done about it", findings.remedy.strip()),
    )
    return tuple(words for words, is_there in asked if not is_there)
