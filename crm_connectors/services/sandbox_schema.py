"""The sandbox's side of a copy: objects and fields like the source's, and what a required field holds (SBX-02)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from crm_connectors.domain.masking import MaskedField
from crm_connectors.domain.record import JsonValue
from crm_connectors.models import CrmField, CrmObject
from governance.domain.vocabulary import Classification, FieldType, ReviewState
from governance.models import RegisteredField

_TITLES = ("name", "Name", "dealname", "subject", "Subject", "LastName", "lastname")
_MADE_UP: dict[str, JsonValue] = {
    FieldType.STRING: "Masked record",
    FieldType.TEXT: "Masked text",
    FieldType.INTEGER: 0,
    FieldType.NUMBER: 0,
    FieldType.BOOLEAN: False,
    FieldType.DATE: "2000-01-01",
    FieldType.DATETIME: "2000-01-01T00:00:00Z",
    FieldType.EMAIL: "masked@example.com",
    FieldType.PHONE: "+12025550100",
    FieldType.URL: "https://example.com/",
}
_MAX_NAME = 60


def mirror_object(source_id: UUID, target_id: UUID, object_type: str, *, now: datetime) -> dict[str, frozenset[str]]:
    """Add what the sandbox lacks of this object; what is there stays. Returns what its picklists offer, by field.

    Options of the source's picklists are not taken over, they may name people: such a field becomes a text of masks.
    References are left out, they would name records of the source. Commits the rows.
    """
    with transaction.atomic():
        registered = list(_registered(source_id, object_type))
        names = [field.name for field in registered]
        crm_object, _ = CrmObject.objects.get_or_create(
            connection_id=target_id,
            name=object_type,
            defaults={
                "label": object_type,
                "title_field": next((name for name in _TITLES if name in names), names[0] if names else ""),
                "created_at": now,
            },
        )
        present = set(crm_object.fields.values_list("name", flat=True))
        CrmField.objects.bulk_create(
            [_mirrored(crm_object, field) for field in registered if field.name not in present]
        )
        picklists = crm_object.fields.filter(field_type=FieldType.PICKLIST).values_list("name", "options")
        return {name: frozenset(str(option[0]) for option in options) for name, options in picklists}


def list_masked_fields(source_id: UUID, object_type: str, offered: Mapping[str, frozenset[str]]) -> list[MaskedField]:
    """The source's fields as its registry knows them."""
    return [
        MaskedField(
            name=field.name,
            field_type=FieldType(field.field_type),
            classification=Classification(field.classification),
            is_reviewed=field.review_state == ReviewState.REVIEWED,
            is_sensitive=field.is_sensitive,
            offered=offered.get(field.name, frozenset()),
        )
        for field in _registered(source_id, object_type)
    ]


def fill_required(crm_object_id: int, names: Iterable[str]) -> dict[str, JsonValue]:
    """What the required ones of these fields hold in a copy that lacks them."""
    rows = CrmField.objects.filter(crm_object=crm_object_id, name__in=list(names), is_required=True)
    return {
        row.name: row.options[0][0]
        if row.field_type == FieldType.PICKLIST and row.options
        else _MADE_UP[row.field_type]
        for row in rows
        if row.field_type != FieldType.REFERENCE
    }


def _registered(source_id: UUID, object_type: str) -> Iterable[RegisteredField]:
    rows = RegisteredField.objects.filter(connection=source_id, object_type=object_type, is_read_only=False)
    fitting = rows.exclude(review_state=ReviewState.GONE).exclude(field_type=FieldType.REFERENCE).order_by("name")
    return [row for row in fitting if len(row.name) <= _MAX_NAME]


def _mirrored(crm_object: CrmObject, field: RegisteredField) -> CrmField:
    is_picklist = field.field_type == FieldType.PICKLIST
    return CrmField(
        crm_object=crm_object,
        name=field.name,
        label=field.label[:120],
        field_type=FieldType.STRING if is_picklist else field.field_type,
    )
