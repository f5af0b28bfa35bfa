"""What depends on a field: the rows that would read or write something else, or nothing, if it changed (REG-01)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import msgspec

from governance.models import (
    Budget,
    FieldOwnership,
    GoldenCase,
    Grant,
    Rule,
    StageRequirement,
    StageTransition,
    System,
    WritePath,
)

FieldKey = tuple[str, str, str]
"""connection's name, object, field"""


class Dependent(msgspec.Struct, frozen=True, order=True):
    """`kind` is what it is in the console's words, `name` which one."""

    kind: str
    name: str


class _Uses(msgspec.Struct, frozen=True):
    """One row's use of fields. An empty connection or object stands for any."""

    dependent: Dependent
    connection: str
    object: str
    field: str


def list_dependents(workspace_id: UUID, keys: Collection[FieldKey]) -> dict[FieldKey, tuple[Dependent, ...]]:
    """What depends on each field, by kind and name. Nine queries, whatever the number of fields and rows."""
    found: defaultdict[FieldKey, set[Dependent]] = defaultdict(set)
    by_field: defaultdict[str, list[FieldKey]] = defaultdict(list)
    for key in keys:
        by_field[key[2]].append(key)
    for use in _list_uses(workspace_id):
        for key in by_field.get(use.field, ()):
            if use.connection in ("", key[0]) and use.object in ("", key[1]):
                found[key].add(use.dependent)
    return {key: tuple(sorted(found[key])) for key in keys}


def _list_uses(workspace_id: UUID) -> Iterator[_Uses]:
    yield from _matrix(workspace_id)
    yield from _grants(workspace_id)
    yield from _rules(workspace_id)
    yield from _stages(workspace_id)
    for field in Budget.objects.filter(workspace=workspace_id).exclude(segment_field=""):
        yield _Uses(Dependent("budget", str(field)), "", "", field.segment_field)
    yield from _golden_cases(workspace_id)
    yield from _inventory(workspace_id)


def _matrix(workspace_id: UUID) -> Iterator[_Uses]:
    rows = FieldOwnership.objects.filter(field__connection__workspace=workspace_id).values_list(
        "field__connection__name",
        "field__object_type",
        "field__name",
        "permission_level",
        "suggestion_field__name",
        "components_field",
        "version_field",
    )
    for connection, object_type, name, level, *others in rows:
        yield _Uses(Dependent("matrix", f"agents: {level.replace('_', ' ')}"), connection, object_type, name)
        for other, words in zip(others, ("suggestion field of", "explains", "version of"), strict=True):
            if other:
                yield _Uses(Dependent("matrix", f"{words} {name}"), connection, object_type, other)


def _grants(workspace_id: UUID) -> Iterator[_Uses]:
    rows = Grant.objects.filter(agent__workspace=workspace_id, is_withdrawn=False).values_list(
        "agent__name", "connection__name", "object_type", "action", "write_fields"
    )
    for agent, connection, object_type, action, fields in rows:
        for name in fields:
            yield _Uses(Dependent("grant", f"{agent}, {action}"), connection, object_type, name)


def _rules(workspace_id: UUID) -> Iterator[_Uses]:
    rows = Rule.objects.filter(workspace=workspace_id).values_list(
        "name", "objects_named", "fields_named", "conditions"
    )
    for rule, objects, fields, conditions in rows:
        named = {*fields, *(str(item.get("field") or "") for item in conditions)} - {""}
        for object_type in objects or [""]:
            for name in named:
                yield _Uses(Dependent("rule", rule), "", object_type, name)


def _stages(workspace_id: UUID) -> Iterator[_Uses]:
    needs = StageRequirement.objects.filter(connection__workspace=workspace_id).values_list(
        "connection__name", "object_type", "stage_field", "stage", "required_fields"
    )
    for connection, object_type, stage_field, stage, required in needs:
        for name in {stage_field, *required}:
            yield _Uses(Dependent("stage", f"{stage} needs {', '.join(required)}"), connection, object_type, name)
    moves = StageTransition.objects.filter(connection__workspace=workspace_id).values_list(
        "connection__name", "object_type", "stage_field", "from_stage"
    )
    for connection, object_type, name, stage in moves:
        yield _Uses(Dependent("stage", f"what follows {stage or 'no stage'}"), connection, object_type, name)


def _golden_cases(workspace_id: UUID) -> Iterator[_Uses]:
    for name, facts in GoldenCase.objects.filter(workspace=workspace_id).values_list("name", "facts"):
        request: dict[str, Any] = facts.get("request") or {}
        connection = str((facts.get("connection") or {}).get("name", ""))
        for field in {*(request.get("changes") or {}), *(request.get("expected") or {})}:
            yield _Uses(Dependent("golden case", name), connection, str(request.get("object", "")), str(field))


def _inventory(workspace_id: UUID) -> Iterator[_Uses]:
    paths = WritePath.objects.filter(connection__workspace=workspace_id).values_list(
        "name", "connection__name", "triggers", "changes"
    )
    for name, connection, triggers, changes in paths:
        yield from _places(Dependent("write path", name), connection, {*triggers, *changes})
    for name, reads, writes in System.objects.filter(workspace=workspace_id).values_list("name", "reads", "writes"):
        yield from _places(Dependent("system", name), "", {*reads, *writes})


def _places(dependent: Dependent, connection: str, places: Collection[str]) -> Iterator[_Uses]:
    for place in places:
        object_type, _, name = str(place).partition(".")
        if name:
            yield _Uses(dependent, connection, object_type, name)
