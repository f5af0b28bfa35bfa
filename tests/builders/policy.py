"""Documents and facts by hand: a small sales policy, and a proposal that it allows."""

from datetime import UTC, datetime

from governance.domain.document import ActionRule, FieldRule, GrantRule, PolicyDocument, StageRule
from governance.domain.facts import (
    AgentFacts,
    ConnectionFacts,
    EvidenceFacts,
    Facts,
    RecordFacts,
    RequestFacts,
    SwitchFacts,
)
from governance.domain.index import PolicyIndex, compile_index

NOW = datetime(2031, 5, 17, 9, 30, tzinfo=UTC)
AGENT = "agent.enrichment"


def field(name: str, **changes: object) -> FieldRule:
    """A reviewed field of `companies` that agents write safely, unless said otherwise."""
    values: dict[str, object] = {
        "connection": "embedded",
        "object": "companies",
        "field": name,
        "label": name.replace("_", " ").capitalize(),
        "type": "string",
        "review_state": "reviewed",
        "classification": "enrichment",
        "permission_level": "safe_write",
        "allowed_writers": ("agent", "human"),
    }
    return FieldRule(**{**values, **changes})


def suggestion(name: str, **changes: object) -> FieldRule:
    return field(name, **{"classification": "suggestion", "type": "text", **changes})


FIELDS = (
    field("industry", type="picklist", options=("IT", "Software")),
    field("numberofemployees", type="integer"),
    field("country", max_length=40),
    field("annualrevenue", type="number", permission_level="approval"),
    field("name", is_required=True, review_required=True),
    field("website", type="url"),
    field("linkedin", is_golden=True, suggestion_field="agent_linkedin"),
    suggestion("agent_linkedin"),
    field("legal_basis", classification="compliance", suggestion_field="agent_linkedin"),
    field("createdate", type="datetime", is_read_only=True, classification="system_generated"),
    field("fresh_field", review_state="unreviewed"),
    field("old_field", review_state="gone"),
    field("next_step", object="deals", type="text", permission_level="blocked", suggestion_field="agent_next_step"),
    suggestion("agent_next_step", object="deals"),
    field("amount", object="deals", type="number", revenue_field="Amount"),
    field("closedate", object="deals", type="date", classification="human_commitment"),
    field("forecast", object="deals", revenue_field="Forecast category"),
    field(
        "dealstage", object="deals", type="picklist", options=("open", "won", "lost"), revenue_field="Opportunity stage"
    ),
    field("loss_reason", object="deals"),
    field("title", object="tasks", is_required=True),
    field("due", object="tasks", type="date"),
)
GRANTS = (
    GrantRule(
        agent=AGENT,
        connection="embedded",
        environment="sandbox",
        object="companies",
        action="update",
        read_fields=("industry", "country"),
        write_fields=tuple(sorted(rule.field for rule in FIELDS if rule.object == "companies")),
    ),
    GrantRule(
        agent=AGENT,
        connection="embedded",
        environment="sandbox",
        object="companies",
        action="create",
        write_fields=("country", "industry", "name"),
    ),
    GrantRule(
        agent=AGENT,
        connection="embedded",
        environment="sandbox",
        object="deals",
        action="update",
        write_fields=tuple(sorted(rule.field for rule in FIELDS if rule.object == "deals")),
    ),
    GrantRule(
        agent=AGENT,
        connection="embedded",
        environment="sandbox",
        object="tasks",
        action="create_task",
        write_fields=("due", "title"),
    ),
    GrantRule(agent=AGENT, connection="embedded", environment="sandbox", object="companies", action="draft"),
    GrantRule(
        agent=AGENT,
        connection="embedded",
        environment="sandbox",
        object="companies",
        action="read",
        read_fields=("name",),
    ),
)
ACTIONS = (
    ActionRule(action="update", risk_tier="gated", approver_groups=("revops",), min_confidence=0.7, min_evidence=1),
    ActionRule(action="create", risk_tier="approval", approver_groups=("revops",), approvals_needed=2),
    ActionRule(action="create_task", risk_tier="autonomous", min_confidence=0.5),
    ActionRule(action="draft", risk_tier="autonomous"),
    ActionRule(action="queue", risk_tier="blocked"),
)
STAGES = (
    StageRule(
        connection="embedded", object="deals", stage_field="dealstage", stage="lost", required_fields=("loss_reason",)
    ),
)


def make_document(**changes: object) -> PolicyDocument:
    values: dict[str, object] = {
        "workspace": "acme",
        "grants": GRANTS,
        "fields": FIELDS,
        "actions": ACTIONS,
        "stages": STAGES,
    }
    return PolicyDocument(**{**values, **changes})


def make_index(**changes: object) -> PolicyIndex:
    return compile_index(make_document(**changes), version="sha256:" + "0" * 64)


def make_agent(**changes: object) -> AgentFacts:
    values: dict[str, object] = {
        "name": AGENT,
        "lifecycle": "active",
        "autonomy_level": "autonomous",
        "is_credential_active": True,
        "version": "sha256:" + "1" * 64,
    }
    return AgentFacts(**{**values, **changes})


def make_request(**changes: object) -> RequestFacts:
    values: dict[str, object] = {
        "action": "update",
        "object": "companies",
        "record_id": "101",
        "changes": {"industry": "Software", "numberofemployees": 220, "country": "Norway"},
        "reason_code": "enrich.inbound",
        "confidence": 0.91,
        "evidence": EvidenceFacts(sources=1),
        "correlation_id": "corr-1",
    }
    return RequestFacts(**{**values, **changes})


RECORD = RecordFacts(
    exists=True,
    version="7",
    values={
        **dict.fromkeys((rule.field for rule in FIELDS), None),
        "industry": "IT",
        "country": "Norge",
        "name": "Acme",
        "dealstage": "open",
    },
)


def make_facts(request: RequestFacts | None = None, **changes: object) -> Facts:
    """Facts under which `make_request()` is allowed."""
    values: dict[str, object] = {
        "now": NOW,
        "workspace": "acme",
        "actor_type": "agent",
        "agent": make_agent(),
        "connection": ConnectionFacts(name="embedded", environment="sandbox", is_active=True),
        "switches": SwitchFacts(),
        "request": request or make_request(),
        "record": RECORD,
    }
    return Facts(**{**values, **changes})


def make_human_facts(request: RequestFacts | None = None, **changes: object) -> Facts:
    """A person of the group that answers for the action takes something back."""
    return make_facts(
        request, **{"actor_type": "human", "agent": None, "human_roles": ("revops",), "reverses": True, **changes}
    )
