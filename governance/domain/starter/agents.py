"""The three starter agents with exactly the fields that their work takes, and the tier of every action class."""

import msgspec

from governance.domain.vocabulary import Action, RiskTier


class StarterGrant(msgspec.Struct, frozen=True, kw_only=True):
    object: str
    action: Action
    read_fields: tuple[str, ...] = ()
    write_fields: tuple[str, ...] = ()


class StarterAgent(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` is a login of `governance.domain.starter.people`."""

    name: str
    owner: str
    purpose: str
    grants: tuple[StarterGrant, ...]
    is_drill: bool = False


class StarterTier(msgspec.Struct, frozen=True, kw_only=True):
    action: Action
    risk_tier: RiskTier
    groups: tuple[str, ...]
    approvals_needed: int = 1
    min_confidence: float = 0.0
    min_evidence: int = 0
    expires_after_seconds: int = 86_400
    hold_seconds: int = 0
    max_rows: int = 1_000


def _reading(object_type: str, *fields: str) -> tuple[StarterGrant, StarterGrant]:
    return (
        StarterGrant(object=object_type, action=Action.READ, read_fields=fields),
        StarterGrant(object=object_type, action=Action.SEARCH, read_fields=fields),
    )


_QUEUE_FIELDS = ("queue", "reason", "priority", "owner")
_DRAFT_FIELDS = ("subject", "body", "channel", "owner")
_TASK_FIELDS = ("subject", "body", "task_type", "priority", "due_date", "owner")
_EMAIL_FIELDS = ("to", "cc", "bcc", "sender", "subject", "body", "attachments")
_ENROLMENT_FIELDS = ("email", "sequence", "sender")
_MEETING_FIELDS = (
    "title",
    "starts_at",
    "ends_at",
    "time_zone",
    "invitee",
    "attendees",
    "location",
    "description",
)
_DIALER_FIELDS = ("phone", "queue", "reason", "priority", "call_after")
_EXPORT_FIELDS = ("object", "fields", "filters", "row_limit", "purpose")
_FIRMOGRAPHICS = ("industry", "numberofemployees", "country", "city", "founded_year", "annual_revenue_band")
_COMPANY = ("name", "website", "domain", *_FIRMOGRAPHICS, "annualrevenue", "description", "last_activity_date")
_LEAD = (
    "firstname",
    "lastname",
    "email",
    "company_name",
    "country",
    "owner",
    "territory",
    "lead_status",
    "lead_source",
)
_CONTACT = ("firstname", "lastname", "email", "company", "country", "owner", "territory", "lead_status", "lead_source")
_DEAL = (
    "dealname",
    "company",
    "pipeline",
    "dealstage",
    "amount",
    "closedate",
    "next_step",
    "agent_suggested_next_step",
    "owner",
    "last_activity_date",
)

STARTER_AGENTS: tuple[StarterAgent, ...] = (
    StarterAgent(
        name="agent.enrichment",
        owner="sales.ops@example.com",
        purpose="Fills gaps in company records from public sources, with the source as evidence.",
        grants=(
            *_reading("companies", *_COMPANY),
            StarterGrant(
                object="companies",
                action=Action.UPDATE,
                read_fields=_COMPANY,
                write_fields=(*_FIRMOGRAPHICS, "annualrevenue", "description", "website"),
            ),
            StarterGrant(object="queue_items", action=Action.QUEUE, write_fields=_QUEUE_FIELDS),
        ),
    ),
    StarterAgent(
        name="agent.routing",
        owner="sales.ops@example.com",
        purpose="Gives inbound leads an owner and a first task, and turns answered leads into contacts.",
        grants=(
            *_reading("leads", *_LEAD),
            *_reading("contacts", *_CONTACT),
            StarterGrant(
                object="leads",
                action=Action.UPDATE,
                read_fields=_LEAD,
                write_fields=("owner", "territory", "lead_status"),
            ),
            StarterGrant(
                object="contacts",
                action=Action.CREATE,
                write_fields=("firstname", "lastname", "email", "company", "country", "owner", "territory"),
            ),
            StarterGrant(object="tasks", action=Action.CREATE_TASK, write_fields=_TASK_FIELDS),
            StarterGrant(object="queue_items", action=Action.QUEUE, write_fields=_QUEUE_FIELDS),
            StarterGrant(object="drafts", action=Action.DRAFT, write_fields=_DRAFT_FIELDS),
            StarterGrant(object="emails", action=Action.SEND_EMAIL, write_fields=_EMAIL_FIELDS),
            StarterGrant(object="sequence_enrolments", action=Action.ENROLL_SEQUENCE, write_fields=_ENROLMENT_FIELDS),
            StarterGrant(object="meetings", action=Action.CREATE_MEETING, write_fields=_MEETING_FIELDS),
            StarterGrant(object="dialer_entries", action=Action.PUSH_TO_DIALER, write_fields=_DIALER_FIELDS),
            StarterGrant(object="exports", action=Action.EXPORT, write_fields=_EXPORT_FIELDS),
        ),
    ),
    StarterAgent(
        name="agent.pipeline.hygiene",
        owner="revops@example.com",
        purpose="Suggests next steps on open deals and points at stale ones; stage and amount stay with people.",
        grants=(
            *_reading("deals", *_DEAL),
            StarterGrant(
                object="deals",
                action=Action.UPDATE,
                read_fields=_DEAL,
                write_fields=("agent_suggested_next_step", "primary_competitor"),
            ),
            StarterGrant(object="tasks", action=Action.CREATE_TASK, write_fields=_TASK_FIELDS),
            StarterGrant(object="notes", action=Action.CREATE_NOTE, write_fields=("body",)),
            StarterGrant(object="queue_items", action=Action.QUEUE, write_fields=_QUEUE_FIELDS),
        ),
    ),
)

DRILL_AGENT = StarterAgent(
    name="agent.drill",
    owner="compliance@example.com",
    purpose="Sends the dumb failures, with grants wide enough that each meets the control it is about. Nobody can act "
    "as it, and nothing that it asks for is executed.",
    grants=(
        StarterGrant(
            object="companies",
            action=Action.UPDATE,
            write_fields=("name", "industry", "country", "city", "description"),
        ),
        StarterGrant(object="contacts", action=Action.CREATE, write_fields=("firstname", "lastname", "email")),
        StarterGrant(object="deals", action=Action.UPDATE, write_fields=("dealstage", "amount")),
        StarterGrant(object="drafts", action=Action.DRAFT, write_fields=_DRAFT_FIELDS),
    ),
    is_drill=True,
)
"""PRG-02: the one agent that is granted a promise: grants alone open nothing."""

STARTER_TIERS: tuple[StarterTier, ...] = (
    StarterTier(
        action=Action.UPDATE,
        risk_tier=RiskTier.GATED,
        groups=("sales-managers",),
        min_confidence=0.7,
        min_evidence=1,
    ),
    StarterTier(
        action=Action.CREATE,
        risk_tier=RiskTier.APPROVAL,
        groups=("sales-managers",),
        min_confidence=0.7,
        min_evidence=1,
    ),
    StarterTier(action=Action.DELETE, risk_tier=RiskTier.BLOCKED, groups=("revops",)),
    StarterTier(
        action=Action.CREATE_TASK, risk_tier=RiskTier.AUTONOMOUS, groups=("sales-managers",), min_confidence=0.5
    ),
    StarterTier(
        action=Action.CREATE_NOTE, risk_tier=RiskTier.AUTONOMOUS, groups=("sales-managers",), min_confidence=0.5
    ),
    StarterTier(action=Action.DRAFT, risk_tier=RiskTier.AUTONOMOUS, groups=("sales-managers",), min_confidence=0.5),
    StarterTier(action=Action.QUEUE, risk_tier=RiskTier.AUTONOMOUS, groups=("sales-ops",)),
    StarterTier(
        action=Action.SEND_EMAIL,
        risk_tier=RiskTier.APPROVAL,
        groups=("sales-managers",),
        min_confidence=0.7,
        hold_seconds=600,
    ),
    StarterTier(
        action=Action.ENROLL_SEQUENCE,
        risk_tier=RiskTier.APPROVAL,
        groups=("sales-ops",),
        min_confidence=0.7,
        hold_seconds=600,
    ),
    StarterTier(
        action=Action.CREATE_MEETING, risk_tier=RiskTier.APPROVAL, groups=("sales-managers",), hold_seconds=120
    ),
    StarterTier(action=Action.PUSH_TO_DIALER, risk_tier=RiskTier.APPROVAL, groups=("sales-ops",), hold_seconds=120),
    StarterTier(action=Action.EXPORT, risk_tier=RiskTier.APPROVAL, groups=("revops",), max_rows=1_000),
)
