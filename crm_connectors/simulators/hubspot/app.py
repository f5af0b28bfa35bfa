"""One call: faults, token, limits, scope, the handler under the portal's lock, and faults again."""

import json
import time
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.hubspot.access import Access
from crm_connectors.simulators.hubspot.faults import Fault, read_faults
from crm_connectors.simulators.hubspot.pages import serve_page
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.routes import Route, make_map
from crm_connectors.simulators.hubspot.wire import Answer, Call, WireError, invalid, not_found
from crm_connectors.simulators.serving import DropConnection

FAULT_HEADER = "X-Simulate"
HTML = "<html><body><h1>{} from the edge</h1></body></html>"
_SALES = ("contacts", "companies", "deals")


class HubSpotSimulator:
    """What serves one portal: its API, and the pages for people."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._map = make_map()

    def __call__(self, request: Request) -> Response:
        """Raises DropConnection."""
        if request.path == "/" or request.path.startswith(("/records/", "/_simulator/")):
            return serve_page(self.portal, request)
        faults = self._faults(request)
        answer = self._answer(request, faults)
        return _respond(answer, faults)

    def _answer(self, request: Request, faults: tuple[Fault, ...]) -> Answer:
        _wait(faults, "latency")
        if _has(faults, "drop_before"):
            raise DropConnection
        forced = _amount(faults, "status")
        if forced:
            return _forced(int(forced))
        refused = _amount(faults, "refuse")
        if refused:
            return WireError(int(refused), "this is refused on order", "VALIDATION_ERROR").answer()
        try:
            answer = self._serve(request, faults)
        except WireError as error:
            return error.answer()
        if _has(faults, "drop_after"):
            raise DropConnection
        late = _amount(faults, "status_after")
        return Answer(status=int(late), body=HTML.format(late)) if late else answer

    def _faults(self, request: Request) -> tuple[Fault, ...]:
        text = request.headers.get(FAULT_HEADER, "")
        with self.portal.lock:
            return read_faults(text) if text else self.portal.faults.take(request.method, request.path)

    def _serve(self, request: Request, faults: tuple[Fault, ...]) -> Answer:
        body = request.get_data()
        try:
            (version, route), parts = self._map.bind(request.host, default_method=request.method).match(request.path)
        except HTTPException as error:
            raise not_found() from error
        with self.portal.lock:
            access = self._authenticate(request, route)
            is_search = request.path.endswith("/search")
            now = self.portal.clock.now()
            limit = _amount(faults, "limit")
            if limit:
                raise self.portal.limiter.refusal(limit, app_id=access.app_id)
            headers = self.portal.limiter.count(access, is_search=is_search, now=now) if route.scope else {}
            call = Call(
                method=request.method,
                path=request.path,
                version=version,
                parts=parts,
                query=request.args,
                body=_read_json(body) if route.scope and body else {},
                form=request.form if not route.scope else {},
                access=access,
                faults=faults,
            )
            answer = _handled(self.portal, call, route)
        return Answer(status=answer.status, body=answer.body, headers={**answer.headers, **headers})

    def _authenticate(self, request: Request, route: Route) -> Access:
        if not route.scope:
            return Access(app_id="0", scopes=frozenset())
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        access = self.portal.access.find(token) if scheme == "Bearer" else None
        if access is None:
            raise WireError(
                401,
                "Authentication credentials not found. This API supports OAuth 2.0 authentication",
                "INVALID_AUTHENTICATION",
            )
        late = self.portal.clock.now() - (access.expires_at or self.portal.clock.now() + 1)
        if late >= 0:
            message = f"The OAuth token used to make this call expired {late // 1000} second(s) ago."
            raise WireError(401, message, "EXPIRED_AUTHENTICATION")
        return access


def _handled(portal: Portal, call: Call, route: Route) -> Answer:
    try:
        _require_scope(portal, call, route)
        return route.handler(portal, call)
    except WireError as error:
        return error.answer()


def _require_scope(portal: Portal, call: Call, route: Route) -> None:
    if not route.scope:
        return
    kind = portal.object_name(call.parts["type"]) if "{object}" in route.scope else ""
    scope = "tickets" if kind == "tickets" else route.scope.format(object=kind if kind in _SALES else "contacts")
    if scope not in call.access.scopes:
        detail = {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": [scope]},
        }
        message = "This app hasn't been granted all required scopes to make this call."
        raise WireError(403, message, "MISSING_SCOPES", errors=[detail])


def _read_json(body: bytes) -> dict[str, Any]:
    """An object; a list (the labels of an association) becomes its `items`."""
    try:
        read = json.loads(body)
    except ValueError as error:
        raise invalid("Invalid input JSON") from error
    if isinstance(read, list):
        return {"items": read}
    if not isinstance(read, dict):
        raise invalid("Invalid input JSON")
    return read


def _forced(status: int) -> Answer:
    if status == 423:
        return WireError(423, "locked").answer()
    headers = {"Retry-After": "3600"} if status == 477 else {}
    return Answer(status=status, body=HTML.format(status) if status >= 500 else None, headers=headers)


def _respond(answer: Answer, faults: tuple[Fault, ...]) -> Response:
    body, kind = answer.encoded()
    response = Response(body, status=answer.status, content_type=kind, headers=answer.headers)
    pause = _amount(faults, "slow_body")
    if pause:
        response.headers["X-Simulate-Body-Seconds"] = str(int(pause) / 1000)
    return response


def _wait(faults: tuple[Fault, ...], kind: str) -> None:
    milliseconds = _amount(faults, kind)
    if milliseconds:
        time.sleep(int(milliseconds) / 1000)


def _has(faults: tuple[Fault, ...], kind: str) -> bool:
    return any(fault.kind == kind for fault in faults)


def _amount(faults: tuple[Fault, ...], kind: str) -> str:
    return next((fault.amount for fault in faults if fault.kind == kind), "")
