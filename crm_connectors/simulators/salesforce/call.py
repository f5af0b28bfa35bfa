"""One API call inside the simulator, whether it came by itself or as a part of a composite one, and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_connectors.simulators.salesforce.definition import ObjectDefinition
from crm_connectors.simulators.salesforce.errors import ApiError, is_deleted, not_found
from crm_connectors.simulators.salesforce.org import Org, Row, User
from crm_connectors.simulators.salesforce.record_id import read_id
from crm_connectors.simulators.salesforce.saving import Save, SaveOptions
from crm_connectors.simulators.salesforce.selecting import Cursors


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call is answered with; `body` None is no body at all."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`headers` have lower-case names. `is_lock_refused`: the first record of a collection cannot be locked."""

    org: Org
    user: User
    cursors: Cursors
    version: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any
    is_lock_refused: bool = False

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent. Raises ApiError."""
        content = self.content
        if isinstance(content, bytes):
            try:
                content = json.loads(content)
            except ValueError:
                raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body could not be parsed") from None
        if not isinstance(content, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be an object")
        return content

    def save(self, definition: ObjectDefinition) -> Save:
        """Saves of this object, as the headers ask. Without `Sforce-Auto-Assign` the assignment rules run."""
        wish = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").casefold()
        options = SaveOptions(
            assigns=self.headers.get("sforce-auto-assign", "TRUE").casefold() != "false",
            allows_duplicates="allowsave=true" in wish,
        )
        return Save(self.org, self.user, definition, options)


def find_row(org: Org, definition: ObjectDefinition, given: str) -> Row:
    """The live record of this object. Raises ApiError."""
    record_id = read_id(given)
    if record_id is None:
        raise ApiError(400, "MALFORMED_ID", f"bad id {given}")
    row = org.rows[definition.name].get(record_id)
    if row is None:
        raise not_found()
    if row.is_deleted:
        raise is_deleted()
    return row
