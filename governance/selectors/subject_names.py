"""What the ledger's subjects are called: the rows behind their ids, for pages (AUD-03)."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.apps import apps
from django.db import models

Subject = tuple[str, str]
"""type, id"""


def list_subject_names(subjects: Iterable[Subject]) -> dict[Subject, str]:
    """The name of every subject that is a row of ours which is still there. One query for each type among them."""
    by_type: defaultdict[str, set[str]] = defaultdict(set)
    for type_, subject_id in subjects:
        by_type[type_].add(subject_id)
    found: dict[Subject, str] = {}
    for type_, ids in by_type.items():
        model = _model_of(type_)
        if model is not None:
            rows = model._default_manager.filter(pk__in=[key for text in ids if (key := _key(model, text)) is not None])
            found |= {(type_, str(row.pk)): _name(row) for row in rows}
    return found


def _model_of(type_: str) -> type[models.Model] | None:
    """`config.changed` names rows by their model, other events by words with underscores."""
    name = type_.replace("_", "")
    return apps.get_app_config("governance").models.get({"change": "changeproposal"}.get(name, name))


def _key(model: type[models.Model], text: str) -> UUID | int | None:
    if not isinstance(model._meta.pk, models.UUIDField):
        return int(text) if text.isdecimal() and len(text) < 10 else None
    try:
        return UUID(text)
    except ValueError:
        return None


def _name(row: models.Model) -> str:
    """What the row is called by its own columns: related rows are not asked."""
    for name in ("name", "title", "email", "username", "subject", "slug", "number"):
        value = getattr(row, name, "") if name in _columns(row) else ""
        if value:
            object_type = getattr(row, "object_type", "")
            return f"{object_type}.{value}" if object_type else str(value)
    return ""


def _columns(row: models.Model) -> set[str]:
    return {field.name for field in row._meta.concrete_fields}
