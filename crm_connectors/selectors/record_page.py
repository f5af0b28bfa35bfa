"""What the page of one record in the embedded CRM shows. A fixed number of queries."""

from dataclasses import dataclass

from crm_connectors.domain.record import JsonValue
from crm_connectors.models import CrmField, CrmFieldChange, CrmRecord
from crm_connectors.selectors.embedded_read import is_record_id
from governance.domain.action_class import ATTACHMENTS
from governance.selectors.people import list_actor_names

HISTORY_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another record that this one points to or that belongs to it."""

    relation: str
    object: str
    id: str
    title: str
    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One line of the history, in words."""

    label: str
    change: CrmFieldChange
    who: str
    is_agent: bool


def get_page_record(kind: type[CrmRecord], key: int) -> CrmRecord | None:
    """The record with its object and connection, None when there is none of this kind."""
    rows = kind.objects.select_related("crm_object__connection")
    return rows.filter(pk=key, crm_object__name=kind.object_name).first()


def list_shown_history(record: CrmRecord, fields: dict[str, CrmField]) -> list[ShownChange]:
    """The newest changes, people by name. Two queries, one where no person wrote."""
    rows = list(CrmFieldChange.objects.filter(record=record).order_by("-id")[:HISTORY_SHOWN])
    names = list_actor_names({row.actor for row in rows})
    return [
        ShownChange(
            label=fields[row.field].label if row.field in fields else row.field,
            change=row,
            who=names[row.actor],
            is_agent=bool(row.operation_key),
        )
        for row in rows
    ]


_ASSOCIATION = ("associated_object", "associated_id")  # shown as a link instead


def list_kept_values(record: CrmRecord, fields: dict[str, CrmField]) -> list[tuple[str, JsonValue]]:
    """Labels and values of the fields that the CRM keeps itself."""
    return [
        (field.label, record.values.get(name))
        for name, field in fields.items()
        if field.is_read_only and name not in _ASSOCIATION
    ]


def list_filled_values(record: CrmRecord, fields: dict[str, CrmField]) -> list[tuple[str, JsonValue]]:
    """Labels and values of everything that a record holds, picklists in words, for whoever only reads it."""
    return [
        (field.label, dict(field.options).get(record.values[name], record.values[name]))
        for name, field in fields.items()
        if name in record.values and name not in (*_ASSOCIATION, "body", ATTACHMENTS)
    ]


def list_neighbours(record: CrmRecord, fields: dict[str, CrmField]) -> list[Neighbour]:
    """Records referred to, the one it belongs to, and the newest that belong to it. Three queries."""
    wanted = {
        (field.reference_object, int(str(record.values[name]))): field.label
        for name, field in fields.items()
        if field.reference_object and is_record_id(str(record.values.get(name, "")))
    }
    connection_id = record.crm_object.connection_id
    rows = CrmRecord.objects.select_related("crm_object").filter(crm_object__connection_id=connection_id)
    referred = rows.filter(
        crm_object__name__in={name for name, _ in wanted}, number__in={number for _, number in wanted}
    )
    found = [
        _neighbour(wanted[row.crm_object.name, row.number], row)
        for row in referred
        if (row.crm_object.name, row.number) in wanted
    ]
    children = rows.filter(associated_with=record, archived_at__isnull=True).order_by("-id")[:20]
    parents = rows.filter(associated_records=record.pk)
    return [*found, *(_neighbour("Belongs to", row) for row in parents), *(_neighbour("Has", row) for row in children)]


def _neighbour(relation: str, row: CrmRecord) -> Neighbour:
    return Neighbour(relation=relation, object=row.crm_object.name, id=str(row.number), title=str(row), key=row.pk)
