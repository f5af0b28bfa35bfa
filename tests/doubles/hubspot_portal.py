"""A HubSpot portal served on loopback: what the connector and the vendor's own client are tried on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3
from werkzeug.wrappers import Request, Response

from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.simulators.hubspot.app import HubSpotSimulator
from crm_connectors.simulators.hubspot.limits import Allowance
from crm_connectors.simulators.hubspot.pages import PERSON
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import Source
from crm_connectors.simulators.serving import serve_in_thread

MIGRATION = Source(type="IMPORT", id="7")


@dataclass(frozen=True)
class ServedPortal:
    """The portal's inside, the address of its outside, and the method and path of each call that came, in order."""

    portal: Portal
    url: str
    asked: list[tuple[str, str]] = field(default_factory=list)

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = PRIVATE_TOKEN, **headers: str
    ) -> tuple[int, Any]:
        """One plain call: `(status, JSON)`; the text where there is no JSON."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        data = None if body is None else json.dumps(body).encode()
        with urllib3.PoolManager(retries=False, timeout=10) as pool:
            answer = pool.request(method, f"{self.url}{path}", headers=sent, body=data)
        try:
            return answer.status, answer.json()
        except ValueError:
            return answer.status, answer.data.decode()

    def add(self, object_type: str = "companies", **values: Any) -> str:
        """A record that an import brought; values as HubSpot stores them."""
        with self.portal.lock:
            texts = {name: None if value is None else str(value) for name, value in values.items()}
            return self.portal.add(object_type, texts, MIGRATION).id

    def edit(self, object_type: str, record_id: str, **values: Any) -> None:
        """A person's edit in HubSpot's own screens."""
        with self.portal.lock:
            texts = {name: None if value is None else str(value) for name, value in values.items()}
            self.portal.change(self.portal.find(object_type, record_id), texts, PERSON)

    def writes(self, record_id: str, kind: str = "") -> list[dict[str, Any]]:
        """What was really applied to a record by an app, in order."""
        return [item.values for item in self.portal.journal.of(record_id, kind) if item.source.startswith("INTEGR")]


@contextmanager
def serving_portal() -> Iterator[ServedPortal]:
    """An empty portal without limits that get in the way."""
    portal = Portal(allowance=Allowance(per_ten_seconds=1_000_000, searches_per_second=1_000_000))
    simulator, asked = HubSpotSimulator(portal), list[tuple[str, str]]()

    def serve(request: Request) -> Response:
        asked.append((request.method, request.path))
        return simulator(request)

    with serve_in_thread(serve) as served:
        yield ServedPortal(portal, served.url, asked)
