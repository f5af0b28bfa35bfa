"""The body of an event as a JSON Schema (draft 2020-12), with the closed list of types: for other readers.

Published as docs/event.schema.json. What `data` holds is each type's own, and is not part of it.
"""

from typing import Any

from audit.domain.body import BODY_VERSION, MAX_NAME_LENGTH
from audit.domain.event_types import EVENT_TYPES

_NAME = {"type": "string", "maxLength": MAX_NAME_LENGTH}
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def body_schema() -> dict[str, Any]:
    """The schema. The same list of types gives the same value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The body of an event of a Countersign ledger, version {BODY_VERSION}",
    } | _closed(
        {
            "v": {"const": BODY_VERSION},
            "id": {"type": "string", "pattern": _UUID},
            "type": {"enum": sorted(EVENT_TYPES)},
            "at": {"type": "string", "pattern": _MOMENT},
            "workspace": _NAME,
            "actor": _closed({"type": {"enum": ["agent", "human", "system"]}, "id": _NAME}),
            "subject": _closed({"type": _NAME, "id": _NAME}),
            "correlation_id": _NAME,
            "data": {"type": "object"},
            "commitments": {
                "type": "object",
                "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
        }
    )


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object of just these members."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
