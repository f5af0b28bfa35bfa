"""The closed word lists of governance (docs/glossary.md).

Two scales that the field numbers alike stay apart by name: the *permission level* of a field for agents and the
*risk tier* of an action. Values are what is stored, published and sent over the API; never rename one.
"""

from enum import StrEnum


class Environment(StrEnum):
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Lifecycle(StrEnum):
    """IDN-06: where an agent stands in its life. Only `active` writes; `read_only` reads."""

    DRAFT = "draft"
    ACTIVE = "active"
    READ_ONLY = "read_only"
    QUARANTINED = "quarantined"
    RETIRED = "retired"


class AutonomyLevel(StrEnum):
    """PRM-08: how far an agent may go on its own."""

    MANUAL = "manual"
    DRAFT_ONLY = "draft_only"
    WITH_APPROVAL = "with_approval"
    AUTONOMOUS = "autonomous"


class Action(StrEnum):
    """PRM-02: what can be asked of a connection. `read` and `search` are governed reads, the others are requests."""

    READ = "read"
    SEARCH = "search"
    UPDATE = "update"
    CREATE = "create"
    DELETE = "delete"
    CREATE_TASK = "create_task"
    CREATE_NOTE = "create_note"
    DRAFT = "draft"
    QUEUE = "queue"
    SEND_EMAIL = "send_email"
    ENROLL_SEQUENCE = "enroll_sequence"
    CREATE_MEETING = "create_meeting"
    PUSH_TO_DIALER = "push_to_dialer"
    EXPORT = "export"


class PermissionLevel(StrEnum):
    """PRM-04: what an agent may do with a field, whatever its grants say."""

    BLOCKED = "blocked"
    READ_ONLY = "read_only"
    SAFE_WRITE = "safe_write"
    APPROVAL = "approval"
    ADMIN_ONLY = "admin_only"


class RiskTier(StrEnum):
    """PRM-05: how an action class is treated."""

    AUTONOMOUS = "autonomous"
    GATED = "gated"
    APPROVAL = "approval"
    BLOCKED = "blocked"


class Classification(StrEnum):
    """REG-04: what kind of truth a field holds. Agents write only the writable classes."""

    SYSTEM_GENERATED = "system_generated"
    DERIVED_SCORE = "derived_score"
    DRAFT_CONTENT = "draft_content"
    OPERATIONAL_METADATA = "operational_metadata"
    ENRICHMENT = "enrichment"
    SUGGESTION = "suggestion"
    HUMAN_COMMITMENT = "human_commitment"
    COMPLIANCE = "compliance"
    UNCLASSIFIED = "unclassified"


AGENT_WRITABLE = frozenset(
    {
        Classification.DERIVED_SCORE,
        Classification.DRAFT_CONTENT,
        Classification.OPERATIONAL_METADATA,
        Classification.ENRICHMENT,
        Classification.SUGGESTION,
    }
)


class ReviewState(StrEnum):
    """REG-01: a field that nobody reviewed since its schema came or changed denies agent writes."""

    UNREVIEWED = "unreviewed"
    REVIEWED = "reviewed"
    GONE = "gone"


class Writer(StrEnum):
    """REG-03: who may write a field."""

    HUMAN = "human"
    WORKFLOW = "workflow"
    AGENT = "agent"


class RollbackMethod(StrEnum):
    """REG-03: how a write to a field is taken back: by the product's revert, by a person's hand, or not at all."""

    REVERT = "revert"
    BY_HAND = "by_hand"
    NONE = "none"


class WritePathKind(StrEnum):
    """REG-10: what kind of machinery writes a field without a person's hand."""

    WORKFLOW = "workflow"
    VALIDATION = "validation"
    ASSIGNMENT = "assignment"
    DUPLICATE = "duplicate"
    ROUTING = "routing"
    ENRICHMENT = "enrichment"
    STAGE_AUTOMATION = "stage_automation"
    FORECAST = "forecast"


class ValueFormat(StrEnum):
    """REG-08: what a text must look like beyond its type. A closed set: nobody writes patterns."""

    ANY = ""
    EMAIL = "email"
    PHONE_E164 = "phone_e164"
    URL = "url"
    COUNTRY = "country"


class FieldType(StrEnum):
    """What a CRM field holds. Connectors map their own types to these."""

    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    PICKLIST = "picklist"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    REFERENCE = "reference"


class SwitchKind(StrEnum):
    """KIL-01: what a kill switch stops."""

    ALL = "all"
    AGENT = "agent"
    WRITE_BACK = "write_back"
    SEND = "send"
    ENROLL = "enroll"
    READ_ONLY = "read_only"


class BudgetKey(StrEnum):
    """LIM-01: what a budget is counted by."""

    AGENT = "agent"
    WORKSPACE = "workspace"
    RECORD = "record"
    RECIPIENT_DOMAIN = "recipient_domain"
    MAILBOX = "mailbox"
    SEGMENT = "segment"


class BudgetUnit(StrEnum):
    """LIM-01: what a budget counts. `spend` is in millionths of a currency."""

    WRITES = "writes"
    CREATES = "creates"
    SENDS = "sends"
    ENROLMENTS = "enrolments"
    BOOKINGS = "bookings"
    EXPORTS = "exports"
    API_CALLS = "api_calls"
    TOKENS = "tokens"
    SPEND = "spend"


class BudgetWindow(StrEnum):
    """LIM-01: fixed windows that begin on the minute, the hour and the day of UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class BreakerSignal(StrEnum):
    """LIM-04: what a circuit breaker watches. `spend` is an amount, the others are shares of calls."""

    ERRORS = "errors"
    DENIALS = "denials"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    SPEND = "spend"


class StopTrigger(StrEnum):
    """LIM-06: after what a person is left alone until somebody resumes. Only what our own touch ledger can tell,
    and what is reported of what was sent."""

    MEETING_BOOKED = "meeting_booked"
    IN_SEQUENCE = "in_sequence"
    REPLIED = "replied"


class AnomalySignal(StrEnum):
    """LIM-05: what an agent does unlike itself."""

    VOLUME = "volume"
    NEW_DOMAINS = "new_domains"
    NEW_SEQUENCES = "new_sequences"
    NEW_FIELDS = "new_fields"


class ActorType(StrEnum):
    AGENT = "agent"
    HUMAN = "human"
    SYSTEM = "system"
