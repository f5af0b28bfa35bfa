"""The veil over a canary under review: pages show what they would show of the agent's own request (QAS-02)."""

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals.domain.canary import CANARY, shown_data
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from audit.models import LedgerEvent


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells of one event: its data, and by whose name or id it was done."""

    data: dict[str, Any]
    actor: str


def veiled_as(request: AgentActionRequest) -> str:
    """The name that a canary goes by while it waits; empty for everything else. The ledger itself veils nothing."""
    is_veiled = request.actor_type == CANARY and request.status == Status.PENDING
    return request.agent.name if is_veiled and request.agent is not None else ""


def tell_event(event: LedgerEvent, veil: str) -> Told:
    """The event as it is on record, under the name of `veiled_as` if that is not empty."""
    data: dict[str, Any] = msgspec.json.decode(bytes(event.body))["data"]
    if not veil:
        return Told(data, event.actor_id)
    return Told(shown_data(data), veil if event.type == "request.received" else event.actor_id)
