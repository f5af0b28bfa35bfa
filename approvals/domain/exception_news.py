"""What the ledger's news means for exceptions: pure readings of events, by type (EXC-01)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from approvals.domain.exception_case import CaseKind
from approvals.domain.settlement import FOR_A_PERSON

_HUMAN = "human"
_ANOMALY = "anomaly"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that went wrong. `count` is 0 where it only tells more of what was counted; `agent` its name, where the
    event says it; `subject` is the one thing that the case is about, empty where like ones are grouped."""

    kind: CaseKind
    code: str = ""
    field: str = ""
    subject: str = ""
    agent: str = ""
    count: int = 1


def read_news(type_: str, actor_type: str, actor_id: str, subject_id: str, data: Mapping[str, Any]) -> News | None:
    """The exception that an event tells of, None for one that tells of none. What a person decided is no exception."""
    reader = _READERS.get(type_)
    if reader is None or actor_type == _HUMAN or (type_ == "switch.engaged" and actor_id != _ANOMALY):
        return None
    return reader(subject_id, data)


def _decided(_: str, data: Mapping[str, Any]) -> News | None:
    code = str(data.get("code", ""))
    if data.get("status") == "denied":
        return News(CaseKind.DENIED_BY_RULE, code, _denied_field(code, data))
    if data.get("status") == "conflict":
        return News(CaseKind.CONFLICT, code, next(iter(data.get("drift") or ()), ""))
    return None


def _denied(_: str, data: Mapping[str, Any]) -> News:
    code = str(data.get("code", ""))
    return News(CaseKind.DENIED_BY_RULE, code, _denied_field(code, data))


def _denied_field(code: str, data: Mapping[str, Any]) -> str:
    """The field of the check that gave the denial its code: the first that denied."""
    reasons = data.get("reasons") or ()
    return next((str(item["field"]) for item in reasons if item["code"] == code and item["outcome"] == "deny"), "")


def _conflicted(_: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.CONFLICT, str(data.get("code", "")))


def _unknown(subject_id: str, data: Mapping[str, Any]) -> News:
    code = str(data.get("code", ""))
    return News(CaseKind.UNKNOWN_OUTCOME, code, subject=subject_id, count=0 if code in FOR_A_PERSON else 1)


def _failed(_: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.FAILED, str(data.get("code", "")))


def _opened(subject_id: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.BREAKER_TRIP, str(data.get("signal", "")), subject=subject_id)


def _missed(subject_id: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.CANARY_MISSED, str(data.get("pattern", "")), str(data.get("field", "")), subject=subject_id)


def _stuck(subject_id: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.OPT_OUT_STUCK, str(data.get("code", "")), subject=subject_id)


def _stopped(_: str, data: Mapping[str, Any]) -> News:
    return News(CaseKind.AGENT_STOPPED, "anomaly", agent=str(data.get("agent", "")))


_READERS: dict[str, Callable[[str, Mapping[str, Any]], News | None]] = {
    "request.decided": _decided,
    "request.denied": _denied,
    "request.conflicted": _conflicted,
    "request.outcome_unknown": _unknown,
    "request.failed": _failed,
    "breaker.opened": _opened,
    "switch.engaged": _stopped,
    "canary.missed": _missed,
    "opt_out.stuck": _stuck,
}
SETTLING = frozenset({"request.executed", "request.released", "request.failed"})
"""After these it is known what became of a request."""
CONFIG_CHANGED = "config.changed"
EXCEPTION_TYPES = frozenset(_READERS) | SETTLING | {CONFIG_CHANGED}


def read_origin(type_: str, data: Mapping[str, Any]) -> UUID | None:
    """The case that a rule was made for, None for any other event."""
    kind, _, id_ = str(data.get("for", "")).partition(":")
    if type_ != CONFIG_CHANGED or data.get("model") != "rule" or kind != "exception":
        return None
    try:
        return UUID(id_)
    except ValueError:
        return None
