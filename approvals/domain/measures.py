"""Measures: what a report counts of agents' requests, each with its meaning in words (REP-01).

A request is counted on the day that it was received (UTC), once it is received and once more when it is settled, so
that every number is a number of rows that can be listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from approvals.domain.status import Status
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import Action

PERSON = "person:"
STANDING = "standing:"
DENIED_BY_PERSON = "denied_by_person"
BUDGET = "budget_exhausted"
DNC = "dnc_blocked"
STOP_CODES = (
    "breaker_open",
    "stopped_all",
    "stopped_agent",
    "write_back_off",
    "send_off",
    "enroll_off",
    "read_only_mode",
)
"""Refusals that a stop made, whatever was proposed."""

DRILL_KEYS = "dumb_failures-"
"""How idempotency keys of drills begin: their requests are in no report."""


class Measure(StrEnum):
    RECEIVED = "received"
    OPEN = "open"
    EXECUTED = "executed"
    REVERTED = "reverted"
    APPROVED_BY_PEOPLE = "approved_by_people"
    APPROVED_BEFOREHAND = "approved_beforehand"
    ALLOWED_BY_POLICY = "allowed_by_policy"
    DENIED_BY_POLICY = "denied_by_policy"
    DENIED_BY_PEOPLE = "denied_by_people"
    REVIEWED = "reviewed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONFLICT = "conflict"
    FAILED = "failed"
    EXCEPTION = "exception"
    REDIRECTED = "redirected"
    BUDGET_USED_UP = "budget_used_up"
    STOPPED = "stopped"
    DNC_BLOCKED = "dnc_blocked"
    SENT = "sent"
    MEETING = "meeting"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Together(StrEnum):
    """Measures taken together: what shares are of, and what a chart sums up. Nothing is tallied by these names."""

    SETTLED = "settled"
    ENDED_OTHERWISE = "ended_otherwise"


Counted = Measure | Together

PARTS: dict[Together, tuple[Measure, ...]] = {
    Together.SETTLED: (
        Measure.EXECUTED,
        Measure.DENIED_BY_POLICY,
        Measure.DENIED_BY_PEOPLE,
        Measure.EXPIRED,
        Measure.CANCELLED,
        Measure.CONFLICT,
        Measure.FAILED,
    ),
    Together.ENDED_OTHERWISE: (Measure.EXPIRED, Measure.CANCELLED, Measure.CONFLICT, Measure.FAILED),
}
"""No request counts as two of the parts."""

TOGETHER_WORDS = {Together.SETTLED: "Settled", Together.ENDED_OTHERWISE: "Ended otherwise"}


def read_counted(name: str) -> Counted | None:
    """The measure, or measures taken together, of this name."""
    if name in set(Measure):
        return Measure(name)
    return Together(name) if name in set(Together) else None


MEANING: dict[Measure, tuple[str, str]] = {
    Measure.RECEIVED: ("Asked for", "What agents asked for in the week. Drills and requests of people are left out."),
    Measure.OPEN: ("Not settled yet", "Asked for in the week and still waiting, running or unclear."),
    Measure.EXECUTED: ("Executed", "Written or sent, and read back. Those that were taken back later are among them."),
    Measure.REVERTED: ("Taken back", "Executed, and reverted by a person since."),
    Measure.APPROVED_BY_PEOPLE: ("Approved by people", "A person's vote settled it, and it ran or was tried."),
    Measure.APPROVED_BEFOREHAND: ("Approved beforehand", "A standing approval settled it, and it ran or was tried."),
    Measure.ALLOWED_BY_POLICY: ("Allowed by policy", "Policy asked for nobody, and it ran or was tried."),
    Measure.DENIED_BY_POLICY: ("Denied by policy", "Refused by a check, when it was decided or before it ran."),
    Measure.DENIED_BY_PEOPLE: ("Denied by people", "Refused by a person's vote."),
    Measure.REVIEWED: ("Decided by people", "Approved or denied by a person's own vote."),
    Measure.EXPIRED: ("Expired", "Nobody decided in time, or it could not run in time. Never counted as a no."),
    Measure.CANCELLED: ("Cancelled", "Taken out by its agent, by a person, or by a stop before it ran."),
    Measure.CONFLICT: ("Conflicts", "The record held something else than was expected. Nobody was overwritten."),
    Measure.FAILED: ("Failed", "It was tried, or put away, and nothing was written."),
    Measure.EXCEPTION: (
        "Exceptions",
        "Denied by policy, in conflict or failed. Left out: what a stop or a used-up budget refused.",
    ),
    Measure.REDIRECTED: ("Redirected", "A field that agents never write; the value went to its suggestion field."),
    Measure.BUDGET_USED_UP: ("Refused by a budget", "Denied because a budget was used up."),
    Measure.STOPPED: ("Refused by a stop", "Denied or cancelled because of a kill switch or a circuit breaker."),
    Measure.DNC_BLOCKED: ("Do-not-contact blocks", "Denied or cancelled because somebody is on the list."),
    Measure.SENT: ("Sent", "E-mails, enrolments, meetings and calls that left."),
    Measure.MEETING: ("Meetings booked", "Invitations that left."),
    Measure.BOUNCED: ("Bounces", "Messages of the week that an integration reported as bounced, so far."),
    Measure.COMPLAINED: ("Complaints", "Messages of the week that an integration reported a complaint about, so far."),
}

FIELD_MEASURES = (
    Measure.RECEIVED,
    Measure.EXECUTED,
    Measure.APPROVED_BY_PEOPLE,
    Measure.DENIED_BY_PEOPLE,
    Measure.DENIED_BY_POLICY,
    Measure.REVERTED,
)
"""What is counted for each field too."""

WITH_CODE = (Measure.DENIED_BY_POLICY, Measure.CONFLICT, Measure.FAILED, Measure.CANCELLED)
"""What is counted for each reason code."""

_RAN = (Status.EXECUTED, Status.CONFLICT, Status.FAILED, Status.CANCELLED)
_BY_STATUS = {
    Status.EXECUTED: Measure.EXECUTED,
    Status.EXPIRED: Measure.EXPIRED,
    Status.CANCELLED: Measure.CANCELLED,
    Status.CONFLICT: Measure.CONFLICT,
    Status.FAILED: Measure.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a request ended, as its row says. `attempts` were made; a reverted one ended as executed."""

    status: Status
    code: str
    decided_by: str
    action: str
    attempts: int
    is_redirected: bool


def measures_of(ended: Ended) -> Iterator[Measure]:
    """Everything that one settled request counts as, `received` and `reverted` apart."""
    how, approved = _ended_as(ended), _approved_as(ended)
    yield how
    if approved is not None:
        yield approved
    if approved is Measure.APPROVED_BY_PEOPLE or how is Measure.DENIED_BY_PEOPLE:
        yield Measure.REVIEWED
    if _is_exception(ended):
        yield Measure.EXCEPTION
    if ended.is_redirected and ended.status is not Status.DENIED:
        yield Measure.REDIRECTED
    yield from _of_stops(ended)
    if ended.status is Status.EXECUTED and ended.action in SENDS:
        yield Measure.SENT
        if ended.action == Action.CREATE_MEETING:
            yield Measure.MEETING


def _ended_as(ended: Ended) -> Measure:
    if ended.status is not Status.DENIED:
        return _BY_STATUS[ended.status]
    return Measure.DENIED_BY_PEOPLE if ended.code == DENIED_BY_PERSON else Measure.DENIED_BY_POLICY


def _approved_as(ended: Ended) -> Measure | None:
    if ended.status not in _RAN:
        return None
    if ended.decided_by.startswith(PERSON):
        return Measure.APPROVED_BY_PEOPLE
    if ended.decided_by.startswith(STANDING):
        return Measure.APPROVED_BEFOREHAND
    was_tried = ended.status is not Status.CONFLICT or ended.attempts > 0  # else it was stale when it was decided
    return Measure.ALLOWED_BY_POLICY if ended.decided_by == "policy" and was_tried else None


def _is_exception(ended: Ended) -> bool:
    if ended.status is Status.DENIED:
        return ended.code not in (DENIED_BY_PERSON, BUDGET, *STOP_CODES)
    return ended.status in (Status.CONFLICT, Status.FAILED)


def _of_stops(ended: Ended) -> Iterator[Measure]:
    if ended.status not in (Status.DENIED, Status.CANCELLED):
        return
    if ended.code == DNC:
        yield Measure.DNC_BLOCKED
    if ended.code in STOP_CODES:
        yield Measure.STOPPED
    if ended.code == BUDGET and ended.status is Status.DENIED:
        yield Measure.BUDGET_USED_UP
