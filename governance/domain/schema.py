"""A CRM's schema in our words: what `describe` yields and the registry is synced from (REG-01)."""

from collections.abc import Iterable

import msgspec


def other_labels(options: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What people read for stored values, of options as value and label, where that is something else."""
    return {value: label for value, label in options if label and label != value}


class FieldSchema(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is a `governance.domain.vocabulary.FieldType`; `options` the picklist's stored values, in order, and
    `option_labels` what people read for them, where that is something else."""

    name: str
    label: str
    type: str
    is_read_only: bool = False
    is_required: bool = False
    max_length: int | None = None
    options: tuple[str, ...] = ()
    option_labels: dict[str, str] = {}


class ObjectSchema(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    fields: tuple[FieldSchema, ...]


class Schema(msgspec.Struct, frozen=True):
    objects: tuple[ObjectSchema, ...]
