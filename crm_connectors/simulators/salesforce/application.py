"""The simulated org behind HTTP: which call a request is, who makes it, and what goes wrong with it on order."""

import json
import time
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.faults import Disturbance, Fault
from crm_connectors.simulators.salesforce import collection_calls, composite_calls, query_calls, row_calls
from crm_connectors.simulators.salesforce.call import Answer, Call
from crm_connectors.simulators.salesforce.errors import AmbiguousKeyError, ApiError, not_found
from crm_connectors.simulators.salesforce.org import Org
from crm_connectors.simulators.salesforce.page import answer_page
from crm_connectors.simulators.salesforce.selecting import Cursors
from crm_connectors.simulators.salesforce.tokens import TokenRefusedError, Tokens
from crm_connectors.simulators.serving import DropConnection

VERSIONS = {
    "60.0": "Spring '24",
    "62.0": "Winter '25",
    "66.0": "Spring '26",
    "67.0": "Summer '26",
    "68.0": "Winter '27",
}
MAX_URI_BYTES = 16_384
Handler = Callable[..., Answer]

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/sobjects", row_calls.list_objects),
    ("GET", "/sobjects/<name>", row_calls.summarise),
    ("GET", "/sobjects/<name>/describe", row_calls.describe),
    ("POST", "/sobjects/<name>", row_calls.create),
    ("GET", "/sobjects/<name>/<record_id>", row_calls.read),
    ("PATCH", "/sobjects/<name>/<record_id>", row_calls.update),
    ("DELETE", "/sobjects/<name>/<record_id>", row_calls.remove),
    ("GET", "/sobjects/<name>/<key_field>/<path:value>", row_calls.read_by_key),
    ("PATCH", "/sobjects/<name>/<key_field>/<path:value>", row_calls.upsert),
    ("DELETE", "/sobjects/<name>/<key_field>/<path:value>", row_calls.remove_by_key),
    ("POST", "/composite/sobjects", collection_calls.create_many),
    ("PATCH", "/composite/sobjects", collection_calls.update_many),
    ("DELETE", "/composite/sobjects", collection_calls.remove_many),
    ("GET", "/composite/sobjects/<name>", collection_calls.read_many),
    ("POST", "/composite/sobjects/<name>", collection_calls.read_many),
    ("PATCH", "/composite/sobjects/<name>/<key_field>", collection_calls.upsert_many),
    ("GET", "/query", query_calls.query),
    ("GET", "/queryAll", query_calls.query_all),
    ("GET", "/query/<locator>", query_calls.query_more),
    ("GET", "/queryAll/<locator>", query_calls.query_more),
    ("GET", "/limits", query_calls.limits),
    ("POST", "/composite", lambda call: composite_calls.composite(call, perform)),
    ("POST", "/composite/batch", lambda call: composite_calls.batch(call, perform)),
)
_MAP = Map(
    [
        Rule(f"/services/data/v<version>{path}", endpoint=handler, methods=[method], strict_slashes=False)
        for method, path, handler in _ROUTES
    ],
    merge_slashes=False,
)
_LIMITED = ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
_LIMITED_BRIEFLY = ApiError(
    403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
)
_LOCKED = ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")
_BROKEN = ApiError(
    500,
    "UNKNOWN_EXCEPTION",
    "An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)",
)
_ELSEWHERE = {
    Fault.GATEWAY_BEFORE: Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, content_type="text/html"),
    Fault.MOVED: Response(status=302, headers={"Location": "https://moved.my.salesforce.com/"}),
}
"""What is answered before the org itself has the call."""


class SalesforceSimulator:
    """Answers one request at a time, from any thread. `org` is its state, `tokens` its sessions."""

    def __init__(self, org: Org, tokens: Tokens) -> None:
        self.org = org
        self.tokens = tokens
        self._cursors = Cursors()

    def __call__(self, request: Request) -> Response:
        """The answer. Raises DropConnection when told to."""
        if not request.path.startswith("/services/"):
            return answer_page(self.org, request)
        try:
            disturbance = self.org.faults.take(request)
        except ValueError as error:
            return Response(str(error), 400)
        time.sleep(disturbance.latency)
        response = self._instead(disturbance, request) or self._answer(request, disturbance)
        if disturbance.fault == Fault.DROP_AFTER:
            raise DropConnection
        if disturbance.fault == Fault.ERROR_AFTER:
            response = _json(500, _BROKEN.as_body())
        if disturbance.body_seconds:
            response.headers["X-Simulate-Body-Seconds"] = str(disturbance.body_seconds)
        return response

    def _instead(self, disturbance: Disturbance, request: Request) -> Response | None:
        """What happens in place of the call."""
        match disturbance.fault:
            case Fault.DROP_BEFORE:
                raise DropConnection
            case Fault.GATEWAY_BEFORE | Fault.MOVED as fault:
                return _ELSEWHERE[fault]
            case Fault.ERROR_BEFORE:
                return _json(500, _BROKEN.as_body())
            case Fault.LIMITED:
                return _json(403, _LIMITED.as_body())
            case Fault.LIMITED_BRIEFLY:
                return _json(403, _LIMITED_BRIEFLY.as_body())
            case Fault.LOCKED if "/composite/sobjects" not in request.path:
                return _json(400, _LOCKED.as_body())
            case Fault.SESSION_ENDED:
                self.tokens.end_session(request)
        return None

    def _answer(self, request: Request, disturbance: Disturbance) -> Response:
        if len(request.full_path.encode()) > MAX_URI_BYTES:
            return Response(status=414)
        if request.path == "/services/oauth2/token":
            return self._issue(request)
        if request.path.rstrip("/") == "/services/data":
            return _json(200, [_version(number, label) for number, label in VERSIONS.items()])
        with self.org.lock:
            answer = self._call(request, is_lock_refused=disturbance.fault == Fault.LOCKED)
        response = _json(answer.status, answer.body)
        response.headers.extend(dict(answer.headers))
        response.headers["Sforce-Limit-Info"] = self._limit_info()
        return response

    def _issue(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status=405)
        try:
            with self.org.lock:
                return _json(200, self.tokens.issue(request))
        except TokenRefusedError as error:
            return _json(400, {"error": error.error, "error_description": error.description})

    def _call(self, request: Request, *, is_lock_refused: bool) -> Answer:
        try:
            user = self.tokens.user_of(request)
            if self.org.used_requests >= self.org.daily_requests:
                raise _LIMITED
            self.org.used_requests += 1
            if request.path == "/services/oauth2/userinfo":
                return Answer(body={"user_id": user.id, "preferred_username": user.username, "name": user.name})
            call = Call(
                org=self.org,
                user=user,
                cursors=self._cursors,
                version=_version_of(request.path),
                method=request.method or "GET",
                path=request.path,
                query=request.args.to_dict(),
                headers={name.lower(): value for name, value in request.headers.items()},
                content=request.get_data(),
                is_lock_refused=is_lock_refused,
            )
        except ApiError as error:
            return Answer(status=error.status, body=error.as_body())
        return perform(call)

    def _limit_info(self) -> str:
        """The header in one of its three spellings, by turns: clients must read them all."""
        used, total = self.org.used_requests, self.org.daily_requests
        self.org.limit_info = turn = (self.org.limit_info + 1) % 3
        usage = f"api-usage={used}/{total}"
        return (usage, f"{usage}; api-bursts=1/750", f"{usage}; per-app-api-usage={used}/{total}(appName=countersign)")[
            turn
        ]


def perform(call: Call) -> Answer:
    """One call, alone or as a part of a composite one. Never raises."""
    try:
        handler, values = _MAP.bind("org").match(call.path, call.method)
        answer: Answer = handler(call, **{name: value for name, value in values.items() if name != "version"})
        return answer
    except ApiError as error:
        return Answer(status=error.status, body=error.as_body())
    except AmbiguousKeyError as error:
        base = f"/services/data/v{call.version}/sobjects/{error.object_name}"
        return Answer(status=300, body=[f"{base}/{record_id}" for record_id in error.ids])
    except MethodNotAllowed:
        refusal = ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed")
        return Answer(status=405, body=refusal.as_body())
    except HTTPException:
        return Answer(status=404, body=not_found().as_body())


def _version_of(path: str) -> str:
    """The version in the path. Raises ApiError: 410 for a retired one, 404 for one that never was."""
    number = path.removeprefix("/services/data/v").partition("/")[0]
    if number in VERSIONS:
        return number
    whole = number.partition(".")[0]
    if whole.isdigit() and 21 <= int(whole) <= 30:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", "This version of the API is retired")
    if whole.isdigit() and 31 <= int(whole) <= 68 and number.endswith(".0"):
        return number
    raise not_found()


def _version(number: str, label: str) -> dict[str, str]:
    return {"label": label, "url": f"/services/data/v{number}", "version": number}


def _json(status: int, body: Any) -> Response:
    if body is None:
        return Response(status=status)
    return Response(json.dumps(body), status, content_type="application/json;charset=UTF-8")
