"""What crosses the wire: a call that was understood, its answer, and the errors in HubSpot's shapes."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from crm_connectors.simulators.hubspot.access import Access
from crm_connectors.simulators.hubspot.faults import Fault

Json = Any
STRICT_VERSION = "2026-09"
"""The version that enforces the portal's own rules on writes and takes sloppy dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated call. `parts` are the variable parts of its path."""

    method: str
    path: str
    version: str
    parts: Mapping[str, str]
    query: MultiDict[str, str]
    body: dict[str, Json]
    form: Mapping[str, str]
    access: Access
    faults: Sequence[Fault] = ()

    @property
    def is_strict(self) -> bool:
        return self.version == STRICT_VERSION

    def names(self, parameter: str) -> list[str]:
        """A list parameter, however it was sent: repeated, separated by commas, or both."""
        return [name for text in self.query.getlist(parameter) for name in text.split(",") if name]

    def flag(self, parameter: str) -> bool:
        return self.query.get(parameter, "false").lower() == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`body` None is an empty one; a text is HTML."""

    status: int = 200
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The bytes and their type."""
        if self.body is None:
            return b"", "application/json;charset=utf-8"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html;charset=utf-8"
        return json.dumps(self.body, separators=(",", ":")).encode(), "application/json;charset=utf-8"


class WireError(Exception):
    """An answer that is not 2xx, in HubSpot's shape."""

    def __init__(self, status: int, message: str, category: str = "", **members: Json) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = members.pop("headers", {})
        body = {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), **members}
        self.body: Json = {**body, "category": category} if category else body

    def answer(self) -> Answer:
        return Answer(status=self.status, body=self.body, headers=self.headers)


class PropertyError(Exception):
    """One property that cannot take its value."""

    def __init__(self, name: str, code: str, message: str) -> None:
        super().__init__(message)
        self.name, self.code, self.message = name, code, message


def not_found(message: str = "resource not found") -> WireError:
    return WireError(404, message, "OBJECT_NOT_FOUND")


def invalid(message: str, **members: Json) -> WireError:
    return WireError(400, message, "VALIDATION_ERROR", **members)


def invalid_properties(errors: Sequence[PropertyError], version: str) -> WireError:
    """Both styles are alive: the old one hides a JSON array in the message, the newest names codes and context alone,
    2026-03 has both."""
    old = json.dumps(
        [{"isValid": False, "message": item.message, "error": item.code, "name": item.name} for item in errors]
    )
    details = [
        {"message": item.message, "code": item.code, "context": {"propertyName": [item.name]}} for item in errors
    ]
    if version == STRICT_VERSION:
        return invalid("The property values provided are invalid", errors=details)
    message = f"Property values were not valid: {old}"
    return invalid(message) if version == "v3" else invalid(message, errors=details)
