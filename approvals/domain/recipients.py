"""Whom an action would touch: every address that the record holds, and every one that the agent gave."""

import re
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from governance.domain.action_class import REACHES_BY, SENDS
from governance.domain.facts import Facts, JsonValue, RecipientFacts, RecordFacts
from governance.domain.field_roles import COMPANY_OBJECTS, COUNTRY_FIELD
from governance.domain.national_number import with_country_code
from governance.domain.vocabulary import Action

RESOLVED_FIELD: dict[str, str] = {
    Action.SEND_EMAIL: "to",
    Action.ENROLL_SEQUENCE: "email",
    Action.CREATE_MEETING: "invitee",
    Action.PUSH_TO_DIALER: "phone",
}
"""Where the address in use stands in what is written: it is seen, voted on and executed like every other field."""

GIVEN_FIELDS = ("cc", "bcc", "attendees")
"""Fields that hold further addresses, parted by commas."""

_PARTING = re.compile(r"[;,\s]+")

ContactFields = Sequence[tuple[str, str]]
"""(`email` or `phone`, field), the one in use first of its kind"""


def needs_addresses(facts: Facts) -> bool:
    """Whether the action touches the person behind a record, whose addresses must be read."""
    return facts.request.action in SENDS and bool(facts.request.target_id)


def with_recipients(
    facts: Facts,
    fields: ContactFields,
    held: RecordFacts | None,
    *,
    region: str = "",
    company_fields: Sequence[str] = (),
) -> Facts:
    """The facts with everyone whom the action would touch. `held` is the record that it points at, None when it could
    not be read: then the recipients are None too, and policy denies.

    A phone number without a country code is read with the record's country, else with `region` (two letters).
    `company_fields` hold ids of the person's company: what is listed about it stops them too (DNC-02).
    The address in use becomes part of what is written. Without a record behind it the agent gave it.
    """
    request = facts.request
    if request.action not in SENDS:
        return facts
    field, kind = RESOLVED_FIELD[request.action], REACHES_BY[request.action]
    changes = dict(request.changes)
    found: list[RecipientFacts] = []
    if request.target_id:
        if held is None:
            return msgspec.structs.replace(facts, recipients=None)
        companies = _companies(company_fields, held.values)
        found = [replace(item, companies=companies) for item in _held_addresses(facts, fields, held.values, region)]
        changes.pop(field, None)
        in_use = next((recipient.address for recipient in found if recipient.kind == kind), None)
        if in_use is not None:
            changes[field] = in_use
    elif isinstance(address := changes.get(field), str) and address:
        found = [RecipientFacts(kind=kind, address=address)]
    found += [RecipientFacts(kind="email", address=address) for address in _given_addresses(changes)]
    request = msgspec.structs.replace(request, changes=changes)
    return msgspec.structs.replace(facts, request=request, recipients=tuple(dict.fromkeys(found)))


def _held_addresses(
    facts: Facts, fields: ContactFields, values: dict[str, JsonValue], region: str
) -> list[RecipientFacts]:
    country = str(values.get(COUNTRY_FIELD) or "")
    return [
        RecipientFacts(
            kind=kind,
            address=address if kind == "email" else with_country_code(address, country=country, default_region=region),
            object=facts.request.target_object,
            record_id=facts.request.target_id,
        )
        for kind, name in fields
        for address in _addresses_in(kind, values.get(name))
    ]


def _companies(fields: Sequence[str], values: dict[str, JsonValue]) -> tuple[str, ...]:
    """`companies/7` for every company that the record names; ids may be numbers."""
    named = [(COMPANY_OBJECTS[name.lower()], values.get(name)) for name in fields]
    return tuple(f"{kind}/{value}" for kind, value in named if value not in (None, "", False))


def _addresses_in(kind: str, value: JsonValue) -> list[str]:
    """A CRM may keep several addresses in one field; a phone number has spaces of its own."""
    if not isinstance(value, str) or not value.strip():
        return []
    return [part for part in _PARTING.split(value) if part] if kind == "email" else [value.strip()]


def _given_addresses(changes: dict[str, JsonValue]) -> list[str]:
    given = [value for name in GIVEN_FIELDS if isinstance(value := changes.get(name), str)]
    return [address for value in given for address in _addresses_in("email", value)]
