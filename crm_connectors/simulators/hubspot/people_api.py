"""Consent by address (v3 and later), and enrolments in sequences, which no call takes back."""

from crm_connectors.simulators.hubspot.clock import iso
from crm_connectors.simulators.hubspot.objects_api import source_of
from crm_connectors.simulators.hubspot.people import SEQUENCES, SUBSCRIPTIONS
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, invalid, not_found

_STATES = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"})


def list_definitions(portal: Portal, call: Call) -> Answer:
    del portal, call
    stamp = iso(1_700_000_000_000)
    definitions = [
        {
            "id": str(number),
            "name": name,
            "description": name,
            "isActive": True,
            "isDefault": False,
            "isInternal": False,
            "purpose": "Marketing",
            "communicationMethod": "Email",
            "createdAt": stamp,
            "updatedAt": stamp,
        }
        for number, name in SUBSCRIPTIONS
    ]
    return Answer(body={"subscriptionDefinitions": definitions, "results": definitions})


def read_status_v3(portal: Portal, call: Call) -> Answer:
    address = call.parts["email"]
    is_out = portal.consent.of(address).opted_out_at is not None
    statuses = [
        {
            "id": str(number),
            "name": name,
            "description": name,
            "status": "SUBSCRIBED" if portal.consent.state(address, number) == "SUBSCRIBED" else "NOT_SUBSCRIBED",
            "sourceOfStatus": "PORTAL_WIDE_STATUS" if is_out else "SUBSCRIPTION_STATUS",
        }
        for number, name in SUBSCRIPTIONS
    ]
    return Answer(body={"recipient": address, "subscriptionStatuses": statuses})


def subscribe_v3(portal: Portal, call: Call) -> Answer:
    """Nobody is brought back who went: that takes the person's own act."""
    address, number = _read_v3(call)
    if portal.consent.state(address, number) == "UNSUBSCRIBED":
        raise invalid(f"Subscription {number} for {address} cannot be updated because they have unsubscribed")
    portal.consent.set(address, number, "SUBSCRIBED", portal.clock.stamp())
    return read_status_v3(portal, _at(call, address))


def unsubscribe_v3(portal: Portal, call: Call) -> Answer:
    address, number = _read_v3(call)
    portal.consent.set(address, number, "UNSUBSCRIBED", portal.clock.stamp())
    return read_status_v3(portal, _at(call, address))


def read_statuses(portal: Portal, call: Call) -> Answer:
    _require_channel(call)
    address = call.parts["email"]
    return Answer(body={"status": "COMPLETE", "results": [_status(portal, address, item) for item in SUBSCRIPTIONS]})


def set_status(portal: Portal, call: Call) -> Answer:
    address, state = call.parts["email"], str(call.body.get("statusState"))
    subscription = next((item for item in SUBSCRIPTIONS if item[0] == call.body.get("subscriptionId")), None)
    if subscription is None or state not in _STATES or call.body.get("channel") != "EMAIL":
        raise invalid("channel, subscriptionId or statusState is not known")
    was = portal.consent.state(address, subscription[0])
    is_changed = portal.consent.set(address, subscription[0], state, portal.clock.stamp())
    reason = "REQUESTED_CHANGE_OCCURRED" if is_changed else "NO_STATUS_CHANGE"
    if is_changed and was == "UNSUBSCRIBED" and state == "SUBSCRIBED":
        reason = "RESUBSCRIBE_OCCURRED"
    return Answer(body={"results": [{**_status(portal, address, subscription), "setStatusSuccessReason": reason}]})


def read_opt_out(portal: Portal, call: Call) -> Answer:
    """Empty for whoever did not opt out of everything: no sign of consent."""
    _require_channel(call)
    address = call.parts["email"]
    at = portal.consent.of(address).opted_out_at
    results = [] if at is None else [{"subscriberIdString": address, "channel": "EMAIL", "timestamp": iso(at)}]
    return Answer(body={"status": "COMPLETE", "results": results})


def opt_out(portal: Portal, call: Call) -> Answer:
    _require_channel(call)
    portal.consent.opt_out(call.parts["email"], portal.clock.stamp())
    return read_opt_out(portal, call)


def enrol(portal: Portal, call: Call) -> Answer:
    """Sends mail; a contact runs through one sequence at a time."""
    user_id = call.query.get("userId", "")
    sequence_id, sender = str(call.body.get("sequenceId")), str(call.body.get("senderEmail") or "")
    if not user_id or sequence_id not in dict(SEQUENCES) or not sender:
        raise invalid("userId, sequenceId and senderEmail are required")
    contact = portal.find("contacts", str(call.body.get("contactId")))
    address = contact.values.get("email", "")
    if not address or portal.enrolments.of(contact.id) is not None:
        raise invalid("CONTACT_CANNOT_BE_ENROLLED: no address, or enrolled already")
    at = portal.clock.stamp()
    made = portal.enrolments.add(
        contact_id=contact.id, sequence_id=sequence_id, to=address, sender=sender, user_id=user_id, at=at
    )
    portal.journal.add("enrol", contact, {"sequenceId": sequence_id}, at=at, source=source_of(call))
    return Answer(body={key: made[key] for key in ("id", "toEmail", "enrolledAt", "updatedAt")})


def read_enrolment(portal: Portal, call: Call) -> Answer:
    found = portal.enrolments.of(call.parts["id"])
    if found is None:
        raise not_found()
    return Answer(body=found)


def list_sequences(portal: Portal, call: Call) -> Answer:
    del portal, call
    return Answer(body={"total": len(SEQUENCES), "results": [{"id": key, "name": name} for key, name in SEQUENCES]})


def _read_v3(call: Call) -> tuple[str, int]:
    address, number = str(call.body.get("emailAddress") or ""), str(call.body.get("subscriptionId"))
    if not address or number not in {str(known) for known, _ in SUBSCRIPTIONS}:
        raise invalid("emailAddress or subscriptionId is not known")
    return address, int(number)


def _at(call: Call, address: str) -> Call:
    return Call(
        method=call.method,
        path=call.path,
        version=call.version,
        parts={"email": address},
        query=call.query,
        body={},
        form={},
        access=call.access,
    )


def _require_channel(call: Call) -> None:
    if call.query.get("channel") != "EMAIL":
        raise invalid("channel is required")


def _status(portal: Portal, address: str, subscription: tuple[int, str]) -> dict[str, Json]:
    number, name = subscription
    at = portal.consent.of(address).statuses.get(number, ("", 0))[1]
    return {
        "subscriberIdString": address,
        "channel": "EMAIL",
        "subscriptionId": number,
        "subscriptionName": name,
        "status": portal.consent.state(address, number),
        "source": "Simulator",
        "timestamp": iso(at) if at else None,
    }
