"""Correction: a reviewer changes proposed values and agrees to the result, which policy judges like the first (APR-12).

Never a way around policy: the corrected change is judged as the agent's own by the policy in force, with every check,
and takes at least the approvals that were asked for before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.domain.attached import attachments_in
from approvals.domain.canary import CANARY, is_seen_through
from approvals.domain.correction import Corrected, UnreadableInputError, correct, is_correctable, read_input
from approvals.domain.judgement import Judgement, decision_columns, decision_event_data
from approvals.domain.message import message_of
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Correction, Vote
from approvals.selectors.quorum import get_requirement
from approvals.services.canary_settling import settle_canary
from approvals.services.claim import lock_request
from approvals.services.correction_judging import get_rules, judge_correction
from approvals.services.events import request_event
from approvals.services.provenance import signed_fields
from approvals.services.recheck import request_association
from approvals.services.review_errors import (
    AlreadyDecidedError,
    CorrectionRefusedError,
    DiffChangedError,
    NotAnApproverError,
    RequestNotFoundError,
)
from approvals.services.review_gate import require_eligible, require_open, require_reviewer
from approvals.services.voting import VoteResult, count_vote
from audit.domain.canonical import digest as digest_of_value
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.decision import CheckOutcome
from governance.domain.document import FieldRule
from governance.domain.facts import CorrectionFacts, Facts, JsonValue
from governance.domain.index import PolicyIndex
from governance.domain.quorum import APPROVE

MAX_REASON = 2_000
_KEPT = ("expires_at", "decided_at", "finished_at", "not_before", "decided_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a reviewer sent: by the patch's field what they typed, what they saw the record hold (`seen_digest`), which
    fields shall not be written, and the digest of the patch that they had before them."""

    digest: str
    typed: Mapping[str, str]
    left_out: Sequence[str]
    seen: Mapping[str, str]
    reason: str = ""


def seen_digest(value: JsonValue) -> str:
    """What a form says of the value that it showed: enough to notice another one, and nothing of it."""
    return digest_of_value({"value": value})


def correct_request(*, request_id: UUID, person_id: UUID, user_id: int, edit: Edit, now: datetime) -> VoteResult:
    """Put a reviewer's values in the place of the agent's and count their approval on the result.

    The record is read anew and the live policy asked before the one transaction that commits patch, digest, decision,
    correction, vote and events. Earlier votes are on another digest and count no more; who else must agree is asked
    again. It buys no time: the expiry stays. Raises ReviewError subclasses; then nothing was changed.
    """
    request = _find(request_id, person_id, user_id)
    require_open(request, edit.digest)
    require_eligible(request, person_id)
    index, version_id = get_rules(request)
    corrected = _read(request, index, edit)
    if request.actor_type == CANARY:
        return _settle_canary(request_id, corrected, person_id, user_id, edit, now=now)
    facts = _corrected_facts(request, corrected, person_id, now)
    judgement = judge_correction(request, index, facts, now=now)
    _require_allowed(judgement)
    _require_seen(request, judgement, corrected, edit)
    with transaction.atomic():
        locked = lock_request(request_id)
        if locked is None:
            raise RequestNotFoundError("no such request")
        require_reviewer(locked, person_id, user_id)
        require_open(locked, edit.digest)
        require_eligible(locked, person_id)
        _write(locked, judgement, corrected, version_id, edit, person_id=person_id, now=now)
        vote = Vote(
            request=locked,
            person_id=person_id,
            user_id_seen=str(user_id),
            digest=locked.digest,
            verdict=APPROVE,
            reason=edit.reason,
            created_at=now,
        )
        return count_vote(vote)


def _settle_canary(
    request_id: UUID, corrected: Corrected, person_id: UUID, user_id: int, edit: Edit, *, now: datetime
) -> VoteResult:
    """Who laid hands on what is bad has seen through it; nothing is judged, and nothing of it is carried out."""
    with transaction.atomic():
        locked = lock_request(request_id)
        if locked is None:
            raise RequestNotFoundError("no such request")
        require_reviewer(locked, person_id, user_id)
        require_open(locked, edit.digest)
        require_eligible(locked, person_id)
        touched = (*corrected.fields, *corrected.left_out)
        is_caught = is_seen_through(locked.canary.field, touched)
        end = settle_canary(locked, person_id=person_id, is_denied=False, is_caught=is_caught, now=now)
    return VoteResult(status=end.status, is_repeat=False, canary=end.outcome)


def _find(request_id: UUID, person_id: UUID, user_id: int) -> AgentActionRequest:
    rows = AgentActionRequest.objects.select_related("workspace", "connection", "agent", "credential", "person")
    request = rows.filter(pk=request_id).first()
    if request is None:
        raise RequestNotFoundError("no such request")
    require_reviewer(request, person_id, user_id)
    if request.agent is None:
        raise NotAnApproverError("only what an agent proposed can be corrected")
    return request


def _read(request: AgentActionRequest, index: PolicyIndex, edit: Edit) -> Corrected:
    """What the form says, in the types of the fields. Raises CorrectionRefusedError."""
    signed = signed_fields(request)
    afters = {item["field"]: item["after"] for item in request.patch if item["field"] not in signed}
    unknown = sorted({*edit.typed, *edit.left_out} - afters.keys())
    if unknown:
        raise CorrectionRefusedError("only proposed fields can be corrected", reasons=(("", _only(unknown)),))
    values = _read_values(request, index, edit, afters)
    corrected = correct(
        request.facts["request"]["changes"], origins=_origins(request), values=values, left_out=edit.left_out
    )
    _require_some(corrected, len(afters))
    return corrected


def _read_values(
    request: AgentActionRequest, index: PolicyIndex, edit: Edit, afters: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    rules, values = _rules(request, index), dict[str, JsonValue]()
    problems: list[tuple[str, str]] = []
    for field in sorted({*edit.typed, *edit.left_out}):
        rule = rules.get(field)
        if rule is None or not is_correctable(request.action, rule, afters[field]):
            problems.append((field, "This cannot be corrected. Deny the request, or approve it as it is."))
            continue
        try:
            values[field] = read_input(rule, edit.typed.get(field, ""), proposed=afters[field])
        except UnreadableInputError as error:
            if field not in edit.left_out:
                problems.append((field, str(error)))
    if problems:
        raise CorrectionRefusedError("some values cannot be read", reasons=tuple(problems))
    return values


def _require_some(corrected: Corrected, count: int) -> None:
    if corrected.is_empty:
        raise CorrectionRefusedError("nothing was changed", reasons=(("", "Nothing was changed: approve it instead."),))
    if len(corrected.left_out) == count:
        raise CorrectionRefusedError("nothing is left", reasons=(("", "Nothing would be left: deny it instead."),))


def _only(unknown: Sequence[str]) -> str:
    return f"Only what was proposed can be corrected, not {', '.join(unknown)}."


def _rules(request: AgentActionRequest, index: PolicyIndex) -> Mapping[str, FieldRule]:
    entry = index.objects.get((request.connection.name, request.object_type))
    return entry.fields if entry is not None else {}


def _origins(request: AgentActionRequest) -> dict[str, str]:
    """The patch's field → the field that the agent asked for."""
    return {item["suggestion_field"]: item["field"] for item in request.decision.get("redirects", ())}


def _corrected_facts(request: AgentActionRequest, corrected: Corrected, person_id: UUID, now: datetime) -> Facts:
    stored = msgspec.convert(request.facts, Facts)
    asked = stored.request
    files = attachments_in(request.body) if asked.message is not None and asked.message.attachments else ()
    message = message_of(corrected.changes, files) if asked.message is not None else None
    floor, earlier = get_requirement(request), stored.correction
    correction = CorrectionFacts(
        person=str(person_id),
        at=now,
        fields=tuple(sorted({*corrected.fields, *(earlier.fields if earlier else ())} - {*corrected.left_out})),
        left_out=tuple(sorted({*corrected.left_out, *(earlier.left_out if earlier else ())})),
        groups=floor.groups,
        alternatives=floor.alternatives,
        count=floor.count,
    )
    changed = msgspec.structs.replace(asked, changes=corrected.changes, message=message)
    return msgspec.structs.replace(stored, request=changed, correction=correction)


def _require_allowed(judgement: Judgement) -> None:
    """Policy must ask for approval again; whatever it denies stays denied. Raises CorrectionRefusedError."""
    if judgement.status is Status.PENDING:
        return
    if judgement.status is Status.CONFLICT:
        raise DiffChangedError("the record does not hold any more what the agent expected; look at it again")
    reasons = tuple(
        (check.field, check.message) for check in judgement.decision.checks if check.outcome == CheckOutcome.DENY
    )
    raise CorrectionRefusedError(f"policy refuses the corrected change: `{judgement.code}`", reasons=reasons)


def _require_seen(request: AgentActionRequest, judgement: Judgement, corrected: Corrected, edit: Edit) -> None:
    """INVARIANT: digest seen = digest judged. Beside what the reviewer corrected, nothing differs from what was shown:
    the same fields, the same new values, and the record holding what the form said. Raises DiffChangedError."""
    signed = signed_fields(request)
    old = {item["field"]: item["after"] for item in request.patch if item["field"] not in signed}
    new = {change.field: change for change in judgement.decision.patch if change.field not in signed}
    own = {*corrected.fields, *corrected.left_out}
    if new.keys() - own != old.keys() - own or any(new[field].after != old[field] for field in new.keys() - own):
        raise DiffChangedError("more than you corrected would change by now; look at it again")
    if any(edit.seen.get(field) != seen_digest(change.before) for field, change in new.items()):
        raise DiffChangedError("the record changed since you opened the page; look at it again")


def _write(
    locked: AgentActionRequest,
    judgement: Judgement,
    corrected: Corrected,
    version_id: UUID | None,
    edit: Edit,
    *,
    person_id: UUID,
    now: datetime,
) -> None:
    columns = decision_columns(
        judgement,
        request_id=locked.pk,
        association=request_association(locked),
        policy_version_id=version_id,
        now=now,
    )
    for kept in _KEPT:
        columns.pop(kept)
    before = {"decision": locked.decision, "patch": locked.patch, "digest": locked.digest, "outcome": locked.outcome}
    rows = AgentActionRequest.objects.filter(pk=locked.pk, status=Status.PENDING, digest=edit.digest)
    if not rows.update(**columns):
        raise AlreadyDecidedError("it was decided while you corrected it", decided_by="someone else")
    for name, value in columns.items():
        setattr(locked, name, value)
    Correction.objects.create(
        request=locked,
        person_id=person_id,
        proposed=before,
        digest=locked.digest,
        fields=list(corrected.fields),
        left_out=list(corrected.left_out),
        reason=edit.reason,
        created_at=now,
    )
    _append(locked, judgement, corrected, before, edit, person_id=person_id, now=now)


def _append(
    request: AgentActionRequest,
    judgement: Judgement,
    corrected: Corrected,
    before: dict[str, Any],
    edit: Edit,
    *,
    person_id: UUID,
    now: datetime,
) -> None:
    touched = {*corrected.fields, *corrected.left_out}
    data = decision_event_data(judgement, digest=request.digest) | {
        "digest_before": before["digest"],
        "edited": list(corrected.fields),
        "left_out": list(corrected.left_out),
    }
    values: dict[str, Any] = {
        "before": {item["field"]: item["after"] for item in before["patch"] if item["field"] in touched},
        "patch": request.patch,
    }
    if edit.reason:
        values["reason"] = edit.reason
    actor = Actor("human", str(person_id))
    append_event(request_event(request, "request.edited", actor, data=data, values=values), now=now)
