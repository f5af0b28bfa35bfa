"""Autonomy levels: their order, and the controls that each of them requires (PRM-08). Raised when all are live."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from governance.domain.vocabulary import AutonomyLevel

LADDER: tuple[str, ...] = (
    AutonomyLevel.MANUAL.value,
    AutonomyLevel.DRAFT_ONLY.value,
    AutonomyLevel.WITH_APPROVAL.value,
    AutonomyLevel.AUTONOMOUS.value,
)
MEANING: dict[str, str] = {
    AutonomyLevel.MANUAL: "It proposes nothing. People do the writing.",
    AutonomyLevel.DRAFT_ONLY: "It drafts, queues, and leaves tasks and notes. It writes no record.",
    AutonomyLevel.WITH_APPROVAL: "It writes records when a person approved the exact change.",
    AutonomyLevel.AUTONOMOUS: "It goes as far as the risk tier of each action lets it, inside its budgets.",
}


class Control(StrEnum):
    """What must be in place and working before an agent may go further."""

    OWNER = "owner"
    GRANTS = "grants_published"
    APPROVERS = "approvers"
    KILL_SWITCH = "kill_switch"
    BUDGETS = "budgets"
    BREAKER = "breaker"
    GOLDEN_CASES = "golden_cases"
    SANDBOX_REVERT = "sandbox_revert"
    DNC = "do_not_contact"


CONTROL_WORDS: dict[str, str] = {
    Control.OWNER: "An active person owns the agent",
    Control.GRANTS: "Its grants are published",
    Control.APPROVERS: "Every approver group it needs has an active member other than its owner",
    Control.KILL_SWITCH: "Someone can stop it: an active login may engage kill switches",
    Control.BUDGETS: "Budgets limit what it does",
    Control.BREAKER: "A circuit breaker watches it",
    Control.GOLDEN_CASES: "The golden cases pass against the policy in force",
    Control.SANDBOX_REVERT: "One of its changes was taken back in the sandbox, and the read-back agreed",
    Control.DNC: "A do-not-contact list is kept where it may send",
}

_ADDED: dict[str, tuple[Control, ...]] = {
    AutonomyLevel.MANUAL: (),
    AutonomyLevel.DRAFT_ONLY: (Control.OWNER, Control.GRANTS),
    AutonomyLevel.WITH_APPROVAL: (Control.APPROVERS, Control.BUDGETS, Control.KILL_SWITCH),
    AutonomyLevel.AUTONOMOUS: (Control.BREAKER, Control.GOLDEN_CASES, Control.SANDBOX_REVERT, Control.DNC),
}


class ControlEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about one control. `words` say what was seen."""

    control: str
    is_live: bool
    words: str


def is_raise(old: str, new: str) -> bool:
    """Whether `new` lets an agent go further than `old`. Every known level is a raise from an unknown one."""
    return new in LADDER and (LADDER.index(new) > LADDER.index(old) if old in LADDER else True)


def required_controls(level: str) -> tuple[str, ...]:
    """Everything that the level requires, what lower levels require included. An unknown level requires everything."""
    reached = LADDER[: LADDER.index(level) + 1] if level in LADDER else LADDER
    return tuple(control.value for step in reached for control in _ADDED[step])


def missing_controls(level: str, evidence: Iterable[ControlEvidence]) -> tuple[str, ...]:
    """The level's controls that are not shown to be live. What nothing is known about counts as missing."""
    live = {item.control for item in evidence if item.is_live}
    return tuple(control for control in required_controls(level) if control not in live)
