"""Two-person changes: one proposes, another countersigns, and only then it is done (KIL-03, PRM-08, PRM-10)."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.domain.identifier import new_id
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_event
from governance.domain.change_status import ChangeStatus, ChangeVerdict
from governance.domain.proposed_change import Payload, change_digest
from governance.models import ChangeDecision, ChangeProposal, Workspace
from governance.selectors.access import NotAllowedError, ensure_may, ensure_may_any, ensure_person_may
from governance.selectors.changes import get_change_quorum, proposed_change
from governance.services.change_actor import ensure_account
from governance.services.change_errors import (
    ChangeDecidedError,
    ChangeExpiredError,
    ChangeNotFoundError,
    ChangeReasonMissingError,
    ChangeWaitingError,
    NotTheProposerError,
    SamePersonError,
)
from governance.services.change_events import change_event
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_kinds import get_kind


def propose_change(
    *,
    workspace_id: UUID,
    kind: str,
    payload: Payload,
    subject: str,
    reason: str,
    person_id: UUID,
    user_id: int,
    now: datetime,
) -> UUID:
    """Put a change before a second person; returns the proposal's id.

    `subject` is a line in words that names the change; one of a kind and subject waits at a time. Commits the proposal
    and `change.proposed`. Raises ChangeReasonMissingError, ChangeRefusedError (the kind's own check),
    ChangeWaitingError, NotAllowedError, UnknownKindError, LedgerUnavailableError.
    """
    _ensure_reason(reason)
    what = get_kind(kind)
    ensure_account(user_id=user_id, person_id=person_id)
    ensure_may(user_id=user_id, permission=what.propose, workspace_id=workspace_id)
    proposal = ChangeProposal(
        id=new_id(),
        workspace=Workspace.objects.get(pk=workspace_id),
        kind=kind,
        subject=subject,
        payload=payload,
        digest=change_digest(workspace=str(workspace_id), kind=kind, subject=subject, payload=payload),
        reason=reason.strip(),
        proposed_by_id=person_id,
        created_at=now,
        expires_at=now + what.expires_after,
    )
    with transaction.atomic():
        what.check(payload, proposed_change(proposal))
        expire_late_changes(now=now, workspace_id=workspace_id)
        _insert(proposal)
        append_event(change_event("change.proposed", proposal, person_id, reason=proposal.reason), now=now)
    return proposal.pk


def countersign_change(*, proposal_id: UUID, person_id: UUID, user_id: int, now: datetime) -> bool:
    """Agree as another person; whether the change is made now (else it waits for a further person).

    Expiry is judged by the database's clock in the UPDATE. Commits the decision, the end of the proposal, what the kind
    does and `change.countersigned` together, or nothing. Raises SamePersonError, NotAllowedError, ChangeDecidedError,
    ChangeExpiredError, ChangeNotFoundError, ChangeRefusedError and what the kind's `apply` raises.
    """
    ensure_account(user_id=user_id, person_id=person_id)
    with transaction.atomic():
        proposal = _lock_waiting(proposal_id)
        what = get_kind(proposal.kind)
        if proposal.proposed_by_id == person_id:
            raise SamePersonError("you proposed this: another person countersigns it")
        ensure_may_any(user_id=user_id, permissions=what.countersign, workspace_id=proposal.workspace_id)
        _decide(proposal, ChangeVerdict.COUNTERSIGN, (person_id, user_id), now)
        is_met = get_change_quorum(proposal, permissions=what.countersign, count=what.count).is_met
        if is_met:
            _ensure_still_proposed(proposal, what.propose)
            change = proposed_change(proposal, countersigned_by=person_id)
            what.check(proposal.payload, change)
            _end(proposal, ChangeStatus.APPLIED, person_id, now)
            what.apply(proposal.payload, change, now)
        event = change_event("change.countersigned", proposal, person_id, is_applied=is_met)
        append_event(event, now=now)
    return is_met


def reject_change(*, proposal_id: UUID, person_id: UUID, user_id: int, reason: str, now: datetime) -> None:
    """Refuse as another person, with a reason. One refusal ends the proposal.

    Commits the decision, the end and `change.rejected`. Raises as `countersign_change`, and ChangeReasonMissingError.
    """
    _ensure_reason(reason)
    ensure_account(user_id=user_id, person_id=person_id)
    with transaction.atomic():
        proposal = _lock_waiting(proposal_id)
        if proposal.proposed_by_id == person_id:
            raise SamePersonError("you proposed this: withdraw it instead")
        permissions = get_kind(proposal.kind).countersign
        ensure_may_any(user_id=user_id, permissions=permissions, workspace_id=proposal.workspace_id)
        _decide(proposal, ChangeVerdict.REJECT, (person_id, user_id), now, reason)
        _end(proposal, ChangeStatus.REJECTED, person_id, now)
        append_event(change_event("change.rejected", proposal, person_id, reason=reason), now=now)


def withdraw_change(*, proposal_id: UUID, person_id: UUID, user_id: int, reason: str, now: datetime) -> None:
    """Take back one's own proposal, with a reason.

    Commits the decision, the end and `change.withdrawn`. Raises NotTheProposerError, ChangeDecidedError,
    ChangeExpiredError, ChangeNotFoundError, ChangeReasonMissingError, NotAllowedError.
    """
    _ensure_reason(reason)
    ensure_account(user_id=user_id, person_id=person_id)
    with transaction.atomic():
        proposal = _lock_waiting(proposal_id)
        if proposal.proposed_by_id != person_id:
            raise NotTheProposerError("whoever proposed a change withdraws it; you can reject it")
        _decide(proposal, ChangeVerdict.WITHDRAW, (person_id, user_id), now, reason)
        _end(proposal, ChangeStatus.WITHDRAWN, person_id, now)
        append_event(change_event("change.withdrawn", proposal, person_id, reason=reason), now=now)


def expire_late_changes(*, now: datetime, workspace_id: UUID | None = None, limit: int = 200) -> int:
    """End what nobody decided in time, by the database's clock; returns how many. An expiry is never a person's no.

    Commits the ends and `change.expired` events together.
    """
    late = ChangeProposal.objects.filter(status=ChangeStatus.WAITING, expires_at__lte=DatabaseNow())
    if workspace_id is not None:
        late = late.filter(workspace_id=workspace_id)
    if not late.exists():
        return 0
    with transaction.atomic():
        rows = list(late.select_for_update(skip_locked=True, of=("self",)).select_related("workspace")[:limit])
        for proposal in rows:
            proposal.status, proposal.ended_at = ChangeStatus.EXPIRED.value, now
            proposal.save(update_fields=["status", "ended_at"])
            append_event(change_event("change.expired", proposal, None), now=now)
    return len(rows)


def _lock_waiting(proposal_id: UUID) -> ChangeProposal:
    rows = ChangeProposal.objects.select_for_update(of=("self",)).select_related("workspace")
    proposal = rows.filter(pk=proposal_id).first()
    if proposal is None:
        raise ChangeNotFoundError("no such change")
    if proposal.status == ChangeStatus.EXPIRED:
        raise ChangeExpiredError("its time ran out: propose it again")
    if proposal.status != ChangeStatus.WAITING:
        raise ChangeDecidedError(f"this change is {proposal.status} already")
    return proposal


def _ensure_still_proposed(proposal: ChangeProposal, permission: str) -> None:
    """Two people stand behind a change when it is made: whoever left, or lost the right, proposes nothing any more."""
    try:
        ensure_person_may(person_id=proposal.proposed_by_id, permission=permission, workspace_id=proposal.workspace_id)
    except NotAllowedError as error:
        raise ChangeRefusedError("whoever proposed it may not do so any more: propose it again yourself") from error


def _decide(
    proposal: ChangeProposal, verdict: ChangeVerdict, who: tuple[UUID, int], now: datetime, reason: str = ""
) -> None:
    person_id, user_id = who
    decision = ChangeDecision(
        proposal=proposal,
        person_id=person_id,
        user_id=user_id,
        verdict=verdict.value,
        digest=proposal.digest,
        reason=reason.strip(),
        decided_at=now,
    )
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError as error:
        raise ChangeDecidedError("you decided this already") from error


def _end(proposal: ChangeProposal, status: ChangeStatus, person_id: UUID, now: datetime) -> None:
    """The one writer of how a person ends a proposal: a conditional UPDATE by the database's clock."""
    ended = {"status": status.value, "ended_by_id": person_id, "ended_at": now}
    rows = ChangeProposal.objects.filter(pk=proposal.pk, status=ChangeStatus.WAITING, expires_at__gt=DatabaseNow())
    if not rows.update(**ended):
        raise ChangeExpiredError("its time ran out: propose it again")
    for name, value in ended.items():
        setattr(proposal, name, value)


def _insert(proposal: ChangeProposal) -> None:
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError as error:
        raise ChangeWaitingError("the same change waits for a second person already") from error


def _ensure_reason(reason: str) -> None:
    if not reason.strip():
        raise ChangeReasonMissingError("say why")
