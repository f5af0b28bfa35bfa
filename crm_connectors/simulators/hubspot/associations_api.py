"""Associations v4 and dated: read, default and labelled join, part, and the batches of them."""

from crm_connectors.simulators.hubspot.associations import HUBSPOT, TYPE_IDS, Label, labels_between
from crm_connectors.simulators.hubspot.batch_api import batch_answer, read_inputs
from crm_connectors.simulators.hubspot.objects_api import read_page, source_of
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, WireError, invalid

MAX_PAGE, MAX_JOINED, MAX_READ = 500, 2000, 1000


def list_associations(portal: Portal, call: Call) -> Answer:
    a, b, record_id = _types(portal, call)
    portal.find(a, record_id)
    limit, after = read_page(call, most=MAX_PAGE)
    found = [item for item in portal.associations.of((a, record_id), b) if int(item[0]) > after]
    results = [_joined(a, b, other, labels) for other, labels in found[:limit]]
    body: dict[str, Json] = {"results": results}
    if len(found) > limit:
        body["paging"] = {"next": {"after": found[limit - 1][0], "link": ""}}
    return Answer(body=body)


def join_default(portal: Portal, call: Call) -> Answer:
    a, b, record_id = _types(portal, call)
    results = _join(portal, call, (a, record_id), (b, call.parts["other_id"]), None)
    return batch_answer(portal, results, [])


def join_labelled(portal: Portal, call: Call) -> Answer:
    """The labels sent replace those that were there."""
    a, b, record_id = _types(portal, call)
    sent = call.body.get("items")
    labels = {(str(item["associationCategory"]), int(item["associationTypeId"])) for item in sent or []}
    other = call.parts["other_id"]
    _join(portal, call, (a, record_id), (b, other), labels)
    body = {
        "fromObjectTypeId": a,
        "fromObjectId": record_id,
        "toObjectTypeId": b,
        "toObjectId": other,
        "labels": [str(label) for number, label in labels_between(a, b) if label and (HUBSPOT, number) in labels],
    }
    return Answer(status=201, body=body)


def part(portal: Portal, call: Call) -> Answer:
    a, b, record_id = _types(portal, call)
    if portal.associations.part((a, record_id), (b, call.parts["other_id"])):
        at = portal.clock.stamp()
        record = portal.find(a, record_id)
        portal.journal.add("part", record, {b: call.parts["other_id"]}, at=at, source=source_of(call))
    return Answer(status=204)


def list_labels(portal: Portal, call: Call) -> Answer:
    a, b, _ = _types(portal, call)
    results = [{"category": HUBSPOT, "typeId": number, "label": label} for number, label in labels_between(a, b)]
    return Answer(body={"results": results})


def batch_read(portal: Portal, call: Call) -> Answer:
    a, b, _ = _types(portal, call)
    results = []
    for item in read_inputs(call, most=MAX_READ):
        found = portal.associations.of((a, str(item.get("id"))), b)
        if found:
            joined = [_joined(a, b, other, labels) for other, labels in found]
            results.append({"from": {"id": str(item["id"])}, "to": joined})
    return batch_answer(portal, results, [])


def batch_join(portal: Portal, call: Call) -> Answer:
    a, b, _ = _types(portal, call)
    results: list[Json] = []
    errors: list[Json] = []
    for item in read_inputs(call, most=MAX_JOINED):
        labels = {(str(one["associationCategory"]), int(one["associationTypeId"])) for one in item.get("types") or []}
        ends = (a, str(item["from"]["id"])), (b, str(item["to"]["id"]))
        try:
            results += _join(portal, call, *ends, labels or None)
        except WireError as error:
            errors.append(error.body)
    return batch_answer(portal, results, errors, status=201)


def batch_part(portal: Portal, call: Call) -> Answer:
    a, b, _ = _types(portal, call)
    for item in read_inputs(call, most=MAX_JOINED):
        for other in item.get("to") or []:
            portal.associations.part((a, str(item["from"]["id"])), (b, str(other["id"])))
    return Answer(status=204)


def _types(portal: Portal, call: Call) -> tuple[str, str, str]:
    return portal.object_name(call.parts["type"]), portal.object_name(call.parts["other"]), call.parts.get("id", "")


def _join(
    portal: Portal, call: Call, a: tuple[str, str], b: tuple[str, str], labels: set[Label] | None
) -> list[dict[str, Json]]:
    record = portal.find(*a)
    portal.find(*b)
    if (a[0], b[0]) not in TYPE_IDS:
        raise invalid(f"{a[0]} cannot be associated with {b[0]}")
    portal.associations.join(a, b, labels)
    at = portal.clock.stamp()
    portal.journal.add("associate", record, {b[0]: b[1]}, at=at, source=source_of(call))
    spec = {"associationCategory": HUBSPOT, "associationTypeId": TYPE_IDS[a[0], b[0]]}
    return [{"from": {"id": a[1]}, "to": {"id": b[1]}, "associationSpec": spec}]


def _joined(a: str, b: str, other: str, labels: set[Label]) -> dict[str, Json]:
    words = dict(labels_between(a, b))
    types = [{"category": kind, "typeId": number, "label": words.get(number)} for kind, number in sorted(labels)]
    return {"toObjectId": other, "associationTypes": types}
