"""The chain of one request told in sentences, from the ledger's events and what is on record (RPL-02)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.domain.visible_text import Piece, reveal
from approvals.selectors.people import get_people_names
from approvals.selectors.trace import Trace
from approvals.services.pages.veil import tell_event, veiled_as
from audit.models import LedgerEvent

_Teller = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """When, who, and what they did. Foreign text is in pieces, so that nothing hidden is read over."""

    at: datetime
    who: tuple[Piece, ...]
    what: tuple[Piece, ...]


def _received(data: Mapping[str, Any]) -> str:
    fields = ", ".join(data.get("fields") or ()) or "no fields"
    target = " ".join(str(data[name]) for name in ("object", "record") if data.get(name))
    return f"asked to {str(data.get('action', 'act')).replace('_', ' ')} {target}: {fields}"


def _read_back(words: str) -> _Teller:
    """With the fields that were read, where the step read any."""
    return lambda data: f"{words}: {', '.join(data['fields'])}" if data.get("fields") else words


def _decided(data: Mapping[str, Any]) -> str:
    reasons = ", ".join(sorted({str(reason["code"]) for reason in data.get("reasons") or () if reason.get("code")}))
    outcome = str(data.get("outcome", "")).replace("_", " ")
    return f"decided “{outcome}”" + (f" because of {reasons}" if reasons else ", as nothing objected")


def _coded(words: str) -> _Teller:
    return lambda data: f"{words} ({data['code']})" if data.get("code") else words


def _times(data: Mapping[str, Any]) -> str:
    """How often, where one event tells of several."""
    return f", {data['openings']} times" if data.get("openings", 1) > 1 else ""


_TOLD: dict[str, _Teller] = {
    "request.received": _received,
    "request.decided": _decided,
    "request.record_read": _read_back("read the record as it was"),
    "request.voted": lambda data: (
        f"voted “{data.get('verdict', '')}” on the change with digest {str(data.get('digest', ''))[:19]}"
    ),
    "request.edited": _coded("corrected the proposal"),
    "request.approved": _coded("approved it: the requirement was met"),
    "request.denied": _coded("denied it"),
    "request.held": _coded("held it in its send window"),
    "request.claimed": _coded("took it up"),
    "request.sent": _coded("handed it to the provider"),
    "request.verified": _read_back("read back what the CRM holds"),
    "request.executed": _coded("found it as it was approved, and closed it as executed"),
    "request.failed": _coded("gave it up"),
    "request.conflicted": _coded("stopped: the record had changed"),
    "request.outcome_unknown": _coded("could not tell what became of it"),
    "request.released": _coded("gave it back, to be tried again"),
    "request.returned": _coded("sent it back to review"),
    "request.cancelled": _coded("cancelled it"),
    "request.expired": _coded("let it expire"),
    "request.reverted": _coded("took it back"),
    "canary.caught": _coded("told the reviewer that it was a canary, and caught"),
    "canary.missed": _coded("told the reviewer that it was a canary, and missed"),
    "trace_link.made": lambda data: f"made a link to its trace, for {data.get('days', 0)} days",
    "trace_link.opened": lambda data: f"served its trace to somebody who has a link{_times(data)}",
    "trace_link.revoked": _coded("revoked a link to its trace"),
}


def narrate(trace: Trace) -> tuple[Sentence, ...]:
    """One sentence an event, oldest first. One query for people's names.

    What is told is told of the ledger's own bytes; a canary under review is told as the agent's own request would be.
    """
    veil = veiled_as(trace.request)
    names = get_people_names({event.actor_id for event in trace.events if event.actor_type == "human"})
    return tuple(_sentence(event, names, veil) for event in trace.events)


def _sentence(event: LedgerEvent, names: Mapping[str, str], veil: str) -> Sentence:
    told = tell_event(event, veil)
    teller = _TOLD.get(event.type)
    what = teller(told.data) if teller is not None else event.type.partition(".")[2].replace("_", " ")
    return Sentence(event.at, reveal(names.get(told.actor, told.actor)), reveal(what))
