"""The mark that each of our writes leaves in a text property: the operation's key and who asked for it.

HubSpot has no idempotency key and its history names our app alone. The mark is written in the same call as the values,
so that its own history says which operation was applied, and when; a change of another property at that same moment by
our app belongs to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_connectors.domain.record import Operation

MAX_ACTOR = 200


def make_mark(operation: Operation) -> str:
    """Keys hold no blank."""
    return f"{operation.operation_key} {operation.actor[:MAX_ACTOR]}"


def read_mark(text: str) -> tuple[str, str]:
    """`(operation key, actor)`."""
    key, _, actor = text.partition(" ")
    return key, actor


def marks_by_moment(changes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """From the mark property's history: what each moment belongs to. A mark that a person typed is none."""
    return {
        str(item["timestamp"]): read_mark(str(item.get("value") or ""))
        for item in changes
        if item.get("sourceType") == "INTEGRATION" and item.get("value")
    }
