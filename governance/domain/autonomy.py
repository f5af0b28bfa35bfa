"""Autonomy levels: their order, and the controls that each of them requires (PRM-08)."""

from governance.domain.vocabulary import AutonomyLevel

LADDER: tuple[str, ...] = (
    AutonomyLevel.MANUAL.value,
    AutonomyLevel.DRAFT_ONLY.value,
    AutonomyLevel.WITH_APPROVAL.value,
    AutonomyLevel.AUTONOMOUS.value,
)


def is_raise(old: str, new: str) -> bool:
    """Whether `new` lets an agent go further than `old`. An unknown level is none at all."""
    return new in LADDER and (LADDER.index(new) > LADDER.index(old) if old in LADDER else True)
