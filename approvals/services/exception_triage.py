"""Bulk triage: one verb for many exceptions, each by itself; one that is refused keeps no other (EXC-02)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from approvals.services.exception_desk import (
    CaseError,
    Worker,
    close_case,
    decide_outcome,
    hand_over,
    own_case,
    snooze_case,
)
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError

MAX_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What is to be done with each. `owners` are those whom the person saw, case → id or empty."""

    verb: str
    to: UUID | None = None
    days: int = 1
    outcome: str = ""
    note: str = ""
    owners: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class TriageReport:
    """How many were done, and for each other one why not."""

    done: int
    refused: tuple[tuple[UUID, str], ...]


def triage(*, cases: Sequence[UUID], asked: Triage, worker: Worker, now: datetime) -> TriageReport:
    """Each case in a transaction of its own, with its own event. Raises CaseError for an unknown verb or too many."""
    deed = _deed(asked, worker, now)
    if not 0 < len(cases) <= MAX_AT_ONCE:
        raise CaseError(f"tick 1 to {MAX_AT_ONCE} exceptions")
    refused = []
    for case_id in cases:
        try:
            deed(case_id)
        except (CaseError, NotAllowedError, LedgerUnavailableError) as error:
            refused.append((case_id, str(error)))
    return TriageReport(len(cases) - len(refused), tuple(refused))


def _deed(asked: Triage, worker: Worker, now: datetime) -> Callable[[UUID], None]:
    match asked.verb:
        case "own":
            return lambda id_: own_case(case_id=id_, worker=worker, seen_owner=asked.owners.get(id_, ""), now=now)
        case "assign" if asked.to is not None:
            return partial(_assign, worker=worker, to=asked.to, now=now)
        case "snooze":
            until = now + timedelta(days=asked.days)
            return lambda id_: snooze_case(case_id=id_, worker=worker, until=until, now=now)
        case "outcome":
            return lambda id_: decide_outcome(case_id=id_, worker=worker, outcome=asked.outcome, now=now)
        case "close":
            return lambda id_: close_case(case_id=id_, worker=worker, outcome=asked.outcome, note=asked.note, now=now)
        case _:
            raise CaseError("choose what to do with them")


def _assign(case_id: UUID, *, worker: Worker, to: UUID, now: datetime) -> None:
    hand_over(case_id=case_id, worker=worker, to=to, now=now)
