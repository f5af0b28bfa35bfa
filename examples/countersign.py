"""A small client for agents: standard library only, one file to copy into your own agent.

    client = Countersign.from_environment(…)    # reads COUNTERSIGN_URL, …_CLIENT_ID, …_CLIENT_SECRET
    client.propose({"action": "update", "target": {"object": "companies", "id": "101"}, "changes": {...}, ...})

Every proposal carries an `Idempotency-Key` made of its own content: proposing the same change twice in one run is
answered with the first answer and never done twice.
"""

import base64
import hashlib
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any


class ProblemError(Exception):
    """The gateway could not take the call. `code` is stable, `problem` the whole RFC 9457 document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        code = problem.get("code") or problem.get("error")  # the token endpoint answers as RFC 6749 §5.2 says
        detail = problem.get("detail") or problem.get("error_description") or "look at the answer's status"
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.problem = status, code, problem


class Countersign:
    """One agent's line to Countersign. `agent_version` says what the agent is made of and goes with each proposal."""

    def __init__(self, url: str, client_id: str, client_secret: str, agent_version: dict[str, str]) -> None:
        self.url, self.run_id = url.rstrip("/"), uuid.uuid4().hex
        self._client = f"{client_id}:{client_secret}"
        self._agent_version = agent_version
        self._token, self._token_expires_at = "", 0.0

    @classmethod
    def from_environment(cls, *, model: str, prompt_template: str, prompt: str, tools: str) -> "Countersign":
        version = {
            "model": model,
            "prompt_template": prompt_template,
            "prompt_hash": f"sha256:{hashlib.sha256(prompt.encode()).hexdigest()}",
            "tools_hash": f"sha256:{hashlib.sha256(tools.encode()).hexdigest()}",
        }
        names = ("COUNTERSIGN_URL", "COUNTERSIGN_CLIENT_ID", "COUNTERSIGN_CLIENT_SECRET")
        if missing := [name for name in names if not os.environ.get(name)]:
            raise SystemExit(f"set {', '.join(missing)}; `manage.py issue_credential` issues id and secret")
        return cls(*(os.environ[name] for name in names), version)

    def me(self) -> dict[str, Any]:
        """Who I am here: autonomy level, grants, switches in force."""
        return self._call("GET", "/api/v1/me/")

    def search(self, connection: str, object_type: str, filters: dict[str, Any], fields: list[str]) -> Iterator[dict]:
        """Every record that matches, page after page, with the granted fields asked for."""
        query: dict[str, Any] = {"filters": filters, "fields": fields, "limit": 100}
        while True:
            page = self._call("POST", f"/api/v1/records/{connection}/{object_type}/search/", query)
            yield from page["records"]
            if not page.get("after"):
                return
            query["after"] = page["after"]

    def propose(self, proposal: dict[str, Any], *, wait_seconds: int = 0) -> dict[str, Any]:
        """Propose one change and return the request with its decision. A denial is an answer, not an error."""
        body = {"agent_version": self._agent_version, "correlation_id": self.run_id, **proposal}
        key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        headers = {"Idempotency-Key": key} | ({"Prefer": f"wait={wait_seconds}"} if wait_seconds else {})
        return self._call("POST", "/api/v1/action-requests/", body, headers)

    def get(self, request_id: str) -> dict[str, Any]:
        return self._call("GET", f"/api/v1/action-requests/{request_id}/")

    def _call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._bearer()}", **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return self._send(urllib.request.Request(self.url + path, data=data, headers=headers, method=method))

    def _bearer(self) -> str:
        """OAuth 2 client credentials (RFC 6749 §4.4); the token is renewed a minute before it ends."""
        if time.monotonic() > self._token_expires_at:
            request = urllib.request.Request(
                f"{self.url}/oauth/token/",
                data=urllib.parse.urlencode({"grant_type": "client_credentials"}).encode(),
                headers={"Authorization": f"Basic {base64.b64encode(self._client.encode()).decode()}"},
            )
            answer = self._send(request)
            self._token, self._token_expires_at = (
                answer["access_token"],
                time.monotonic() + answer["expires_in"] - 60,
            )
        return self._token

    @staticmethod
    def _send(request: urllib.request.Request, *, tries: int = 5) -> dict[str, Any]:
        """Send once; repeat only what is safe to repeat: 429 and 503 did nothing, and proposals carry their key."""
        for attempt in range(1, tries + 1):
            try:
                with urllib.request.urlopen(request, timeout=40) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = json.loads(error.read() or b"{}")
                if error.code not in (429, 503) or attempt == tries:
                    raise ProblemError(error.code, problem) from None
                time.sleep(float(error.headers.get("Retry-After", attempt)))
        raise AssertionError("unreachable")


def run(main: Callable[[], None]) -> None:
    """Run an agent's program; what it cannot get past ends it with one line instead of a traceback."""
    try:
        main()
    except ProblemError as error:
        raise SystemExit(f"Countersign answered {error}") from None
    except urllib.error.URLError as error:
        raise SystemExit(f"Countersign cannot be reached: {error.reason}") from None
