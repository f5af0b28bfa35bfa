"""Installing the embedded CRM's starter schema."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from crm_connectors.embedded.definition import ObjectDefinition
from crm_connectors.embedded.starter_schema import STARTER_OBJECTS
from crm_connectors.models import CrmField, CrmObject


def install_embedded_schema(*, connection_id: UUID, now: datetime) -> int:
    """Add the starter's objects and fields that this connection lacks; what a person changed stays as it is.

    Returns how many fields were added; commits once, safe to repeat. The registry learns of them by `sync_schema`.
    """
    with transaction.atomic():
        return sum(_install_object(connection_id, definition, now) for definition in STARTER_OBJECTS)


def _install_object(connection_id: UUID, definition: ObjectDefinition, now: datetime) -> int:
    crm_object, _ = CrmObject.objects.get_or_create(
        connection_id=connection_id,
        name=definition.name,
        defaults={
            "label": definition.label,
            "title_field": definition.title_field,
            "list_fields": list(definition.list_fields),
            "created_at": now,
        },
    )
    present = set(crm_object.fields.values_list("name", flat=True))
    rows = [
        CrmField(
            crm_object=crm_object,
            name=field.name,
            label=field.label,
            field_type=field.type,
            is_required=field.is_required,
            is_read_only=field.is_read_only,
            max_length=field.max_length,
            options=[list(option) for option in field.options],
            reference_object=field.reference_object,
            help_text=field.help_text,
            section=field.section,
            position=(index + 1) * 10,
        )
        for index, field in enumerate(definition.fields)
        if field.name not in present
    ]
    CrmField.objects.bulk_create(rows)
    return len(rows)
