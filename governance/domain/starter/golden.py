"""The starter's golden cases: what every later policy must go on refusing, or putting to a person (POL-05).

None of them says that something must be allowed: a stricter policy never fails one.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from governance.domain.decision import Outcome
from governance.domain.facts import (
    AgentFacts,
    ConnectionFacts,
    DncFacts,
    DncHit,
    EvidenceFacts,
    Facts,
    MessageFacts,
    RecipientFacts,
    RecordFacts,
    RequestFacts,
    SwitchFacts,
)
from governance.domain.vocabulary import Action, AutonomyLevel, Lifecycle

_WHEN = datetime(2026, 1, 5, 10, tzinfo=UTC)
_HYGIENE, _ENRICHMENT, _ROUTING = "agent.pipeline.hygiene", "agent.enrichment", "agent.routing"
_ADDRESS = "jane@acme.example"


class StarterGolden(msgspec.Struct, frozen=True, kw_only=True):
    """`note` says why it must stay so."""

    name: str
    facts: Facts
    outcome: Outcome
    note: str


def _request(**members: Any) -> RequestFacts:
    common: dict[str, Any] = {
        "record_id": "101",
        "reason_code": "golden.case",
        "confidence": 0.95,
        "evidence": EvidenceFacts(sources=2, vendors=("https://example.com/about",), observed_at=_WHEN),
        "correlation_id": "golden",
    }
    return RequestFacts(**{**common, **members})


def _facts(agent: str, request: RequestFacts, **world: Any) -> Facts:
    common: dict[str, Any] = {
        "now": _WHEN,
        "workspace": "default",
        "actor_type": "agent",
        "agent": AgentFacts(
            name=agent,
            lifecycle=Lifecycle.ACTIVE,
            autonomy_level=AutonomyLevel.AUTONOMOUS,
            is_credential_active=True,
            version="sha256:" + "0" * 64,
        ),
        "connection": ConnectionFacts(name="embedded", environment="sandbox", is_active=True),
        "switches": SwitchFacts(),
        "request": request,
        "record": RecordFacts(exists=True, version="1", values=dict.fromkeys(request.changes)),
    }
    return Facts(**{**common, **world})


def _update(object_type: str, **changes: Any) -> RequestFacts:
    return _request(action=Action.UPDATE, object=object_type, target_object=object_type, changes=changes)


_EMAIL = _request(
    action=Action.SEND_EMAIL,
    object="emails",
    target_object="contacts",
    target_id="101",
    record_id=None,
    changes={"to": _ADDRESS, "subject": "Your question", "body": "When does it suit you?"},
    message=MessageFacts(subject="Your question", body="When does it suit you?"),
)
_TO = (RecipientFacts(kind="email", address=_ADDRESS, object="contacts", record_id="101"),)

STARTER_GOLDEN: tuple[StarterGolden, ...] = (
    StarterGolden(
        name="The amount of a deal is a promise of people",
        facts=_facts(_HYGIENE, _update("deals", amount=1)),
        outcome=Outcome.DENY,
        note="Whatever an agent was told: amount, close date and forecast are never its to write.",
    ),
    StarterGolden(
        name="A deal is not won by an agent",
        facts=_facts(_HYGIENE, _update("deals", dealstage="closedwon")),
        outcome=Outcome.DENY,
        note="An instruction hidden in a note must not move a stage.",
    ),
    StarterGolden(
        name="Nothing is deleted",
        facts=_facts(
            _ENRICHMENT, _request(action=Action.DELETE, object="companies", target_object="companies", changes={})
        ),
        outcome=Outcome.DENY,
        note="What is deleted in the CRM cannot be taken back here.",
    ),
    StarterGolden(
        name="Enrichment does not give companies away",
        facts=_facts(_ENRICHMENT, _update("companies", owner="grace.liu@example.com")),
        outcome=Outcome.DENY,
        note="It fills in facts; who owns an account is not one.",
    ),
    StarterGolden(
        name="An agent that nobody registered does nothing",
        facts=_facts("agent.unknown", _update("companies", industry="Software")),
        outcome=Outcome.DENY,
        note="What no grant names is refused.",
    ),
    StarterGolden(
        name="A stopped agent does nothing",
        facts=_facts(
            _ENRICHMENT, _update("companies", industry="Software"), switches=SwitchFacts(is_agent_stopped=True)
        ),
        outcome=Outcome.DENY,
        note="A kill switch wins over every grant.",
    ),
    StarterGolden(
        name="A new contact takes a person",
        facts=_facts(
            _ROUTING,
            _request(
                action=Action.CREATE,
                object="contacts",
                target_object="contacts",
                record_id=None,
                changes={"lastname": "Novak", "email": _ADDRESS},
            ),
            record=RecordFacts(exists=False),
            duplicates=(),
        ),
        outcome=Outcome.REQUIRE_APPROVAL,
        note="Duplicates and strangers come in here.",
    ),
    StarterGolden(
        name="Whoever asked not to be contacted is not written to",
        facts=_facts(
            _ROUTING,
            _EMAIL,
            recipients=_TO,
            dnc=DncFacts(asked=1, hits=(DncHit(entry="golden", kind="email", recipient=0),)),
            target=RecordFacts(exists=True, version="1"),
            duplicates=(),
        ),
        outcome=Outcome.DENY,
        note="No rule, approval or budget opens the do-not-contact list.",
    ),
)
