"""What an agent may see: the read side of the policy, as a pure judgement (RDG-01, PRM-03, PRM-04).

Deny by default: an object or field is seen only when a grant for `read` or `search` names it, the registry knows it and
its permission level is not `blocked`. A read-only switch or lifecycle leaves reading alone; a stop does not.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.domain.event import Subject
from governance.domain.decision import FieldChange
from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import Lifecycle, PermissionLevel, ReviewState

MASK = "[masked]"
_READING = frozenset({Lifecycle.ACTIVE, Lifecycle.READ_ONLY})


class ReadError(Exception):
    """Base of a read that did not happen. `code` is stable; `http_status` what a door answers."""

    code = "read_error"
    http_status = 422


class ReadRefusedError(ReadError):
    """Policy says no. The code is one of `not_granted`, `agent_not_active`, `stopped`, `connection_inactive`."""

    http_status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownNameError(ReadError):
    """An object or field that the registry does not know: `unknown_object` or `unknown_property`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ConnectionMissingError(ReadError):
    code = "not_found"
    http_status = 404


class RecordMissingError(ReadError):
    code = "not_found"
    http_status = 404


class InvalidCursorError(ReadError):
    """A cursor that no earlier page handed out."""

    code = "invalid_cursor"


class RecordsUnavailableError(ReadError):
    """The CRM cannot be reached, or refuses us. Worth another try later."""

    code = "records_unavailable"
    http_status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """All that the judgement may see. `rules` is None for an object that the registry does not know; `granted` the
    readable fields of the grant in force, None without one."""

    lifecycle: str
    is_stopped: bool
    connection_id: UUID
    connection_name: str
    connection_kind: str
    is_connection_active: bool
    object: str
    action: str
    rules: Mapping[str, FieldRule] | None
    granted: frozenset[str] | None
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScope:
    """What may be read: `fields` in the order asked for, of which `masked` are hidden."""

    connection_id: UUID
    connection_name: str
    connection_kind: str
    object: str
    action: str
    fields: tuple[str, ...]
    masked: frozenset[str]
    policy_version: str

    @property
    def subject(self) -> Subject:
        return Subject("connection", self.connection_name)

    def event_data(self) -> dict[str, Any]:
        """What the ledger keeps of the permission that was used."""
        return {
            "object": self.object,
            "action": self.action,
            "fields": list(self.fields),
            "masked": sorted(self.masked),
            "policy_version": self.policy_version,
        }


def read_scope(facts: ReadFacts, *, fields: Sequence[str] | None, filtered_by: Sequence[str]) -> ReadScope:
    """The scope of a read of `fields` (None: all that are granted). Raises ReadRefusedError, UnknownNameError."""
    _check_reader(facts)
    if facts.rules is None:
        raise UnknownNameError("unknown_object", f"`{facts.object}` is no object of this connection")
    readable = _readable(facts)
    asked = tuple(sorted(readable)) if fields is None else tuple(dict.fromkeys(fields))
    for name in (*asked, *filtered_by):
        _check_field(name, facts.rules, readable)
    masked = frozenset(name for name in readable if facts.rules[name].is_sensitive)
    for name in filtered_by:
        if name in masked:  # an answer to "is it this value?" gives the value away
            raise ReadRefusedError("not_granted", f"`{name}` is masked and cannot be searched by")
    return ReadScope(
        connection_id=facts.connection_id,
        connection_name=facts.connection_name,
        connection_kind=facts.connection_kind,
        object=facts.object,
        action=facts.action,
        fields=asked,
        masked=masked.intersection(asked),
        policy_version=facts.policy_version,
    )


def mask_record(values: Mapping[str, JsonValue], scope: ReadScope) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """The scope's fields of a record with sensitive values replaced, and the names of those. Empty stays empty."""
    hidden = tuple(name for name in scope.fields if name in scope.masked and values.get(name) is not None)
    shown = {name: MASK if name in hidden else values.get(name) for name in scope.fields}
    return shown, hidden


def mask_before(patch: Iterable[FieldChange], hidden: Set[str]) -> list[FieldChange]:
    """The patch as its agent may see it: asking to change a value is no way to learn it. Empty stays empty."""
    return [
        FieldChange(change.field, MASK, change.after)
        if change.field in hidden and change.before is not None
        else change
        for change in patch
    ]


def _check_reader(facts: ReadFacts) -> None:
    if facts.lifecycle not in _READING:
        raise ReadRefusedError("agent_not_active", f"the agent is `{facts.lifecycle}`")
    if facts.is_stopped:
        raise ReadRefusedError("stopped", "a kill switch is in force")
    if not facts.is_connection_active:
        raise ReadRefusedError("connection_inactive", "the connection is switched off")


def _readable(facts: ReadFacts) -> frozenset[str]:
    if facts.granted is None or facts.rules is None:
        raise ReadRefusedError("not_granted", f"no grant for `{facts.action}` on `{facts.object}`")
    return frozenset(name for name in facts.granted if (rule := facts.rules.get(name)) and _is_visible(rule))


def _is_visible(rule: FieldRule) -> bool:
    return rule.permission_level != PermissionLevel.BLOCKED and rule.review_state != ReviewState.GONE


def _check_field(name: str, rules: Mapping[str, FieldRule], readable: frozenset[str]) -> None:
    if name not in rules:
        raise UnknownNameError("unknown_property", f"`{name}` is no field of this object")
    if name not in readable:
        raise ReadRefusedError("not_granted", f"no grant names `{name}` for reading")
