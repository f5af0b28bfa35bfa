"""Properties, pipelines and owners."""

import re
from dataclasses import replace

from crm_connectors.simulators.hubspot.batch_api import batch_answer, read_inputs
from crm_connectors.simulators.hubspot.definition import PropertyDefinition
from crm_connectors.simulators.hubspot.objects_api import object_of, page_of, read_page
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, WireError, invalid, not_found

MAX_PROPERTIES = 1000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TYPES = frozenset({"string", "number", "date", "datetime", "enumeration", "bool", "phone_number"})


def list_properties(portal: Portal, call: Call) -> Answer:
    definitions = portal.definitions[object_of(portal, call)].values()
    return Answer(body={"results": [item.to_wire() for item in definitions]})


def read_property(portal: Portal, call: Call) -> Answer:
    return Answer(body=_find(portal, call, call.parts["name"]).to_wire())


def read_properties(portal: Portal, call: Call) -> Answer:
    found, missing = [], []
    for item in read_inputs(call):
        try:
            found.append(_find(portal, call, str(item.get("name"))).to_wire())
        except WireError as error:
            missing.append(error.body)
    return batch_answer(portal, found, missing)


def create_property(portal: Portal, call: Call) -> Answer:
    return Answer(status=201, body=_create(portal, call, call.body).to_wire())


def create_properties(portal: Portal, call: Call) -> Answer:
    made = [_create(portal, call, item).to_wire() for item in read_inputs(call)]
    return batch_answer(portal, made, [], status=201)


def update_property(portal: Portal, call: Call) -> Answer:
    """Label and options; uniqueness cannot be turned on any more."""
    definition = _find(portal, call, call.parts["name"])
    options = call.body.get("options")
    changed = replace(
        definition,
        label=str(call.body.get("label") or definition.label),
        options=definition.options if options is None else _options(options),
    )
    portal.definitions[object_of(portal, call)][definition.name] = changed
    return Answer(body=changed.to_wire())


def archive_property(portal: Portal, call: Call) -> Answer:
    definition = _find(portal, call, call.parts["name"])
    if definition.is_hubspots:
        raise invalid("HubSpot-defined properties cannot be archived")
    del portal.definitions[object_of(portal, call)][definition.name]
    return Answer(status=204)


def list_pipelines(portal: Portal, call: Call) -> Answer:
    return Answer(body={"results": [item.to_wire() for item in portal.pipelines.get(object_of(portal, call), [])]})


def read_pipeline(portal: Portal, call: Call) -> Answer:
    return Answer(body=_pipeline(portal, call))


def list_stages(portal: Portal, call: Call) -> Answer:
    return Answer(body={"results": _pipeline(portal, call)["stages"]})


def list_owners(portal: Portal, call: Call) -> Answer:
    limit, after = read_page(call, most=500)
    email = call.query.get("email", "").casefold()
    found = [
        owner
        for owner in sorted(portal.owners, key=lambda owner: int(owner.id))
        if owner.is_archived is call.flag("archived")
        and email in ("", owner.email.casefold())
        and int(owner.id) > after
    ]
    return page_of([owner.to_wire() for owner in found[:limit]], has_more=len(found) > limit)


def read_owner(portal: Portal, call: Call) -> Answer:
    by_user = call.query.get("idProperty") == "userId"
    for owner in portal.owners:
        key = str(owner.user_id) if by_user else owner.id
        if key == call.parts["id"] and owner.is_archived is call.flag("archived"):
            return Answer(body=owner.to_wire())
    raise not_found()


def _find(portal: Portal, call: Call, name: str) -> PropertyDefinition:
    definition = portal.definitions[object_of(portal, call)].get(name)
    if definition is None:
        raise not_found(f"Property {name} does not exist")
    return definition


def _create(portal: Portal, call: Call, sent: dict[str, Json]) -> PropertyDefinition:
    definitions = portal.definitions[object_of(portal, call)]
    name, kind = str(sent.get("name")), str(sent.get("type"))
    if _NAME.fullmatch(name) is None or kind not in _TYPES or len(definitions) >= MAX_PROPERTIES:
        raise invalid("a property needs a name in small letters and a known type")
    if name in definitions:
        raise WireError(409, f'A property named "{name}" already exists.', "CONFLICT")
    definitions[name] = PropertyDefinition(
        name=name,
        label=str(sent.get("label") or name),
        type=kind,
        field_type=str(sent.get("fieldType") or "text"),
        options=_options(sent.get("options") or []),
        is_unique=bool(sent.get("hasUniqueValue")),
        is_hubspots=False,
        description=str(sent.get("description") or ""),
        created_at=portal.clock.now(),
    )
    return definitions[name]


def _options(sent: Json) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(item["value"]), str(item["label"])) for item in sent)
    except (KeyError, TypeError) as error:
        raise invalid("options take value and label") from error


def _pipeline(portal: Portal, call: Call) -> dict[str, Json]:
    for item in portal.pipelines.get(object_of(portal, call), []):
        if item.id == call.parts["id"]:
            return item.to_wire()
    raise not_found()
