"""The trace page: the seven questions about one action, answered on one screen (AUD-03)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from approvals.domain.operations import Compensation, compensation_of
from approvals.domain.settlement import FOR_A_PERSON
from approvals.domain.shown_value import ShownValue
from approvals.domain.status import Status
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import short_digest, status_tone, status_words
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.people import get_people_names
from approvals.selectors.replay import Replay, replay_decision
from approvals.selectors.trace import Trace
from approvals.services.pages.corrections import ShownCorrection, show_corrections
from approvals.services.pages.labels import fields_of, label_of, show_option
from approvals.services.pages.requirement import ShownVote, VoteJudge, judge_votes, show_votes
from approvals.services.pages.review import Subject, settled_words, show_subject
from approvals.services.pages.veil import tell_event, veiled_as
from audit.models import LedgerEvent
from governance.domain.action_class import REACHES_BY

JUDGED_AGAIN = frozenset({Status.PENDING, Status.APPROVED, Status.HELD})
"""Votes on these are asked about once more, at the latest by the claim."""

_HUMAN_EVENTS = {
    "attachment.downloaded": "Attachment downloaded to be read",
    "bundle.downloaded": "Proofs taken away",
    "canary.caught": "Canary caught",
    "canary.missed": "Canary missed",
    "request.received": "Proposal received",
    "request.record_read": "Record read from the CRM",
    "request.decided": "Decided by policy",
    "request.voted": "Vote cast",
    "request.reminded": "Approvers reminded",
    "request.escalated": "Escalated to the backup group",
    "request.stranded": "Nobody may decide it",
    "request.approved": "Approved",
    "request.held": "Held in its send window",
    "request.window_passed": "Send window over",
    "request.denied": "Denied",
    "request.edited": "Corrected by a reviewer",
    "request.expired": "Expired",
    "request.cancelled": "Cancelled",
    "request.claimed": "Claimed by a worker",
    "request.sent": "Sent to the CRM",
    "request.snooze_ended": "Hold ended",
    "request.snoozed": "Put off by a reviewer",
    "request.verified": "Read back and compared",
    "request.executed": "Executed",
    "request.conflicted": "Conflict: the record had changed",
    "request.failed": "Failed",
    "request.outcome_unknown": "Outcome unknown",
    "request.released": "Given back, to be tried again",
    "request.returned": "Sent back to review",
    "request.reverted": "Reverted",
    "sample.drawn": "Drawn for a second look",
    "sample.released": "Given back unscored",
    "sample.reserved": "Taken to be scored",
    "sample.scored": "Scored",
    "suggestion.dismissed": "Suggestion dismissed",
    "suggestion.left_open": "Suggestion left for a person",
    "suggestion.opened": "Suggestion waits for a person",
    "suggestion.promoted": "Suggestion promoted",
    "suggestion.promoting": "Promotion asked for",
    "suggestion.reopened": "Suggestion open again",
    "suggestion.replaced": "Suggestion replaced or taken back",
    "trace_link.made": "Shared for reading, for a while",
    "trace_link.opened": "Read by a link",
    "trace_link.revoked": "A link revoked",
    "write.judged": "It is known what became of a value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvent:
    """One ledger event. `proof`: proven (under a signed checkpoint), sequenced (has a leaf) or pending."""

    id: UUID
    title: str
    type: str
    actor: tuple[Piece, ...]
    at: datetime
    data: str
    leaf_index: int | None
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOutcome:
    """One field of an attempt: what it held right before the write, what was read back."""

    label: str
    before: ShownValue
    after: ShownValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttempt:
    attempt: Attempt
    points: tuple[tuple[str, datetime | None], ...]
    outcomes: tuple[ShownOutcome, ...]
    error: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePage:
    """`stopped_since` is set while the agent's own switch is in force; `scope` what it was allowed to do here.

    `is_open_to_votes`: its votes are judged again. `is_for_a_person`: the outcome is unknown, and no machine can settle
    it.
    """

    subject: Subject
    votes: tuple[ShownVote, ...]
    is_open_to_votes: bool
    attempts: tuple[ShownAttempt, ...]
    events: tuple[ShownEvent, ...]
    reverts: tuple[tuple[AgentActionRequest, str, str], ...]
    proven: int
    checkpoint_size: int
    policy_digest: str
    body_digest: str
    replay: Replay
    scope: tuple[str, ...]
    stopped_since: datetime | None
    settled: str
    is_revertible: bool
    is_for_a_person: bool
    cannot_be_called_back: bool
    recipients: tuple[tuple[Piece, ...], ...]
    corrections: tuple[ShownCorrection, ...]


def show_trace(trace: Trace) -> TracePage:
    """Everything about one request. Reads the CRM, so never inside a transaction; commits nothing."""
    request = trace.request
    events = _events(trace, veiled_as(request))
    return TracePage(
        subject=show_subject(request),
        votes=show_votes(request, list(trace.votes), judged=_judge(trace)),
        is_open_to_votes=request.status in JUDGED_AGAIN,
        attempts=tuple(_attempt(request, attempt) for attempt in trace.attempts),
        events=events,
        reverts=tuple((row, status_words(row.status), status_tone(row.status)) for row in trace.reverts),
        proven=sum(event.proof == "proven" for event in events),
        checkpoint_size=trace.signed_size,
        policy_digest=short_digest(str(request.decision.get("policy_version", ""))),
        body_digest=short_digest(request.fingerprint),
        replay=replay_decision(request),
        scope=_scope(request),
        stopped_since=trace.stopped_since,
        settled=settled_words(request, names=_voters(trace)),
        is_revertible=request.status == Status.EXECUTED and compensation_of(request.action) is not Compensation.NONE,
        cannot_be_called_back=compensation_of(request.action) is Compensation.NONE,
        recipients=_recipients(request),
        corrections=show_corrections(request),
        is_for_a_person=request.status == Status.UNKNOWN and request.status_code in FOR_A_PERSON,
    )


def _judge(trace: Trace) -> VoteJudge:
    """While votes are judged again, by today's memberships and rights; afterwards by what decided it."""
    if trace.request.status in JUDGED_AGAIN:
        return judge_votes(trace.request, list(trace.votes))
    deciding = [event for event in trace.events if event.type in ("request.approved", "request.denied")]
    data = msgspec.json.decode(bytes(deciding[-1].body))["data"] if deciding else {}
    counted = {*data.get("approvers", ()), *data.get("deniers", ())}
    return lambda vote: "" if not counted or str(vote.person_id) in counted else "could not decide it any more"


def _recipients(request: AgentActionRequest) -> tuple[tuple[Piece, ...], ...]:
    """The addresses of the kind that the action uses, as they were judged."""
    kind = REACHES_BY.get(request.action, "")
    found = request.facts.get("recipients") or ()
    return tuple(reveal(item["address"]) for item in found if item["kind"] == kind)


def _events(trace: Trace, veil: str) -> tuple[ShownEvent, ...]:
    """One query at most, for people who did not vote."""
    names = _voters(trace)
    names |= get_people_names({event.actor_id for event in trace.events if event.actor_type == "human"} - names.keys())
    size = trace.signed_size
    return tuple(_event(event, _leaf_index(event), size, names, veil) for event in trace.events)


def _voters(trace: Trace) -> dict[str, str]:
    return {str(vote.person_id): vote.person.name for vote in trace.votes}


def _leaf_index(event: LedgerEvent) -> int | None:
    return event.leaf.leaf_index if hasattr(event, "leaf") else None


def _event(event: LedgerEvent, leaf_index: int | None, size: int, names: dict[str, str], veil: str) -> ShownEvent:
    told = tell_event(event, veil)
    proof = "pending" if leaf_index is None else "proven" if leaf_index < size else "sequenced"
    return ShownEvent(
        id=event.id,
        title=_HUMAN_EVENTS.get(event.type, event.type),
        type=event.type,
        actor=reveal(names.get(told.actor, told.actor)),
        at=event.at,
        data=msgspec.json.format(msgspec.json.encode(told.data), indent=2).decode() if told.data else "",
        leaf_index=leaf_index,
        proof=proof,
    )


def _attempt(request: AgentActionRequest, attempt: Attempt) -> ShownAttempt:
    fields = fields_of(request, request.object_type)
    names = [item["field"] for item in request.patch]
    return ShownAttempt(
        attempt=attempt,
        points=(
            ("claimed", attempt.claimed_at),
            ("sent", attempt.sent_at),
            ("verified", attempt.verified_at),
            ("recorded", attempt.finished_at),
        ),
        outcomes=tuple(
            ShownOutcome(
                label=label_of(fields, name),
                before=show_option(request, request.object_type, name, attempt.before.get(name)),
                after=show_option(request, request.object_type, name, attempt.after.get(name)),
            )
            for name in names
            if attempt.before or attempt.after
        ),
        error=reveal(f"{attempt.error_code}: {attempt.error_message}") if attempt.error_code else (),
    )


def _scope(request: AgentActionRequest) -> tuple[str, ...]:
    """The fields of its grant that the decision rested on, as its checks name them."""
    facts = request.facts.get("connection") or {}
    place = f"{facts.get('name', request.connection.name)} ({facts.get('environment', request.connection.environment)})"
    return (request.action, request.object_type, place)
