"""The starter's matrix for the embedded CRM: class, level, writers and suggestion field of every field (REG-03/04/05).

Where opinions differ the stricter holds: what a person promised is read and never written by an agent, stage and
lifecycle are closed to its writes until people raise them, who owns a record is approved, public facts may be filled
in.
"""

import msgspec

from governance.domain.vocabulary import Classification, PermissionLevel, RollbackMethod, Writer

_ALL = (Writer.AGENT, Writer.HUMAN, Writer.WORKFLOW)
_PEOPLE = (Writer.HUMAN,)


class MatrixRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the starter says about one field."""

    classification: Classification
    permission_level: PermissionLevel
    allowed_writers: tuple[Writer, ...]
    owner_role: str = "revops"
    is_golden: bool = False
    is_sensitive: bool = False
    suggestion_field: str = ""
    source_of_truth: str = "CRM"
    rollback_method: RollbackMethod = RollbackMethod.REVERT
    refresh_after_days: float | None = None


def _row(
    classification: Classification, level: PermissionLevel, writers: tuple[Writer, ...], owner_role: str = "revops"
) -> MatrixRow:
    return MatrixRow(
        classification=classification, permission_level=level, allowed_writers=writers, owner_role=owner_role
    )


def _with_suggestion(row: MatrixRow, suggestion_field: str) -> MatrixRow:
    return msgspec.structs.replace(row, is_golden=True, suggestion_field=suggestion_field)


_FACT = _row(Classification.ENRICHMENT, PermissionLevel.SAFE_WRITE, _ALL)
_NAMED_FACT = _row(Classification.ENRICHMENT, PermissionLevel.APPROVAL, _ALL, "sales-managers")
_SCORE = _row(Classification.DERIVED_SCORE, PermissionLevel.SAFE_WRITE, (Writer.AGENT, Writer.WORKFLOW))
_ROUTING = _row(Classification.OPERATIONAL_METADATA, PermissionLevel.APPROVAL, _ALL, "sales-managers")
_WORK = _row(Classification.OPERATIONAL_METADATA, PermissionLevel.SAFE_WRITE, _ALL, "sales-ops")
_DRAFT = _row(Classification.DRAFT_CONTENT, PermissionLevel.SAFE_WRITE, _ALL, "sales-ops")
_BY_PEOPLE = _row(Classification.OPERATIONAL_METADATA, PermissionLevel.READ_ONLY, _PEOPLE, "sales-ops")
_SUGGESTION = _row(Classification.SUGGESTION, PermissionLevel.SAFE_WRITE, (Writer.AGENT, Writer.HUMAN))
_SYSTEM = _row(Classification.SYSTEM_GENERATED, PermissionLevel.READ_ONLY, (Writer.WORKFLOW,))
_PROMISE = _row(Classification.HUMAN_COMMITMENT, PermissionLevel.READ_ONLY, _PEOPLE, "sales-managers")
_STAGE = msgspec.structs.replace(
    _row(Classification.OPERATIONAL_METADATA, PermissionLevel.READ_ONLY, _PEOPLE, "sales-managers"), is_golden=True
)
_PRIVATE = msgspec.structs.replace(_NAMED_FACT, is_sensitive=True)

_EVERYWHERE: dict[str, MatrixRow] = {
    "ai_last_action_at": _SYSTEM,
    "ai_source": _SYSTEM,
    "ai_confidence": _SYSTEM,
    "ai_change_reason": _SYSTEM,
    "ai_agent": _SYSTEM,
    "ai_request": _SYSTEM,
    "associated_object": _SYSTEM,
    "associated_id": _SYSTEM,
    "last_activity_date": _SYSTEM,
    "industry": _FACT,
    "numberofemployees": msgspec.structs.replace(_FACT, refresh_after_days=90.0),
    "country": _FACT,
    "annualrevenue": _NAMED_FACT,
    "annual_revenue_band": _FACT,
    "city": _FACT,
    "founded_year": _FACT,
    "description": _FACT,
    "website": _NAMED_FACT,
    "domain": _NAMED_FACT,
    "name": _NAMED_FACT,
    "firstname": _NAMED_FACT,
    "lastname": _NAMED_FACT,
    "email": _NAMED_FACT,
    "phone": _PRIVATE,
    "mobilephone": _PRIVATE,
    "additional_emails": _PRIVATE,
    "jobtitle": _NAMED_FACT,
    "company": _NAMED_FACT,
    "company_name": _NAMED_FACT,
    "dealname": _NAMED_FACT,
    "icp_fit_score": _SCORE,
    "intent_score": _SCORE,
    "owner": _ROUTING,
    "territory": _ROUTING,
    "lead_status": _ROUTING,
    "lead_source": _row(Classification.OPERATIONAL_METADATA, PermissionLevel.READ_ONLY, _PEOPLE, "revops"),
    "pipeline": _row(Classification.OPERATIONAL_METADATA, PermissionLevel.READ_ONLY, _PEOPLE),
    "message": _row(Classification.SYSTEM_GENERATED, PermissionLevel.READ_ONLY, (Writer.WORKFLOW,), "revops"),
    "notes": _row(Classification.OPERATIONAL_METADATA, PermissionLevel.READ_ONLY, _PEOPLE, "sales-managers"),
    "lifecyclestage": _with_suggestion(
        msgspec.structs.replace(_STAGE, owner_role="revops"), "lifecyclestage_suggestion"
    ),
    "lifecyclestage_suggestion": _SUGGESTION,
    "dealstage": _STAGE,
    "amount": _PROMISE,
    "closedate": _PROMISE,
    "forecast_category": _PROMISE,
    "next_step": _with_suggestion(_PROMISE, "agent_suggested_next_step"),
    "agent_suggested_next_step": _SUGGESTION,
    "next_meeting_date": _PROMISE,
    "loss_reason": _PROMISE,
    "primary_competitor": _row(Classification.ENRICHMENT, PermissionLevel.APPROVAL, _ALL, "sales-managers"),
    "buying_committee_coverage": _SCORE,
}
_WORK_OBJECTS: dict[str, dict[str, MatrixRow]] = {
    "tasks": dict.fromkeys(("subject", "body", "task_type", "status", "priority", "due_date", "owner"), _WORK),
    "notes": dict.fromkeys(("body", "owner"), _WORK),
    "drafts": dict.fromkeys(("subject", "body", "channel", "status", "owner"), _DRAFT),
    "queue_items": dict.fromkeys(("queue", "reason", "priority", "status", "owner"), _WORK),
    "emails": dict.fromkeys(("to", "cc", "bcc", "sender", "subject", "body", "attachments"), _DRAFT)
    | dict.fromkeys(("message_id", "delivery"), _SYSTEM),
    "sequences": dict.fromkeys(("name", "status", "steps", "owner"), _BY_PEOPLE),
    "sequence_enrolments": dict.fromkeys(("email", "sequence", "sender"), _WORK)
    | dict.fromkeys(("status", "enrolled_at", "steps_done", "next_step_at"), _SYSTEM),
    "meetings": dict.fromkeys(
        ("title", "starts_at", "ends_at", "time_zone", "invitee", "attendees", "location", "description"), _WORK
    ),
    "dialer_entries": dict.fromkeys(("phone", "queue", "reason", "priority", "call_after"), _WORK),
    "exports": dict.fromkeys(("object", "fields", "filters", "row_limit", "purpose"), _WORK)
    | dict.fromkeys(("rows", "file", "sha256"), _SYSTEM),
}


def matrix_row(object_type: str, field: str) -> MatrixRow | None:
    """The starter's row for a field; None leaves the field to people, unreviewed and blocked."""
    return _WORK_OBJECTS.get(object_type, {}).get(field) or _EVERYWHERE.get(field)


PROVENANCE_OBJECTS = ("companies", "contacts", "leads", "deals")
PROVENANCE = {
    "at_field": "ai_last_action_at",
    "source_field": "ai_source",
    "confidence_field": "ai_confidence",
    "reason_field": "ai_change_reason",
    "agent_field": "ai_agent",
    "request_field": "ai_request",
}
"""What is written with each agent write to these objects (REG-07)"""

STAGE_REQUIREMENTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("deals", "dealstage", "contractsent", ("amount", "closedate")),
    ("deals", "dealstage", "closedwon", ("amount", "closedate")),
    ("deals", "dealstage", "closedlost", ("loss_reason",)),
)
"""object, stage field, stage, what must be filled (REG-08)"""
