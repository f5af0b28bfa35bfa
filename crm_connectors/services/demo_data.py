"""Filling the embedded CRM of a demonstration: several hundred real companies as a neglected CRM holds them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from crm_connectors.domain.record import JsonValue
from crm_connectors.embedded.demo_records import DemoRecords
from crm_connectors.embedded.write import lock_object, title_of
from crm_connectors.models import CrmFieldChange, CrmRecord
from crm_connectors.services.company_facts import list_sources

LOADED_OBJECTS = ("companies", "contacts", "deals", "leads")
_ACTOR = "list import"
_Loaded = list[tuple[str, dict[str, JsonValue]]]


def load_demo_records(*, connection_id: UUID, companies: int, seed: int, now: datetime) -> dict[str, int]:
    """Load companies, and the contacts, deals and leads that go with them; returns how many of each.

    The same seed, number and day give the same records. A CRM that already holds companies is left alone (all counts
    are 0). Needs the starter schema; commits once. Raises NotFoundError without it.
    """
    generator = DemoRecords(seed, now.date())
    sources = list_sources()
    with transaction.atomic():
        if lock_object(connection_id, "companies").records.exists():
            return dict.fromkeys(LOADED_OBJECTS, 0)
        chosen = generator.choose(sources, companies)
        accounts = _insert(connection_id, "companies", map(generator.make_company, chosen), generator, now)
        people = (values for record_id, company in accounts for values in generator.make_contacts(company, record_id))
        contacts = _insert(connection_id, "contacts", people, generator, now)
        sales = (values for record_id, company in accounts for values in generator.make_deals(company, record_id))
        deals = _insert(connection_id, "deals", sales, generator, now)
        inbound = map(generator.make_lead, generator.choose(sources, companies // 6))
        leads = _insert(connection_id, "leads", inbound, generator, now)
    return {"companies": len(accounts), "contacts": len(contacts), "deals": len(deals), "leads": len(leads)}


def _insert(
    connection_id: UUID,
    object_type: str,
    generated: Iterable[dict[str, JsonValue]],
    generator: DemoRecords,
    now: datetime,
) -> _Loaded:
    """Bulk rows with ids in sequence and their history. Returns `(record id, generated values)`, in order."""
    crm_object = lock_object(connection_id, object_type)
    all_values = list(generated)
    records = []
    for number, values in enumerate(all_values, start=crm_object.next_number):
        stored = {name: value for name, value in values.items() if value is not None}
        made_at = now - generator.created_on()
        records.append(
            CrmRecord(
                crm_object=crm_object,
                number=number,
                title=title_of(crm_object, stored),
                values=stored,
                created_at=made_at,
                modified_at=made_at,
            )
        )
    CrmRecord.objects.bulk_create(records, batch_size=1000)
    _insert_history(records)
    crm_object.next_number += len(records)
    crm_object.save(update_fields=["next_number"])
    return [(str(record.number), values) for record, values in zip(records, all_values, strict=True)]


def _insert_history(records: list[CrmRecord]) -> None:
    CrmFieldChange.objects.bulk_create(
        (
            CrmFieldChange(record=record, field=name, after=value, actor=_ACTOR, at=record.created_at)
            for record in records
            for name, value in record.values.items()
        ),
        batch_size=5000,
    )
