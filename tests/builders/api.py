"""An agent at the door of the API: a published world with an embedded CRM behind it, and proposals to send."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_schema import install_embedded_schema
from tests.builders.crm_connectors import make_record
from tests.builders.governance import World, make_world, publish
from tests.builders.kept import kept

ROOT = "/api/v1"
HASH = "sha256:" + "a" * 64


@dataclass(frozen=True)
class Site:
    """A world and one company of its CRM."""

    world: World
    company: str

    @property
    def connection_id(self) -> Any:
        return self.world.connection.pk


@kept
def make_site(slug: str = "acme", *, agent_name: str = "agent.enrichment") -> Site:
    """A published world whose embedded CRM holds one company: Umicore, industry not known, 100 employees."""
    world = make_world(slug, agent_name=agent_name)
    install_embedded_schema(connection_id=world.connection.pk, now=get_now())
    publish(world)
    company = make_record(world.connection.pk, "companies", name="Umicore", numberofemployees=100)
    return Site(world, company)


def make_body(site: Site | None = None, **changes: Any) -> dict[str, Any]:
    """A proposal that the world's policy allows. A change to None drops the member."""
    body = {
        "connection": "embedded",
        "action": "update",
        "target": {"object": "companies", "id": site.company if site else "1"},
        "changes": {"numberofemployees": 220},
        "expected": {"numberofemployees": 100},
        "intent": "complete the record",
        "plan": ["look the company up", "propose what is missing"],
        "reason_code": "enrich.inbound",
        "justification": "the register names 220 employees",
        "confidence": 0.91,
        "evidence": [
            {"kind": "source", "url": "https://register.example/umicore", "excerpt": "220 employees"},
            {"kind": "fact", "statement": "220 employees", "confidence": 0.91, "source": 0},
        ],
        "agent_version": {"model": "m-1", "prompt_template": "enrich@12", "prompt_hash": HASH, "tools_hash": HASH},
        "correlation_id": "run-1",
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def post(
    path: str, body: Any, *, token: str | None, key: str | None = "", raw: bytes | None = None, **headers: str
) -> HttpResponse:
    """POST strictly as given. `key` empty: a fresh idempotency key; None: no such header. `raw` replaces the body."""
    sent = {"Idempotency-Key": key or str(new_id())} if key is not None else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    content_type = sent.pop("content-type", "application/json")
    data = raw if raw is not None else json.dumps(body).encode()
    client = Client(raise_request_exception=False)
    return client.post(ROOT + path, data, content_type=content_type, headers=sent)


def get(path: str, *, token: str | None, **headers: str) -> HttpResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    return Client(raise_request_exception=False).get(ROOT + path, headers=sent)


def propose(site: Site, **changes: Any) -> dict[str, Any]:
    """An accepted proposal's answer."""
    answer = post("/action-requests/", make_body(site, **changes), token=site.world.token)
    assert answer.status_code in (201, 202), answer.content
    return dict(answer.json())
