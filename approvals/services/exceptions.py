"""Opening exceptions: like ones are one open case with a count, exact under any interleaving (EXC-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from approvals.domain.exception_case import SAMPLE_FIRST, SAMPLE_NEWEST, CaseKind, CaseState, case_key, sampled
from approvals.models import CaseRequest, ExceptionCase
from approvals.selectors.duty import get_clocks
from approvals.services.exception_events import SYSTEM, case_event
from audit.services.append import append_event
from governance.models import Agent

_TRIES = 5


class CaseContendedError(RuntimeError):
    """The case was closed again and again while it was looked for: the caller's transaction is to be repeated."""

    code = "case_contended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What happened. `agent` is the agent's name, empty where a person asked or no agent is meant.

    `subject` names the one request, breaker or report that is a case of its own; else like ones are grouped by
    agent × code × field.
    """

    workspace_id: UUID
    kind: CaseKind
    agent: str = ""
    code: str = ""
    field: str = ""
    object_type: str = ""
    subject: str = ""

    @property
    def key(self) -> str:
        return case_key(kind=self.kind, agent=self.agent, code=self.code, field=self.field, subject=self.subject)


def open_case(*, cause: Cause, requests: Sequence[UUID], count: int, seen_at: datetime, now: datetime) -> UUID:
    """Count `count` occurrences on the open case of this cause, or open one; returns its id.

    `requests` are those behind it, in their order; a sample of them is kept. `seen_at` is when the last was seen. Runs
    in the caller's transaction, which sees each occurrence once (a follower's turn, say), or in its own. A new case
    appends `exception.opened`; counting appends nothing.
    INVARIANT: one open case for a cause; every occurrence is counted on exactly one case.
    Raises CaseContendedError, LedgerUnavailableError.
    """
    with transaction.atomic():
        case = _lock_or_create(cause, seen_at=seen_at, now=now)
        rows = ExceptionCase.objects.filter(pk=case.pk)
        rows.update(count=F("count") + count, last_seen_at=max(seen_at, case.last_seen_at), code=cause.code)
        _keep_sample(case.pk, requests)
    return case.pk


def _lock_or_create(cause: Cause, *, seen_at: datetime, now: datetime) -> ExceptionCase:
    for _ in range(_TRIES):
        found = _lock(cause)
        if found is not None:
            return found
        fresh = _make(cause, seen_at=seen_at, now=now)
        ExceptionCase.objects.bulk_create([fresh], ignore_conflicts=True)  # waits for another who opens the same
        found = _lock(cause)
        if found is not None:
            if found.pk == fresh.pk:
                _note_opened(found, cause.agent, now)
            return found
    raise CaseContendedError("the case was closed while it was looked for")


def _lock(cause: Cause) -> ExceptionCase | None:
    rows = ExceptionCase.objects.select_for_update(of=("self",)).select_related("workspace")
    return rows.filter(workspace_id=cause.workspace_id, key=cause.key, state=CaseState.OPEN).first()


def _make(cause: Cause, *, seen_at: datetime, now: datetime) -> ExceptionCase:
    agents = Agent.objects.filter(workspace_id=cause.workspace_id, name=cause.agent)
    earlier = ExceptionCase.objects.filter(workspace_id=cause.workspace_id, key=cause.key).order_by("-id")
    clocks = get_clocks(workspace_id=cause.workspace_id, now=now)
    return ExceptionCase(
        workspace_id=cause.workspace_id,
        kind=cause.kind,
        key=cause.key,
        agent=agents.first() if cause.agent else None,
        code=cause.code,
        field=cause.field,
        object_type=cause.object_type,
        subject=cause.subject,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
        opened_at=now,
        owner_id=clocks.owner_id,
        review_due_at=clocks.review_due_at,
        remediation_due_at=clocks.remediation_due_at,
        due_at=clocks.review_due_at,
        alarm_at=clocks.review_due_at,
        previous_id=earlier.values_list("pk", flat=True).first(),
    )


def _note_opened(case: ExceptionCase, agent: str, now: datetime) -> None:
    data = {
        "kind": case.kind,
        "agent": agent,
        "code": case.code,
        "field": case.field,
        "object": case.object_type,
        "subject": case.subject,
        "previous": str(case.previous_id or ""),
        "owner": str(case.owner_id or ""),
    }
    append_event(case_event(case, "opened", SYSTEM, data=data), now=now)


def _keep_sample(case_id: UUID, requests: Sequence[UUID]) -> None:
    chosen = list(dict.fromkeys([*requests[:SAMPLE_FIRST], *requests[-SAMPLE_NEWEST:]]))
    if not chosen:
        return
    CaseRequest.objects.bulk_create(
        [CaseRequest(case_id=case_id, request_id=request_id) for request_id in chosen], ignore_conflicts=True
    )
    kept = list(CaseRequest.objects.filter(case_id=case_id).order_by("id").values_list("pk", flat=True))
    dropped = kept[sampled(len(kept))]
    if dropped:
        CaseRequest.objects.filter(pk__in=dropped).delete()
