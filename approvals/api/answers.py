"""The shapes of answers, for the OpenAPI document. Tests hold real answers against them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from approvals.domain.status import Status
from governance.domain.decision import CheckResult, FieldChange, Redirect, Requirement
from governance.domain.document import GrantRule
from governance.domain.drift import Drift


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: every member is always there, unless it says otherwise."""


class Problem(Answer, frozen=True, kw_only=True):
    """RFC 9457. `code` is stable; `pointer` is the JSON pointer of the member at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    pointer: str | UnsetType = UNSET


class TargetAnswer(Answer, frozen=True, kw_only=True):
    object: str
    id: str | None


class DecisionAnswer(Answer, frozen=True, kw_only=True):
    """`reasons` are the checks that shaped the outcome; `checks` are all of them. `retry_after_seconds` says when a
    budget that denied begins anew, null where waiting is of no use."""

    outcome: str
    policy_version: str
    risk_tier: str
    reasons: list[CheckResult]
    redirects: list[Redirect]
    requirement: Requirement | None
    retry_after_seconds: int | None
    checks: list[CheckResult]


class CorrectedAnswer(Answer, frozen=True, kw_only=True):
    """A reviewer changed the proposal before agreeing: `fields` hold other values in `patch` than you proposed,
    `left_out` are not written."""

    fields: list[str]
    left_out: list[str]
    at: datetime


class RequestLinks(Answer, frozen=True, kw_only=True):
    self: str
    trace: str
    cancel: str


class RequestAnswer(Answer, frozen=True, kw_only=True):
    """One action request. `decision` is null while facts are being fetched."""

    id: UUID
    status: Status
    status_code: str
    connection: str
    action: str
    target: TargetAnswer
    record_id: str | None
    correlation_id: str
    decision: DecisionAnswer | None
    patch: list[FieldChange]
    digest: str | None
    batch: UUID | None
    reverses: UUID | None
    corrected: CorrectedAnswer | None
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    finished_at: datetime | None
    links: RequestLinks


class FeedbackAnswer(Answer, frozen=True, kw_only=True):
    """What became of a value that was written: `overwritten` by a person at the CRM. Who, and by what, is not told."""

    kind: Literal["overwritten"]
    field: str
    at: datetime


class FollowedRequestAnswer(RequestAnswer, frozen=True, kw_only=True):
    """One action request, with what people did to its values since."""

    feedback: list[FeedbackAnswer]


class RequestPage(Answer, frozen=True, kw_only=True):
    """Newest first; `next` is null on the last page."""

    results: list[RequestAnswer]
    next_cursor: str | None
    next: str | None


class SetOff(Answer, frozen=True, kw_only=True):
    """Machinery of the CRM that the write would set off, as far as the inventory of write paths knows."""

    name: str
    kind: str
    because: str
    depth: int


class BlastRadius(Answer, frozen=True, kw_only=True):
    records: int
    fields: int
    sets_off: tuple[SetOff, ...]


class PreviewAnswer(Answer, frozen=True, kw_only=True):
    """What a submission would have now. Nothing was written."""

    status: Status
    decision: DecisionAnswer
    patch: list[FieldChange]
    drift: list[Drift]
    is_record_read: bool
    blast_radius: BlastRadius


class ErrorAnswer(Answer, frozen=True, kw_only=True):
    code: str
    detail: str


class BatchItemAnswer(Answer, frozen=True, kw_only=True):
    """One item: a request, or the error for which it could not be one."""

    position: int
    id: UUID | None
    status: Status | None
    status_code: str
    error: ErrorAnswer | None


class BatchAnswer(Answer, frozen=True, kw_only=True):
    """`status` is that of the items where they agree, `partial` where they differ."""

    id: UUID
    status: str
    manifest_digest: str
    items: list[BatchItemAnswer]
    links: dict[str, str]


class WhoAnswer(Answer, frozen=True, kw_only=True):
    actor_type: str
    agent: str | None
    credential: int | None
    agent_version: str | None
    environment: str


class VoteAnswer(Answer, frozen=True, kw_only=True):
    person: UUID
    verdict: str
    digest: str
    reason: str
    created_at: datetime


class AttemptAnswer(Answer, frozen=True, kw_only=True):
    epoch: int
    point: str
    guarantee: str
    before: dict[str, Any]
    after: dict[str, Any]
    record_id: str | None
    error: ErrorAnswer | None
    claimed_at: datetime
    sent_at: datetime | None
    verified_at: datetime | None
    finished_at: datetime | None


class TraceAnswer(Answer, frozen=True, kw_only=True):
    """Everything one request went through. `events` are the ledger's canonical bodies, oldest first."""

    request: RequestAnswer
    who: WhoAnswer
    proposal: dict[str, Any]
    fingerprint: str
    idempotency_key: str
    votes: list[VoteAnswer]
    attempts: list[AttemptAnswer]
    reverts: list[dict[str, Any]]
    events: list[dict[str, Any]]


class RecordAnswer(Answer, frozen=True, kw_only=True):
    """One record as the agent may see it. Values of `masked` fields read `[masked]`."""

    object: str
    id: str
    version: str
    values: dict[str, Any]
    masked: list[str]


class RecordPage(Answer, frozen=True, kw_only=True):
    """`after` is the next page's cursor, empty on the last one."""

    records: list[RecordAnswer]
    after: str


class BudgetAnswer(Answer, frozen=True, kw_only=True):
    """One budget that the agent draws on. `left` is what may still be taken until `renews_at`."""

    key: str
    value: str
    unit: str
    window: str
    currency: str | None
    limit: int
    used: int
    left: int
    renews_at: datetime


class MeAnswer(Answer, frozen=True, kw_only=True):
    """Who the agent is here. `grants` are those in force, `policy_versions` is the digest
    in force in each environment, `switches` names what stops it."""

    agent: str
    workspace: str
    lifecycle: str
    autonomy_level: str
    credential: int
    scopes: list[str]
    policy_versions: dict[str, str]
    grants: list[GrantRule]
    budgets: list[BudgetAnswer]
    switches: list[str]
    now: datetime


class LedgerEventAnswer(Answer, frozen=True, kw_only=True):
    """An event as it was recorded. `commitments` are salted hashes: no value of a person is told here."""

    id: UUID
    leaf_index: int | None
    type: str
    at: datetime
    actor: dict[str, str]
    subject: dict[str, str]
    correlation_id: str
    data: dict[str, Any]
    commitments: dict[str, str]


class LedgerPage(Answer, frozen=True, kw_only=True):
    """Newest first. `next` is null at the end; with `is_whole` false the page ended early, and `next` says where to go
    on. `behind` events cannot be found by agent, record, field or person yet."""

    events: list[LedgerEventAnswer]
    next: UUID | None
    is_whole: bool
    behind: int


class CheckpointAnswer(Answer, frozen=True, kw_only=True):
    """`note` is the C2SP signed note; `root` is hex."""

    size: int
    root: str
    note: str
    signed_at: datetime


class ProofAnswer(Answer, frozen=True, kw_only=True):
    """`hashes` in base64, leaf to root, as RFC 6962 has them."""

    event: UUID
    leaf_index: int
    leaf_hash: str
    hashes: list[str]
    checkpoint: CheckpointAnswer


class DncCheckAnswer(Answer, frozen=True, kw_only=True):
    """`results` in the order asked: `listed`, `not_listed`, or `invalid` for what cannot be read as an address. True at
    `as_of`: every send is asked about again."""

    as_of: datetime
    results: list[Literal["listed", "not_listed", "invalid"]]


class DncEntryAnswer(Answer, frozen=True, kw_only=True):
    """The entry that now holds."""

    id: UUID
    kind: str
    effective_from: datetime
    effective_until: datetime | None
    added_at: datetime


class DeliveryAnswer(Answer, frozen=True, kw_only=True):
    """What is known of the message now. `is_replay`: it was reported before."""

    request: UUID
    kind: Literal["bounce", "complaint"]
    reported_at: datetime
    is_replay: bool


class BadActionAnswer(Answer, frozen=True, kw_only=True):
    """What became of the report; sent again it tells what became of it since. `outcome` is empty while it is open."""

    id: UUID
    request: UUID
    exception: UUID
    state: Literal["open", "closed"]
    outcome: str
    reported_at: datetime
    is_replay: bool


ANSWERS = (
    Problem,
    FollowedRequestAnswer,
    RequestAnswer,
    RequestPage,
    PreviewAnswer,
    BatchAnswer,
    TraceAnswer,
    RecordAnswer,
    RecordPage,
    MeAnswer,
    LedgerPage,
    CheckpointAnswer,
    ProofAnswer,
    DncCheckAnswer,
    DncEntryAnswer,
    DeliveryAnswer,
    BadActionAnswer,
)
