"""Rows of the embedded CRM, made through the services a person would use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from crm_connectors.domain.record import Operation
from crm_connectors.services.embedded_edit import add_record
from crm_connectors.services.embedded_schema import install_embedded_schema
from governance.models import Connection, Workspace


def make_embedded_connection(slug: str = "crm-tests") -> UUID:
    """An embedded CRM with the starter schema, in a workspace of its own."""
    workspace, _ = Workspace.objects.get_or_create(slug=slug, defaults={"name": slug})
    connection = Connection.objects.create(workspace=workspace, name="embedded", kind="embedded", environment="sandbox")
    install_embedded_schema(connection_id=connection.pk, now=get_now())
    return connection.pk


def make_record(
    connection_id: UUID, object_type: str = "companies", *, now: datetime | None = None, **values: Any
) -> str:
    """A record made by a person; required fields are filled. Returns its id."""
    required: dict[str, dict[str, Any]] = {
        "companies": {"name": "Umicore"},
        "contacts": {"lastname": "Novak"},
        "leads": {"lastname": "Novak"},
        "deals": {"dealname": "Umicore, pilot", "pipeline": "default", "dealstage": "qualifiedtobuy"},
        "tasks": {"subject": "Call back"},
        "notes": {"body": "Met at the fair"},
        "drafts": {"body": "Dear all"},
        "queue_items": {"queue": "revops", "reason": "two owners"},
        "sequences": {"name": "Welcome", "status": "active", "steps": "0 | Hello | Welcome"},
    }
    receipt = add_record(
        connection_id=connection_id,
        object_type=object_type,
        values={**required[object_type], **values},
        actor="human:builder",
        now=now or get_now(),
    )
    return receipt.record_id


def make_operation(
    record_id: str | None, verb: str = "update", object_type: str = "companies", **changes: Any
) -> Operation:
    """An operation with a fresh key. `values`, `before`, `version`, `association`, `operation_key` as given."""
    given: dict[str, Any] = {
        "verb": verb,
        "object": object_type,
        "record_id": record_id,
        "values": {},
        "operation_key": str(new_id()),
        "correlation_id": "test",
        "actor": "agent.enrichment",
    }
    return Operation(**{**given, **changes})
