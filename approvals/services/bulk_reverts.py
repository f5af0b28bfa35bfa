"""Bulk revert as a person works it: plan, start, pause, resume, stop (RVT-02). A worker does the rest."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from approvals.domain.bulk_choice import Choice, dump_choice
from approvals.domain.bulk_revert import PLAN_LIFE, RELEASABLE, BulkState, is_two_person
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, BulkRevert
from approvals.selectors.bulk_choices import describe_choice
from approvals.selectors.bulk_releases import list_holding_stops
from approvals.selectors.bulk_reverts import count_started_alone
from approvals.services.bulk_jobs import bulk_event
from approvals.services.window import GRACE
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.switch_words import switch_words
from governance.models import Person, User, Workspace
from governance.selectors.access import ensure_may_for_some
from governance.services.change_proposals import propose_change, withdraw_change

PERMISSION = "revert_requests"
KIND = "revert.bulk"
RELEASE = "revert.release"
_KEPT_BACK = (Status.APPROVED, Status.EXECUTING)
"""What waits, and what the second gate is giving back just now."""
_SUBJECTS = {KIND: "Take back", RELEASE: "Let pass the stops: the taking back of"}


class BulkRevertError(ValueError):
    """What cannot be done with this bulk revert now. The words are for people."""

    code = "bulk_revert_refused"
    http_status = 409


class BulkRevertNotFoundError(BulkRevertError):
    """No such bulk revert."""

    code = "not_found"
    http_status = 404


class StalePlanError(BulkRevertError):
    """Another dry run than the one that was seen, or one that is too old."""

    code = "stale_plan"


class NothingToStartError(BulkRevertError):
    """The dry run found nothing that can be taken back."""

    code = "nothing_to_start"


class WrongStateError(BulkRevertError):
    """It is not in the state that this takes."""

    code = "wrong_state"


def plan_bulk_revert(*, workspace_id: UUID, choice: Choice, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Queue a dry run; returns the job's id. Commits the job alone. Raises NotAllowedError."""
    _ensure(user_id=user_id, person_id=person_id, workspace_id=workspace_id)
    job = BulkRevert.objects.create(
        workspace=Workspace.objects.get(pk=workspace_id),
        choice=dump_choice(choice),
        planned_by_id=person_id,
        user_id=user_id,
        created_at=now,
    )
    return job.pk


def start_bulk_revert(
    *, job_id: UUID, digest: str, reason: str, person_id: UUID, user_id: int, now: datetime
) -> BulkState:
    """Start what the dry run of this digest says, or put it before a second person above a hundred items, those counted
    with it that the same person started alone within a day.

    Commits the state with `bulk_revert.started`, or the proposal. Raises StalePlanError, NothingToStartError,
    WrongStateError, BulkRevertNotFoundError, NotAllowedError and what `propose_change` raises.
    """
    with transaction.atomic():
        job = _lock(job_id, person_id=person_id, user_id=user_id)
        _require_startable(job, digest, now)
        if not reason.strip():
            raise BulkRevertError("say why")
        job.reason, job.started_by_id, job.user_id, job.note = reason.strip(), person_id, user_id, ""
        if _takes_second_person(job, person_id=person_id, now=now):
            job.proposal_id = _propose(job, KIND, job.reason, person_id=person_id, user_id=user_id, now=now)
            job.state = BulkState.COUNTERSIGNING
        else:
            job.state, job.started_at = BulkState.RUNNING, now
            append_event(bulk_event(job, "started", _person(person_id), items=job.taken_up), now=now)
        job.save(update_fields=["state", "reason", "started_by", "user", "note", "proposal", "started_at"])
    return BulkState(job.state)


def pause_bulk_revert(*, job_id: UUID, person_id: UUID, user_id: int, now: datetime) -> None:
    """Make no further revert, and send none that is made: what the CRM has not got yet waits. Commits the state with
    `bulk_revert.paused`.

    Raises WrongStateError, BulkRevertNotFoundError, NotAllowedError."""
    with transaction.atomic():
        job = _lock(job_id, person_id=person_id, user_id=user_id, states=(BulkState.RUNNING,))
        _move(job, BulkState.PAUSED)
        append_event(bulk_event(job, "paused", _person(person_id)), now=now)


def resume_bulk_revert(*, job_id: UUID, person_id: UUID, user_id: int, now: datetime) -> None:
    """Go on where it was paused; what it kept back is due at once, and has some time left. Commits that and the state
    with `bulk_revert.resumed`. Raises as `pause_bulk_revert`."""
    with transaction.atomic():
        job = _lock(job_id, person_id=person_id, user_id=user_id, states=(BulkState.PAUSED,))
        _move(job, BulkState.RUNNING)
        kept = AgentActionRequest.objects.filter(pk__in=job.items.values("revert"), status__in=_KEPT_BACK)
        list(kept.order_by("pk").select_for_update().values_list("pk"))  # in the order in which a slice locks them
        kept.update(expires_at=Greatest(F("expires_at"), now + GRACE))
        kept.filter(status=Status.APPROVED).update(not_before=None)
        append_event(bulk_event(job, "resumed", _person(person_id)), now=now)


def stop_bulk_revert(*, job_id: UUID, person_id: UUID, user_id: int, now: datetime) -> None:
    """End it for good: no further revert, and what still waits is called off. What was reverted stays reverted.

    Commits the state, `bulk_revert.stopped` and the withdrawal of a proposal that waits. Raises as
    `pause_bulk_revert`."""
    open_states = (BulkState.PLANNING, BulkState.PLANNED, BulkState.COUNTERSIGNING, BulkState.RUNNING, BulkState.PAUSED)
    with transaction.atomic():
        job = _lock(job_id, person_id=person_id, user_id=user_id, states=open_states)
        if job.state == BulkState.COUNTERSIGNING and job.started_by_id == person_id and job.proposal_id:
            withdraw_change(
                proposal_id=job.proposal_id, person_id=person_id, user_id=user_id, reason="stopped", now=now
            )
        _move(job, BulkState.STOPPING)
        append_event(bulk_event(job, "stopped", _person(person_id)), now=now)


def release_bulk_revert(*, job_id: UUID, reason: str, person_id: UUID, user_id: int, now: datetime) -> None:
    """Ask a second person, who may lift switches, to let it pass the stops in force (an incident release).

    The proposal names these stops; one that is engaged later, or pressed again, holds it again. Commits the proposal
    and what the job looks at. Raises BulkRevertError while no stop holds it, and as `pause_bulk_revert` and
    `propose_change`.
    """
    with transaction.atomic():
        job = _lock(job_id, person_id=person_id, user_id=user_id, states=RELEASABLE)
        stops = list_holding_stops(job.workspace_id)
        if not stops:
            raise BulkRevertError("no stop holds it")
        named = {
            "stops": [str(stop.pk) for stop in stops],
            "words": [f"{switch_words(stop.kind).in_force} ({stop.reason})" for stop in stops],
        }
        job.release_id = _propose(job, RELEASE, reason, person_id=person_id, user_id=user_id, now=now, more=named)
        job.save(update_fields=["release"])


def _require_startable(job: BulkRevert, digest: str, now: datetime) -> None:
    if job.state != BulkState.PLANNED:
        raise WrongStateError(f"it is {job.state}: only what is planned is started")
    if digest != job.digest:
        raise StalePlanError("this is not the dry run that you saw: look again")
    if job.planned_at is None or now - job.planned_at > PLAN_LIFE:
        raise StalePlanError("the dry run is older than a day: plan again")
    if not job.taken_up:
        raise NothingToStartError("nothing of it can be taken back")


def _takes_second_person(job: BulkRevert, *, person_id: UUID, now: datetime) -> bool:
    """The person's row is locked: of two starts at once, the second one counts the first."""
    Person.objects.select_for_update(no_key=True).get(pk=person_id)
    started = count_started_alone(workspace_id=job.workspace_id, person_id=person_id, now=now)
    return is_two_person(job.taken_up, started=started)


def _propose(
    job: BulkRevert,
    kind: str,
    reason: str,
    *,
    person_id: UUID,
    user_id: int,
    now: datetime,
    more: Mapping[str, list[str]] = MappingProxyType({}),
) -> UUID:
    words = describe_choice(job.choice, workspace_id=job.workspace_id)
    return propose_change(
        workspace_id=job.workspace_id,
        kind=kind,
        payload={
            "bulk_revert": str(job.pk),
            "digest": job.digest,
            "items": job.taken_up,
            "chosen": list(words),
            "counts": dict(job.counts),
            **more,
        },
        subject=f"{_SUBJECTS[kind]} {job.taken_up} changes ({str(job.pk)[-8:]})",
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def _lock(job_id: UUID, *, person_id: UUID, user_id: int, states: tuple[BulkState, ...] = ()) -> BulkRevert:
    rows = BulkRevert.objects.select_for_update(of=("self",)).select_related("workspace")
    job = rows.filter(pk=job_id).first()
    if job is None:
        raise BulkRevertNotFoundError("no such bulk revert")
    _ensure(user_id=user_id, person_id=person_id, workspace_id=job.workspace_id)
    if states and job.state not in states:
        raise WrongStateError(f"it is {job.state}: this cannot be done any more")
    return job


def _ensure(*, user_id: int, person_id: UUID, workspace_id: UUID) -> None:
    ensure_may_for_some(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    is_theirs = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists()
    if not is_theirs:
        raise BulkRevertError("this login does not belong to the person who reverts")


def _move(job: BulkRevert, state: BulkState) -> None:
    """A person's step takes the job from its worker, who notices at the next write."""
    job.state, job.taken_until, job.not_before, job.note = state, None, None, ""
    job.save(update_fields=["state", "taken_until", "not_before", "note"])


def _person(person_id: UUID) -> Actor:
    return Actor("human", str(person_id))
