"""One record at a time: list, read, create, update, archive, merge, erase, search."""

from crm_connectors.simulators.hubspot.associations import TYPE_IDS, End, Label
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import Source, StoredRecord
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, invalid, not_found
from crm_connectors.simulators.hubspot.writing import Judged, judge_properties

MAX_PAGE = 100
MAX_PAGE_WITH_HISTORY = 50


def source_of(call: Call) -> Source:
    """An app, by its id."""
    return Source(type="INTEGRATION", id=call.access.app_id)


def object_of(portal: Portal, call: Call) -> str:
    return portal.object_name(call.parts["type"])


def known(portal: Portal, object_type: str, names: list[str]) -> list[str]:
    """Names that the portal does not know are left out without a word."""
    return [name for name in names if name in portal.definitions[object_type]]


def shown(portal: Portal, record: StoredRecord, call: Call) -> dict[str, Json]:
    """The record as a read with this query tells it."""
    names, with_history = call.names("properties"), call.names("propertiesWithHistory")
    wire = record.to_wire(known(portal, record.object, names), known(portal, record.object, with_history))
    joined = {}
    for given in call.names("associations"):
        if given in portal.records:
            ends = portal.associations.of((record.object, record.id), given)
            results = [{"id": other, "type": f"{record.object}_to_{given}"} for other, _ in ends]
            joined.update({given: {"results": results}} if results else {})
    return {**wire, "associations": joined} if joined else wire


def list_records(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    most = MAX_PAGE_WITH_HISTORY if call.names("propertiesWithHistory") else MAX_PAGE
    limit, after = read_page(call, most=most)
    wanted = (
        record
        for record in portal.records[object_type].values()
        if (record.archived_at is not None) is call.flag("archived")
        and not record.merged_into
        and int(record.id) > after
    )
    found = sorted(wanted, key=lambda record: int(record.id))
    return page_of([shown(portal, record, call) for record in found[:limit]], has_more=len(found) > limit)


def read_page(call: Call, *, most: int) -> tuple[int, int]:
    """`(limit, after)`. Raises WireError."""
    try:
        limit, after = int(call.query.get("limit", "10")), int(call.query.get("after", "0"))
    except ValueError as error:
        raise invalid("limit and after are integers") from error
    if not 0 < limit <= most:
        raise invalid(f"limit must be between 1 and {most}")
    return limit, after


def page_of(results: list[dict[str, Json]], *, has_more: bool) -> Answer:
    body: dict[str, Json] = {"results": results}
    if has_more:
        body["paging"] = {"next": {"after": str(results[-1]["id"]), "link": ""}}
    return Answer(body=body)


def read_record(portal: Portal, call: Call) -> Answer:
    id_property = call.query.get("idProperty", "")
    archived = call.flag("archived")
    record = portal.find_by(object_of(portal, call), id_property, call.parts["id"], archived=archived)
    return Answer(body=shown(portal, record, call))


def create_record(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    record, warnings = create_one(portal, call, object_type, call.body)
    body = record.to_wire(known(portal, object_type, list(call.body["properties"])), [])
    return Answer(status=201, body={**body, "warnings": warnings} if warnings else body)


def create_one(
    portal: Portal, call: Call, object_type: str, sent: dict[str, Json]
) -> tuple[StoredRecord, list[dict[str, Json]]]:
    """One new record with its associations. Raises WireError; then nothing was stored."""
    judged, ends = prepare(portal, call, object_type, sent)
    record = portal.add(object_type, judged.values, source_of(call))
    for other, labels in ends:
        portal.associations.join((object_type, record.id), other, labels)
    return record, judged.warnings


def prepare(
    portal: Portal, call: Call, object_type: str, sent: dict[str, Json]
) -> tuple[Judged, list[tuple[End, set[Label]]]]:
    """What a new record will hold and belong to. Stores nothing. Raises WireError."""
    judged = judge_properties(
        portal, object_type, sent.get("properties"), version=call.version, record=None, faults=call.faults
    )
    return judged, [_read_association(portal, object_type, item) for item in sent.get("associations") or []]


def _read_association(portal: Portal, object_type: str, sent: Json) -> tuple[End, set[Label]]:
    """Which record, and by which label: the type id says what kind of record it is."""
    try:
        record_id = str(sent["to"]["id"])
        labels = {(str(item["associationCategory"]), int(item["associationTypeId"])) for item in sent["types"]}
    except (KeyError, TypeError, ValueError) as error:
        raise invalid("an association needs to.id and types") from error
    for (a, b), type_id in TYPE_IDS.items():
        if a == object_type and any(number == type_id for _, number in labels):
            portal.find(b, record_id)
            return (b, record_id), labels
    raise invalid(f"no such association type from {object_type}")


def update_record(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    record = portal.find_by(object_type, call.query.get("idProperty", ""), call.parts["id"])
    warnings = update_one(portal, call, record, call.body.get("properties"))
    body = record.to_wire(known(portal, object_type, list(call.body["properties"])), [])
    return Answer(body={**body, "warnings": warnings} if warnings else body)


def update_one(portal: Portal, call: Call, record: StoredRecord, sent: Json) -> list[dict[str, Json]]:
    """Set the properties of one record; returns the warnings. Raises WireError; then nothing was stored."""
    judged = judge_properties(portal, record.object, sent, version=call.version, record=record, faults=call.faults)
    portal.change(record, judged.values, source_of(call))
    return judged.warnings


def archive_record(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    record = portal.records[object_type].get(call.parts["id"])
    if record is None:
        raise not_found()
    if record.archived_at is None:
        portal.archive(record, source_of(call))
    return Answer(status=204)


def merge_records(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    survivor = portal.find(object_type, str(call.body.get("primaryObjectId")))
    merged = portal.find(object_type, str(call.body.get("objectIdToMerge")))
    if survivor is merged:
        raise invalid("a record cannot be merged into itself")
    portal.merge(survivor, merged, source_of(call))
    return Answer(body=survivor.to_wire([], []))


def erase_contact(portal: Portal, call: Call) -> Answer:
    record = portal.find_by("contacts", call.body.get("idProperty") or "", str(call.body.get("objectId")))
    portal.archive(record, source_of(call))
    portal.records["contacts"].pop(record.id)
    return Answer(status=204)


def search_records(portal: Portal, call: Call) -> Answer:
    """The index says which records fit; the properties shown are those of the records now, as far as they are there."""
    object_type = object_of(portal, call)
    total, ids, after = portal.index.search(object_type, call.body, portal.clock.now())
    names = known(portal, object_type, list(call.body.get("properties") or []))
    found = (portal.records[object_type][record_id] for record_id in ids if record_id in portal.records[object_type])
    results = [record.to_wire(names, []) for record in found if record.archived_at is None]
    body: dict[str, Json] = {"total": total, "results": results}
    return Answer(body={**body, "paging": {"next": {"after": after, "link": ""}}} if after else body)
