"""Policy rows as plain values, and the whole policy as one file (POL-08)."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from governance.domain.yaml_writing import write_sections
from governance.models import Workspace
from governance.selectors.policy_sections import REFERENCES, SECTIONS, SEPARATOR, Section

FORMAT = 1
_COMMENT = """The policy of this workspace as rows: what RevOps edits and publishes.
Written by `manage.py governance_export`, always in this order and form; comments of your own are not kept.
Applying it changes the rows and leaves them as a draft: publishing is the usual, reviewed step."""

Values = dict[str, Any]


def export_policy(workspace_id: uuid.UUID) -> str:
    """The policy file. The same rows give the same bytes. One query a section. Raises Workspace.DoesNotExist."""
    workspace = Workspace.objects.get(pk=workspace_id)
    sections = {section.name: list_values(section, workspace_id) for section in SECTIONS}
    return write_sections({"format": FORMAT, "workspace": workspace.slug}, sections, _COMMENT)


def list_values(section: Section, workspace_id: uuid.UUID) -> list[Values]:
    """Every row of the section, by its key. Two queries at most."""
    rows = (values_of(section, row) for row in list_rows(section, workspace_id))
    return sorted(rows, key=lambda values: key_of(section, values))


def list_rows(section: Section, workspace_id: uuid.UUID) -> models.QuerySet[Any]:
    """The model's rows in the workspace, with what their columns name joined."""
    rows = section.model._default_manager.filter(**{section.workspace: workspace_id})
    columns = [section.column(name) for name in section.columns]
    single = [join for item in columns if item.many_to_one or item.one_to_one for join in _joins(item)]
    return rows.select_related(*single).prefetch_related(*(item.name for item in columns if item.many_to_many))


def values_of(section: Section, row: models.Model) -> Values:
    """A row's columns as JSON values; references by name."""
    return {name: _value(section, row, name) for name in section.columns}


def key_of(section: Section, values: Values) -> tuple[str, ...]:
    """What names the row among its like."""
    return tuple(str(values[name]) if values[name] is not None else "" for name in section.key)


def reference_text(row: models.Model) -> str:
    """How a file names this row."""
    return SEPARATOR.join(str(_follow(row, path)) for path in REFERENCES[type(row)].names)


def _value(section: Section, row: models.Model, name: str) -> Any:
    item = section.column(name)
    if item.many_to_many:
        return sorted(reference_text(other) for other in getattr(row, name).all())
    value = getattr(row, name)
    return reference_text(value) if isinstance(value, models.Model) else plain_value(value)


def plain_value(value: Any) -> Any:
    """As JSON has it: moments in UTC, durations in seconds, exact numbers and ids as text."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case Decimal() | uuid.UUID():
            return str(value)
        case str():
            return str(value)  # a member of an enumeration is its text
        case _:
            return value


def _joins(item: Any) -> list[str]:
    paths = REFERENCES[item.related_model].names
    return [item.name, *(f"{item.name}__{path.rsplit('__', 1)[0]}" for path in paths if "__" in path)]


def _follow(row: models.Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value
