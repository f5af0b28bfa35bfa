"""A site that may send: contacts with addresses, the outward objects registered, granted and tiered."""

import base64
from typing import Any

from audit.selectors.clock import get_now
from crm_connectors.domain.outgoing_mail import message_name
from crm_connectors.embedded.maildir import read_message
from crm_connectors.models import CrmField
from crm_connectors.services.embedded_schema import install_embedded_schema
from governance.domain.action_class import PREPARED_OBJECTS
from governance.domain.vocabulary import Action
from governance.models import ActionTier
from tests.builders.api import Site
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_grant, make_owned_field, make_tier, make_world, publish

ACTIONS = (Action.SEND_EMAIL, Action.ENROLL_SEQUENCE, Action.CREATE_MEETING, Action.PUSH_TO_DIALER, Action.EXPORT)
OBJECTS = ("contacts", "leads", "sequences", *(PREPARED_OBJECTS[action] for action in ACTIONS))


def make_sending_site(slug: str = "acme", *, risk_tier: str = "approval", hold_seconds: int = 0) -> Site:
    """The site of `make_site`, whose agent may also send, enrol, invite, dial and export contacts."""
    world = make_world(slug)
    install_embedded_schema(connection_id=world.connection.pk, now=get_now())
    names: dict[str, list[str]] = {}
    rows = CrmField.objects.filter(crm_object__connection=world.connection, crm_object__name__in=OBJECTS)
    for row in rows.exclude(name__startswith="lifecyclestage").select_related("crm_object"):
        make_owned_field(
            world.connection,
            row.name,
            object_type=row.crm_object.name,
            classification="operational_metadata",
            field_type=row.field_type,
            is_required=row.is_required,
            is_read_only=row.is_read_only,
            max_length=row.max_length,
            options=[value for value, _ in row.options],
            is_sensitive=row.name == "phone" and row.crm_object.name == "contacts",
        )
        if not row.is_read_only:
            names.setdefault(row.crm_object.name, []).append(row.name)
    for people in ("contacts", "leads"):
        make_grant(world.agent, world.connection, object_type=people, action="read", read_fields=tuple(names[people]))
    for action in ACTIONS:
        written = tuple(names[PREPARED_OBJECTS[action]])
        make_grant(
            world.agent,
            world.connection,
            object_type=PREPARED_OBJECTS[action],
            action=action,
            write_fields=written,
        )
        make_tier(world.workspace, action, world.group, risk_tier=risk_tier, hold_seconds=hold_seconds)
    publish(world)
    return Site(world, make_record(world.connection.pk, "companies", name="Umicore", numberofemployees=100))


def make_contact(site: Site, **values: Any) -> str:
    given = {"lastname": "Novak", "email": "jane@acme.example", "phone": "+1 202 555 0123", **values}
    return make_record(site.connection_id, "contacts", **given)


def make_lead(site: Site, **values: Any) -> str:
    given = {"lastname": "Novak", "email": "jane@acme.example", **values}
    return make_record(site.connection_id, "leads", **given)


def make_sequence(site: Site, **values: Any) -> str:
    given = {"name": "Welcome", "status": "active", "steps": "0 | Hello | Welcome\n3 | Still there? | A word?"}
    return make_record(site.connection_id, "sequences", **{**given, **values})


def email_to(contact: str, *, people: str = "contacts", **message: Any) -> dict[str, Any]:
    """The members of a proposal that sends an e-mail to a contact, or to a lead."""
    return {
        "action": "send_email",
        "target": {"object": people, "id": contact},
        "message": {"subject": "Your question", "body": "Here is the answer.", **message},
        "changes": None,
        "expected": None,
    }


PDF = b"%PDF-1.7 an offer"


def attached(name: str, content: bytes = PDF, content_type: str = "application/pdf") -> dict[str, str]:
    """One file of a message as an agent sends it."""
    return {"name": name, "content_type": content_type, "content": base64.b64encode(content).decode()}


def enrolment_of(contact: str, sequence: str) -> dict[str, Any]:
    return {
        "action": "enroll_sequence",
        "target": {"object": "contacts", "id": contact},
        "enrolment": {"sequence": sequence},
        "changes": None,
        "expected": None,
    }


def meeting_with(contact: str, **meeting: Any) -> dict[str, Any]:
    given = {"title": "Kick-off", "starts_at": "2031-05-18T09:30:00Z", "ends_at": "2031-05-18T10:00:00Z"}
    return {
        "action": "create_meeting",
        "target": {"object": "contacts", "id": contact},
        "meeting": {**given, "time_zone": "Europe/Berlin", **meeting},
        "changes": None,
        "expected": None,
    }


def call_of(contact: str) -> dict[str, Any]:
    return {
        "action": "push_to_dialer",
        "target": {"object": "contacts", "id": contact},
        "entry": {"queue": "inbound", "reason": "Asked for a call"},
        "changes": None,
        "expected": None,
    }


def export_of(*fields: str, **export: Any) -> dict[str, Any]:
    return {
        "action": "export",
        "target": {"object": "contacts"},
        "export": {"fields": list(fields), "purpose": "Board report", **export},
        "changes": None,
        "expected": None,
    }


def set_hold(site: Site, action: str, seconds: int) -> None:
    """Another send window, published."""
    ActionTier.objects.filter(workspace=site.world.workspace, action=action).update(hold_seconds=seconds)
    publish(site.world)


def mail_of(site: Site, request_id: Any) -> str | None:
    """The message of a request as it left, None when none did."""
    message = read_message(site.connection_id, message_name(f"request:{request_id}"))
    return message.decode() if message is not None else None
