"""Rollback drills: what is written for one, and how it goes on (RVT-06, SBX-01)."""

from enum import StrEnum
from typing import Any

from approvals.domain.status import TERMINAL, Status
from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import FieldType

MARK = "rollback_drill"
MAX_DAYS = 90
_NO_HASH = "sha256:" + "0" * 64


class DrillState(StrEnum):
    """`starting`: nothing is proposed yet; `writing` and `reverting`: a request is under way."""

    STARTING = "starting"
    WRITING = "writing"
    REVERTING = "reverting"
    PASSED = "passed"
    FAILED = "failed"


OPEN_STATES = (DrillState.STARTING, DrillState.WRITING, DrillState.REVERTING)


_LIKED = (
    FieldType.INTEGER,
    FieldType.NUMBER,
    FieldType.PICKLIST,
    FieldType.BOOLEAN,
    FieldType.TEXT,
    FieldType.STRING,
)


def rank(rule: FieldRule) -> tuple[int, str]:
    """Fields in the order in which a drill tries them: a number first, a short text, which the CRM may refuse for
    reasons of its own, last."""
    liked = [kind.value for kind in _LIKED]
    return (liked.index(rule.type) if rule.type in liked else len(liked), rule.field)


def other_value(rule: FieldRule, before: JsonValue) -> JsonValue:
    """A harmless value that the field does not hold now; None for a field whose kind leaves no such value."""
    match rule.type:
        case FieldType.STRING | FieldType.TEXT if not rule.value_format:
            text = "Rollback drill" if before != "Rollback drill" else "Rollback drill again"
            return text[: rule.max_length] if rule.max_length else text
        case FieldType.INTEGER | FieldType.NUMBER:
            return _other_number(rule, before)
        case FieldType.BOOLEAN:
            return not before
        case FieldType.PICKLIST:
            return next((option for option in rule.options if option != before), None)
        case _:
            return None


def _other_number(rule: FieldRule, before: JsonValue) -> JsonValue:
    """One more, or one less where that is too much."""
    number = before if isinstance(before, int | float) and not isinstance(before, bool) else 0
    wanted = (number + 1, number - 1, rule.min_value, rule.max_value)
    low, high = rule.min_value, rule.max_value
    fits = (
        value
        for value in wanted
        if value is not None and value != before and (low is None or value >= low) and (high is None or value <= high)
    )
    found = next(fits, None)
    return int(found) if found is not None and rule.type == FieldType.INTEGER else found


def make_body(
    *, connection: str, object_type: str, record_id: str, field: str, before: JsonValue, after: JsonValue, drill: str
) -> dict[str, Any]:
    """The proposal of a drill, in the agent's name."""
    return {
        "connection": connection,
        "action": "update",
        "target": {"object": object_type, "id": record_id},
        "changes": {field: after},
        "expected": {field: before},
        "reason_code": "drill.rollback",
        "justification": "a rollback drill: written, verified, taken back, verified",
        "confidence": 0.99,
        "evidence": [{"kind": "source", "url": "https://drill.example/", "excerpt": "rollback drill"}],
        "source_workflow": MARK,
        "agent_version": {
            "model": "drill",
            "prompt_template": MARK,
            "prompt_hash": _NO_HASH,
            "tools_hash": _NO_HASH,
        },
        "correlation_id": f"rollback-drill-{drill}",
    }


def is_lost(status: str) -> bool:
    """Whether a request of a drill has ended otherwise than executed."""
    return Status(status) in TERMINAL - {Status.EXECUTED, Status.REVERTED}
