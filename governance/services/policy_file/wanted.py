"""What a policy file wants: its rows, each value checked for kind, each with its place in the file."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models

from governance.domain.yaml_reading import Place, PolicyFileError, Read, read_yaml
from governance.models import Workspace
from governance.selectors.policy_rows import FORMAT, Values, key_of
from governance.selectors.policy_sections import SECTIONS, Section

_HEAD = ("format", "workspace")
_KINDS: tuple[tuple[tuple[type[Any], ...], tuple[type, ...], str], ...] = (
    ((models.BooleanField,), (bool,), "true or false"),
    ((models.IntegerField, models.DurationField), (int,), "a whole number"),
    ((models.FloatField,), (int, float), "a number"),
    ((models.JSONField,), (dict, list, str, int, float, bool, type(None)), "a value"),
)


@dataclass(frozen=True, slots=True)
class WantedRow:
    """`values` by column, those that the file gives; `places` of each, and of the row."""

    values: Values
    places: dict[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """Section name → key → row. A section that the file does not name is not in here, and stays as it is."""

    sections: dict[str, dict[tuple[str, ...], WantedRow]]


def read_wanted(content: bytes, *, workspace_id: uuid.UUID) -> Wanted:
    """Parse and check the file as far as that goes without the database's rows. Raises PolicyFileError."""
    root = read_yaml(content)
    if not isinstance(root.value, dict):
        raise PolicyFileError("a policy file is a mapping of sections", root.place)
    _check_head(root, workspace_id)
    known = {section.name: section for section in SECTIONS}
    found = {}
    for name, rows in root.value.items():
        if name in _HEAD:
            continue
        if name not in known:
            raise PolicyFileError(f"there is no section `{name}`; there are {', '.join(known)}", root.keys[name])
        found[name] = _read_rows(known[name], rows)
    return Wanted(found)


def _check_head(root: Read, workspace_id: uuid.UUID) -> None:
    for name in _HEAD:
        if name not in root.value:
            raise PolicyFileError(f"`{name}` is missing", root.place)
    if root.value["format"].value != FORMAT:
        raise PolicyFileError(f"only format {FORMAT} is known", root.value["format"].place)
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=workspace_id)
    if root.value["workspace"].value != slug:
        message = f"the file is of another workspace; this one is `{slug}`"
        raise PolicyFileError(message, root.value["workspace"].place)


def _read_rows(section: Section, rows: Read) -> dict[tuple[str, ...], WantedRow]:
    if not isinstance(rows.value, list):
        raise PolicyFileError(f"`{section.name}` is a list of rows", rows.place)
    found: dict[tuple[str, ...], WantedRow] = {}
    for item in rows.value:
        row = _read_row(section, item)
        key = key_of(section, row.values)
        if key in found:
            raise PolicyFileError(f"`{' '.join(key)}` stands in `{section.name}` twice", row.place)
        found[key] = row
    return found


def _read_row(section: Section, item: Read) -> WantedRow:
    if not isinstance(item.value, dict):
        raise PolicyFileError(f"a row of `{section.name}` is a mapping", item.place)
    for name in item.value:
        if name not in section.columns:
            message = f"`{section.name}` has no `{name}`; it has {', '.join(section.columns)}"
            raise PolicyFileError(message, item.keys[name])
    for name in section.key:
        if name not in item.value:
            raise PolicyFileError(f"`{name}` is missing: it names the row", item.place)
    values = {name: _checked(section, name, value) for name, value in item.value.items()}
    return WantedRow(values, {name: value.place for name, value in item.value.items()}, item.place)


def _checked(section: Section, name: str, read: Read) -> Any:
    """The plain value, if it is of the column's kind."""
    item, value = section.column(name), read.plain()
    if item.many_to_many:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise PolicyFileError(f"`{name}` is a list of names", read.place)
        if len(set(value)) != len(value):
            raise PolicyFileError(f"`{name}` names one of them twice", read.place)
        return sorted(value)
    if value is None and not item.null and not isinstance(item, models.JSONField):
        raise PolicyFileError(f"`{name}` cannot be null", read.place)
    allowed, words = _kind_of(item)
    is_kind = isinstance(value, allowed) and (not isinstance(value, bool) or bool in allowed)
    if value is not None and not is_kind:
        raise PolicyFileError(f"`{name}` is {words}", read.place)
    return value


def _kind_of(item: Any) -> tuple[tuple[type, ...], str]:
    if isinstance(item, models.JSONField) and item.default in (list, dict):
        return ((list,), "a list") if item.default is list else ((dict,), "a mapping")
    return next(((allowed, words) for kinds, allowed, words in _KINDS if isinstance(item, kinds)), ((str,), "text"))
