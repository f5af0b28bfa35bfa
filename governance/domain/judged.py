"""Whom the engine judges, and which checks on a field apply to whom. The one table of who is exempt from what."""

from enum import StrEnum

from governance.domain.facts import Facts
from governance.domain.vocabulary import ActorType


class Judged(StrEnum):
    """An agent; a person who corrects a record; a person who takes an earlier request back."""

    AGENT = "agent"
    HUMAN = "human"
    REVERT = "revert"


FIELD_CHECKS: dict[Judged, tuple[str, ...]] = {
    Judged.AGENT: (
        "review",
        "read_only",
        "permission_level",
        "human_commitment",
        "classification",
        "allowed_writers",
        "golden_field",
        "review_required",
        "source_of_truth",
        "rollback",
    ),
    Judged.HUMAN: ("review", "read_only", "allowed_writers"),
    # What is put back was there before: who may write it and whether it is valid today were asked of the first request.
    Judged.REVERT: ("review", "read_only"),
}

IS_GRANT_NEEDED = {Judged.AGENT: True, Judged.HUMAN: False, Judged.REVERT: False}
IS_VALUE_JUDGED = {Judged.AGENT: True, Judged.HUMAN: True, Judged.REVERT: False}


def judged_of(facts: Facts) -> Judged:
    """Everyone who is not a person is judged as strictly as an agent."""
    if facts.actor_type != ActorType.HUMAN:
        return Judged.AGENT
    return Judged.REVERT if facts.reverses else Judged.HUMAN
