"""One agent at the API, call by call: for chapters in which people act between its proposals."""

import json
import urllib.parse
import urllib.request
from typing import Any

from config.demo.scene import THE_HOUSE, Scene, speak

_VERSION = {
    "model": "demo",
    "prompt_template": "outreach@1",
    "prompt_hash": "sha256:" + "0" * 64,
    "tools_hash": "sha256:" + "0" * 64,
}


class Caller:
    """Knows a URL and one credential, like every agent, and what the CRM of its scene calls things. `run` marks its
    proposals: a new run is not a repeat."""

    def __init__(self, url: str, *, client_id: str, client_secret: str, run: str, scene: Scene = THE_HOUSE) -> None:
        self.scene = scene
        self._url, self._run, self._count = url, run, 0
        form = urllib.parse.urlencode(
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        )
        answer = self._send("/oauth/token/", form.encode(), {})
        self._headers = {"Authorization": f"Bearer {answer['access_token']}", "Content-Type": "application/json"}

    def search(self, object_type: str, filters: dict[str, Any], fields: list[str]) -> list[dict[str, Any]]:
        """The first page of what matches."""
        dialect = self.scene.dialect
        asked = {
            "filters": dialect.values(object_type, filters),
            "fields": dialect.fields(object_type, fields),
            "limit": 100,
        }
        path = f"/api/v1/records/{self.scene.connection}/{dialect.object(object_type)}/search/"
        found = self._send(path, json.dumps(asked).encode(), self._headers)["records"]
        return [{**row, "values": dialect.own_values(object_type, row["values"])} for row in found]

    def propose(self, **members: Any) -> dict[str, Any]:
        """The request with its decision, which takes a look at a CRM elsewhere; a denial is an answer."""
        self._count += 1
        proposal = {
            "connection": self.scene.connection,
            "confidence": 0.9,
            "reason_code": "demo.outreach",
            "justification": "asked for a call back on the web form",
            "evidence": [{"kind": "fact", "statement": "they asked for it on our web form", "confidence": 0.9}],
            "agent_version": _VERSION,
            "correlation_id": f"demo-{self._run}",
            **members,
        }
        headers = self._headers | {"Idempotency-Key": f"demo-{self._run}-{self._count}"}
        if self.scene.crm is not None:
            headers["Prefer"] = "wait=20"
        body = speak(proposal, self.scene.dialect)
        return self._send("/api/v1/action-requests/", json.dumps(body).encode(), headers)

    def check_dnc(self, recipients: list[dict[str, str]]) -> list[str]:
        """What the do-not-contact list says of each of these addresses."""
        answer = self._send("/api/v1/dnc/check/", json.dumps({"recipients": recipients}).encode(), self._headers)
        found: list[str] = answer["results"]
        return found

    def send_email(self, contact: str, subject: str, body: str) -> dict[str, Any]:
        target = {"object": "contacts", "id": contact}
        return self.propose(action="send_email", target=target, message={"subject": subject, "body": body})

    def _send(self, path: str, data: bytes, headers: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(self._url + path, data=data, headers=headers)  # noqa: S310 our own server
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 our own server
            found: dict[str, Any] = json.load(answer)
            return found
