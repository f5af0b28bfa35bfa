"""What a person sees of the portal in a browser: records with their history, a form to edit one, the journal.

The portal is open to whoever reaches it, which is loopback alone: a foreign page's request is refused by its `Origin`
and its `Host`.
"""

import json
from dataclasses import asdict
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.hubspot import page_parts
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import Source
from crm_connectors.simulators.hubspot.webhooks import send_events
from crm_connectors.simulators.hubspot.wire import WireError
from crm_connectors.simulators.hubspot.writing import judge_properties

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})
PERSON = Source(type="CRM_UI", id="userId:9500001", user_id=9_500_001)
PAGE_SIZE = 50


def serve_page(portal: Portal, request: Request) -> Response:
    """The pages under `/`, `/records/` and `/_simulator/`."""
    if not _is_local(request):
        return Response("this simulator answers its own pages alone", status=403)
    with portal.lock:
        match request.path.strip("/").split("/"):
            case [""]:
                return _html(page_parts.overview(portal))
            case ["records", object_type] if object_type in portal.records:
                return _list(portal, object_type, request)
            case ["records", object_type, record_id] if record_id in portal.records.get(object_type, {}):
                return _record(portal, object_type, record_id, request)
            case ["_simulator", tool]:
                return _tool(portal, tool, request)
    return Response("there is no such page", status=404)


def _is_local(request: Request) -> bool:
    origin = urlsplit(request.headers.get("Origin", "")).hostname
    return urlsplit(f"//{request.host}").hostname in LOCAL_HOSTS and (origin is None or origin in LOCAL_HOSTS)


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type="text/html;charset=utf-8")


def _list(portal: Portal, object_type: str, request: Request) -> Response:
    start = max(request.args.get("start", 0, type=int), 0)
    found = [record for record in portal.records[object_type].values() if not record.merged_into]
    return _html(page_parts.record_list(object_type, found[start : start + PAGE_SIZE], start, len(found)))


def _record(portal: Portal, object_type: str, record_id: str, request: Request) -> Response:
    """The record; a POST changes one property as a person in HubSpot's own screens would."""
    record = portal.records[object_type][record_id]
    if request.method != "POST":
        return _html(page_parts.record_page(portal, record))
    sent = {request.form.get("property", ""): request.form.get("value", "")}
    if sent.keys() == {"lifecyclestage"}:
        record.values.pop("lifecyclestage", None)  # people may move a stage back, the API may not
    try:
        judged = judge_properties(portal, object_type, sent, version="2026-03", record=record)
    except WireError as error:
        told = "; ".join(item["message"] for item in error.body.get("errors", ())) or str(error)
        return _html(page_parts.record_page(portal, record, complaint=told), status=400)
    portal.change(record, judged.values, PERSON)
    return Response(status=303, headers={"Location": request.path})


def _tool(portal: Portal, tool: str, request: Request) -> Response:
    """For tests and drills in other processes: read the journal, plan faults, move the clock, send the news."""
    if request.method == "GET" and tool == "journal":
        return _json([asdict(entry) for entry in portal.journal.entries])
    if request.method != "POST":
        return Response("there is no such tool", status=404)
    asked = json.loads(request.get_data() or b"{}")
    match tool:
        case "faults":
            portal.faults.plan(
                str(asked.get("faults")),
                method=str(asked.get("method", "")),
                path=str(asked.get("path", "")),
                times=int(asked.get("times", 1)),
            )
            return _json({"planned": True})
        case "clock":
            portal.clock.advance(float(asked["seconds"]))
            return _json({"now": portal.clock.now()})
        case "news":
            statuses = send_events(portal.news.take(), url=asked["url"], secret=asked["secret"], now=portal.clock.now())
            return _json({"statuses": statuses})
        case _:
            return Response("there is no such tool", status=404)


def _json(body: object) -> Response:
    return Response(json.dumps(body), content_type="application/json")
