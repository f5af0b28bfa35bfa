"""The embedded CRM's schema, read from its rows."""

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from crm_connectors.models import CrmField, CrmObject
from governance.domain.schema import FieldSchema, ObjectSchema, Schema, other_labels


def get_fields(object_id: int) -> dict[str, CrmField]:
    """The fields of one object by name, in the order of the page. One query."""
    return {row.name: row for row in CrmField.objects.filter(crm_object_id=object_id).order_by("position", "id")}


def get_schema(connection_id: UUID) -> Schema:
    """Objects and fields as they are now. One query; an object without fields is left out."""
    rows = (
        CrmField.objects.filter(crm_object__connection_id=connection_id)
        .select_related("crm_object")
        .order_by("crm_object_id", "position", "id")
    )
    groups = groupby(rows, key=lambda row: row.crm_object)
    return Schema(tuple(_object_schema(crm_object.name, crm_object.label, fields) for crm_object, fields in groups))


def _object_schema(name: str, label: str, fields: Iterable[CrmField]) -> ObjectSchema:
    return ObjectSchema(name=name, label=label, fields=tuple(field_schema(field) for field in fields))


def field_schema(field: CrmField) -> FieldSchema:
    """One field's row in the words that all connectors share."""
    return FieldSchema(
        name=field.name,
        label=field.label,
        type=field.field_type,
        is_read_only=field.is_read_only,
        is_required=field.is_required,
        max_length=field.max_length,
        options=tuple(value for value, _ in field.options),
        option_labels=other_labels((value, label) for value, label in field.options),
    )


def list_column_labels(object_type: str) -> dict[str, str]:
    """The columns of an object's list and their labels, as the first connection has them. Two queries."""
    crm_object = CrmObject.objects.filter(name=object_type).order_by("id").first()
    if crm_object is None:
        return {}
    labels = dict(crm_object.fields.values_list("name", "label"))
    return {name: labels[name] for name in crm_object.list_fields if name in labels}


def list_objects(object_type: str) -> list[CrmObject]:
    """This object in every connection that has it, with the connection. One query."""
    return list(CrmObject.objects.filter(name=object_type).select_related("connection").order_by("id"))
