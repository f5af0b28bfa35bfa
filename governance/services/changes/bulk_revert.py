"""Taking back more than a hundred changes together takes two people (DESIGN §5.5, RVT-02)."""

from datetime import datetime, timedelta

from governance.domain.proposed_change import Payload, ProposedChange
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `bulk_revert` (id), `digest` of its dry run, `items`, `chosen` (words), `counts` (items by finding)."""
    counts = payload["counts"]
    left = sum(number for name, number in counts.items() if name not in ("clean", "automation", "needs_person"))
    return (
        f"Takes back {payload['items']:,} executed changes: {'; '.join(payload['chosen'])}.",
        f"{counts.get('needs_person', 0):,} of them wait for an approval each; {left:,} others stay as they are.",
        f"What is started is the dry run {payload['digest'][7:19]}, and nothing that was edited since.",
    )


def check(payload: Payload, change: ProposedChange) -> None:  # noqa: ARG001
    """Raises ChangeRefusedError for a proposal that names no dry run."""
    if not payload.get("digest") or not payload.get("bulk_revert"):
        raise ChangeRefusedError("it names no dry run")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:  # noqa: ARG001
    """Nothing here: the countersigned row is what the job's worker waits for."""
    if change.countersigned_by is None:
        raise ChangeRefusedError("taking back this many changes takes a second person")


KIND = ChangeKind(
    label="Take many changes back",
    propose="revert_requests",
    countersign=("countersign_changes",),
    expires_after=timedelta(days=1),
    describe=describe,
    check=check,
    apply=apply,
)
