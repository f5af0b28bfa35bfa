"""An agent's life: which step may follow which (IDN-06). Retired is final."""

from governance.domain.vocabulary import Lifecycle

STEPS: dict[str, frozenset[str]] = {
    Lifecycle.DRAFT: frozenset({Lifecycle.ACTIVE, Lifecycle.RETIRED}),
    Lifecycle.ACTIVE: frozenset({Lifecycle.READ_ONLY, Lifecycle.QUARANTINED, Lifecycle.RETIRED}),
    Lifecycle.READ_ONLY: frozenset({Lifecycle.ACTIVE, Lifecycle.QUARANTINED, Lifecycle.RETIRED}),
    Lifecycle.QUARANTINED: frozenset({Lifecycle.ACTIVE, Lifecycle.READ_ONLY, Lifecycle.RETIRED}),
    Lifecycle.RETIRED: frozenset(),
}
MEANING: dict[str, str] = {
    Lifecycle.DRAFT: "It is being set up and does nothing yet.",
    Lifecycle.ACTIVE: "It works, as far as its autonomy level and grants let it.",
    Lifecycle.READ_ONLY: "It reads what it was granted and writes nothing.",
    Lifecycle.QUARANTINED: "It is shut out at once: what it has waiting is not executed.",
    Lifecycle.RETIRED: "Its work is over, for good. Its requests stay on record.",
}
RESTRICTING = frozenset({Lifecycle.READ_ONLY, Lifecycle.QUARANTINED})
"""Steps that only take freedom away."""


def is_step(old: str, new: str) -> bool:
    """Whether an agent may go from `old` to `new`."""
    return new in STEPS.get(old, frozenset())
