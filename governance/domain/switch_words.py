"""What each kill switch is called: on the button that engages it, and while it is in force (KIL-01)."""

import msgspec

from governance.domain.vocabulary import SwitchKind


class SwitchWords(msgspec.Struct, frozen=True):
    """`button` is an order, `meaning` says what stops, `in_force` is the headline as long as it lasts."""

    button: str
    meaning: str
    in_force: str


_WORDS: dict[str, SwitchWords] = {
    "all": SwitchWords("Stop everything", "No agent does anything", "Everything is stopped"),
    "agent": SwitchWords("Stop this agent", "One agent does nothing more", "One agent is stopped"),
    "write_back": SwitchWords("Stop write-back", "Nothing reaches a CRM", "Write-back is off"),
    "read_only": SwitchWords("Read-only", "Agents may look, and propose no writes", "Agents may only read"),
    "send": SwitchWords("Stop sending", "No message leaves the house", "Sending is off"),
    "enroll": SwitchWords("Stop enrolling", "Nobody enters a sequence", "Enrolling is off"),
}

PRESET_REASONS = (
    "Something looks wrong",
    "A customer complained",
    "Bad data is being written",
    "Security incident",
    "Drill",
)
"""Reasons that one click gives. A stop must not wait for prose; the first one is chosen already."""


def switch_words(kind: str) -> SwitchWords:
    """The words of a kind of kill switch. Raises KeyError for what is none."""
    return _WORDS[kind]


def list_general_kinds() -> tuple[SwitchKind, ...]:
    """The kinds that name no agent, in the order in which a person in a hurry looks for them."""
    return tuple(kind for kind in SwitchKind if kind is not SwitchKind.AGENT)
