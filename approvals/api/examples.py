"""Examples in the OpenAPI document. Tests send them through the parser."""

from typing import Any

_VERSION = {
    "model": "model-2031-05",
    "prompt_template": "enrich@12",
    "prompt_hash": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "tools_hash": "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}
_COMMON = {
    "connection": "embedded",
    "reason_code": "enrich.inbound",
    "justification": "The company register names 220 employees.",
    "confidence": 0.91,
    "agent_version": _VERSION,
    "correlation_id": "run-2031-05-17-1",
}

UPDATE: dict[str, Any] = {
    **_COMMON,
    "action": "update",
    "target": {"object": "companies", "id": "101"},
    "changes": {"industry": "Software", "numberofemployees": 220},
    "expected": {"industry": "IT"},
    "evidence": [
        {"kind": "source", "url": "https://register.example/101", "excerpt": "220 employees"},
        {"kind": "fact", "statement": "220 employees", "confidence": 0.91, "source": 0},
        {"kind": "signal", "name": "hiring", "strength": 0.7},
    ],
}
CREATE_TASK: dict[str, Any] = {
    **_COMMON,
    "action": "create_task",
    "target": {"object": "leads", "id": "7"},
    "task": {"subject": "Call back", "body": "Asked for a price.", "due_date": "2031-05-18"},
}
SEND_EMAIL: dict[str, Any] = {
    **_COMMON,
    "action": "send_email",
    "target": {"object": "contacts", "id": "101"},
    "message": {"subject": "Your question", "body": "Here is the answer.", "cc": ["ana.duarte@example.com"]},
}
ENROLL_SEQUENCE: dict[str, Any] = {
    **_COMMON,
    "action": "enroll_sequence",
    "target": {"object": "contacts", "id": "101"},
    "enrolment": {"sequence": "101"},
}
CREATE_MEETING: dict[str, Any] = {
    **_COMMON,
    "action": "create_meeting",
    "target": {"object": "contacts", "id": "101"},
    "meeting": {
        "title": "Kick-off",
        "starts_at": "2031-05-18T09:30:00Z",
        "ends_at": "2031-05-18T10:00:00Z",
        "time_zone": "Europe/Berlin",
    },
}
PUSH_TO_DIALER: dict[str, Any] = {
    **_COMMON,
    "action": "push_to_dialer",
    "target": {"address": "+1 415 555 2671"},
    "entry": {"queue": "inbound", "reason": "Asked for a call"},
}
EXPORT: dict[str, Any] = {
    **_COMMON,
    "action": "export",
    "target": {"object": "contacts"},
    "export": {"fields": ["email", "lastname"], "filters": {"country": "Germany"}, "purpose": "Board report"},
}
OUTWARD = (SEND_EMAIL, ENROLL_SEQUENCE, CREATE_MEETING, PUSH_TO_DIALER, EXPORT)
DNC_CHECK: dict[str, Any] = {
    "recipients": [
        {"kind": "email", "address": "Ana.Duarte+news@example.com"},
        {"kind": "phone", "address": "+1 415 555 2671"},
    ],
    "connection": "embedded",
}
NEW_DNC: dict[str, Any] = {
    "kind": "email",
    "value": "ana.duarte@example.com",
    "reason": "Unsubscribed in the newsletter of 17 May",
    "source": "opt_out",
}
BAD_ACTION: dict[str, Any] = {
    "request": "0198f3a1-0000-7000-8000-000000000001",
    "reason": "wrong_value",
    "text": "the headcount is that of the group",
}
DELIVERY: dict[str, Any] = {"kind": "bounce", "connection": "embedded", "message": "17"}
PROBLEM: dict[str, Any] = {
    "type": "urn:countersign:problem:unknown_field",
    "title": "unknown field",
    "status": 422,
    "detail": "object contains unknown field `approved`",
    "code": "unknown_field",
    "correlation_id": "0198c0de-0000-7000-8000-000000000000",
    "pointer": "/approved",
}

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Update": [UPDATE],
    "CreateTask": [CREATE_TASK],
    "SendEmail": [SEND_EMAIL],
    "EnrollSequence": [ENROLL_SEQUENCE],
    "CreateMeeting": [CREATE_MEETING],
    "PushToDialer": [PUSH_TO_DIALER],
    "ExportRecords": [EXPORT],
    "Proposal": [UPDATE, CREATE_TASK, *OUTWARD],
    "Batch": [{"items": [UPDATE, CREATE_TASK]}],
    "RecordQuery": [{"filters": {"industry": None}, "fields": ["name", "industry"], "limit": 50}],
    "DncCheck": [DNC_CHECK],
    "NewDnc": [NEW_DNC],
    "DeliveryNews": [DELIVERY],
    "BadActionNews": [BAD_ACTION],
    "Problem": [PROBLEM],
}
