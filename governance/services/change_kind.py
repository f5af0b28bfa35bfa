"""What one kind of two-person change is: who may propose and countersign it, what it says, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.proposed_change import Payload, ProposedChange


class ChangeRefusedError(ValueError):
    """The change cannot be made, or not any more. The words say why."""

    code = "change_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeKind:
    """`propose` and `countersign` are permissions on the workspace: one countersignature from a holder of each in
    `countersign`, `count` distinct people in all, never the person who proposed.

    `describe` says the change in words, a line each. `check` raises ChangeRefusedError when the change cannot be made:
    it is asked when proposed and again in the transaction that applies. `apply` makes it there, with its own ledger
    events; what it raises keeps the proposal waiting.
    """

    label: str
    propose: str
    countersign: tuple[str, ...]
    expires_after: timedelta
    describe: Callable[[Payload], tuple[str, ...]]
    check: Callable[[Payload, ProposedChange], None]
    apply: Callable[[Payload, ProposedChange, datetime], None]
    count: int = 1
