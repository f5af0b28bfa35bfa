"""What a model's fields are, in our words. Read once for each instance: a write names no field that is not there."""

from typing import Any

import msgspec

from crm_connectors.port import NotFoundError, RejectedError
from crm_connectors.tryton.rpc import Tryton
from governance.domain.schema import FieldSchema, ObjectSchema, other_labels
from governance.domain.vocabulary import FieldType

_TYPES = {
    "char": FieldType.STRING,
    "text": FieldType.TEXT,
    "fullText": FieldType.TEXT,
    "integer": FieldType.INTEGER,
    "float": FieldType.NUMBER,
    "numeric": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "timestamp": FieldType.DATETIME,
    "selection": FieldType.PICKLIST,
    "many2one": FieldType.REFERENCE,
    "one2one": FieldType.REFERENCE,
}
"""What is many (lines, sets), binary or of a shape of its own is no single value, and is not served."""

ACTIVE = "active"


class FieldInfo(msgspec.Struct, frozen=True, kw_only=True):
    """`wire_type` is Tryton's own; `options` are the values of a selection that does not depend on its record,
    `labels` what people read for them."""

    name: str
    label: str
    wire_type: str
    is_required: bool
    is_read_only: bool
    max_length: int | None
    options: tuple[str, ...]
    labels: dict[str, str] = {}

    def schema(self) -> FieldSchema:
        return FieldSchema(
            name=self.name,
            label=self.label,
            type=_TYPES[self.wire_type],
            is_read_only=self.is_read_only,
            is_required=self.is_required,
            max_length=self.max_length,
            options=self.options,
            option_labels=self.labels,
        )


class ObjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One model with the fields that are served."""

    name: str
    fields: dict[str, FieldInfo]

    @property
    def is_archivable(self) -> bool:
        return ACTIVE in self.fields

    def schema(self) -> ObjectSchema:
        return ObjectSchema(name=self.name, label=self.name, fields=tuple(one.schema() for one in self.fields.values()))

    def ensure_fields(self, names: Any) -> None:
        """Raises NotFoundError, which names the first that is not there."""
        for name in names:
            if name not in self.fields:
                raise NotFoundError(f"`{self.name}` has no field `{name}`")


def describe_object(tryton: Tryton, name: str) -> ObjectInfo:
    """One call, and one for each selection that the server makes up. Raises NotFoundError."""
    try:
        found = tryton.call(f"model.{name}.fields_get", [], 0, {})
    except RejectedError as error:
        raise NotFoundError(f"there is no object `{name}`, or not for us") from error
    fields = {field: _info(tryton, name, field, told) for field, told in found.items() if told["type"] in _TYPES}
    return ObjectInfo(name=name, fields=fields)


def _info(tryton: Tryton, model: str, name: str, told: dict[str, Any]) -> FieldInfo:
    options = _options(tryton, model, told)
    return FieldInfo(
        name=name,
        label=told.get("string") or name,
        wire_type=told["type"],
        is_required=bool(told.get("required")),
        is_read_only=bool(told.get("readonly")) or name == "id",
        max_length=told.get("size") if isinstance(told.get("size"), int) else None,
        options=tuple(value for value, _ in options),
        labels=other_labels(options),
    )


def _options(tryton: Tryton, model: str, told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Each value with what people read for it."""
    choices = told.get("selection", ())
    if isinstance(choices, str):
        if told.get("selection_change_with"):
            return ()  # it depends on the rest of the record: the CRM alone can say
        choices = tryton.call(f"model.{model}.{choices}", {})
    return tuple((str(value), str(label or "")) for value, label in choices if value)
