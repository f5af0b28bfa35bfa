"""Reviewing access: start a campaign, confirm or withdraw row by row, export it; all of it on record (IDN-08)."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.domain.access_review import (
    KIND_WORDS,
    ReviewVerdict,
    RightKind,
    StandingRight,
    read_subject_of_rights,
)
from approvals.models import AccessReview, AccessReviewDecision, AccessReviewRow
from approvals.selectors.access_reviews import find_review, list_review_lines
from approvals.selectors.standing_rights import list_last_uses, list_standing_rights
from approvals.services.standing import revoke_standing_approval
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.adapters.table_file import write_csv, write_xlsx
from governance.models import User, Workspace
from governance.selectors.access import NotAllowedError, ensure_may
from governance.services.agent_rights import take_agent_rights
from governance.services.credentials import revoke_credential
from governance.services.delegations import revoke_delegation
from governance.services.grants import set_withdrawn
from governance.services.memberships import end_membership
from governance.services.roles import withdraw_role

PERMISSION = "review_access"
_COLUMNS = ("kind", "holder", "right", "last_used_at", "state", "decided_by", "decided_at", "right_when_started")


class AccessReviewError(ValueError):
    """The review cannot be started or the row not be decided like this. The words say why."""

    code = "access_review_refused"


def start_review(*, workspace_id: UUID, title: str, due_date: date, user_id: int, now: datetime) -> UUID:
    """Take down everything that stands now, with when it was last used; returns the campaign's id.

    Takes `review_access`. `due_date` is the last day, UTC, today at the earliest. Commits campaign, rows and
    `access_review.started`. Raises AccessReviewError, NotAllowedError, LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    person_id = _person_of(user_id)
    if not title.strip():
        raise AccessReviewError("give the review a name, like “4th quarter”")
    if due_date < now.date():
        raise AccessReviewError("the due date has passed already")
    workspace = Workspace.objects.get(pk=workspace_id)
    rights = list_standing_rights(workspace, list_last_uses(workspace))
    with transaction.atomic():
        review = AccessReview.objects.create(
            workspace=workspace, title=title.strip(), started_by_id=person_id, started_at=now, due_date=due_date
        )
        AccessReviewRow.objects.bulk_create([_row(review, right) for right in rights], batch_size=200)
        data = {"rows": len(rights), "due_date": due_date.isoformat(), "title": review.title}
        append_event(_event("access_review.started", review, person_id, data), now=now)
    return review.pk


def decide_row(*, row_id: UUID, verdict: str, digest: str, user_id: int, now: datetime) -> None:
    """Confirm a right, or withdraw it at once. `digest` is of the right as the page showed it.

    Takes `review_access`; nobody decides on a right of their own. Commits the decision, the end of the right where it
    is withdrawn, and `access_review.decided`, together. Raises AccessReviewError (decided, changed, gone, own),
    SuperuserError, NotAllowedError, AccessReviewRow.DoesNotExist, LedgerUnavailableError.
    """
    if verdict not in set(ReviewVerdict):
        raise AccessReviewError("confirm it or withdraw it")
    with transaction.atomic():
        rows = AccessReviewRow.objects.select_for_update(of=("self",)).select_related("review__workspace")
        row = rows.get(pk=row_id)
        workspace = row.review.workspace
        ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace.pk)
        person_id = _person_of(user_id)
        right = _standing(row, digest)
        if right.person_id == person_id:
            raise AccessReviewError("this right is your own: another person reviews it")
        _record(row, right, verdict, (person_id, user_id), now)
        if verdict == ReviewVerdict.WITHDRAW:
            _withdraw(right, workspace.pk, Actor("human", str(person_id)), user_id, now)
        data = {"row": str(row.pk), "kind": row.kind, "subject": row.subject_id, "verdict": verdict, "digest": digest}
        append_event(_event("access_review.decided", row.review, person_id, data), now=now)


def export_review(*, review_id: UUID, kind: str) -> bytes:
    """All rows as `csv` or `xlsx`; nothing in the file acts. Raises AccessReview.DoesNotExist."""
    review = find_review(review_id)
    if review is None:
        raise AccessReview.DoesNotExist
    rows = [
        (
            KIND_WORDS[RightKind(line.row.kind)],
            line.row.holder,
            line.words,
            line.row.last_used_at.isoformat(timespec="seconds") if line.row.last_used_at else "never",
            line.state.value,
            line.decision.person.name if line.decision else "",
            line.decision.decided_at.isoformat(timespec="seconds") if line.decision else "",
            line.row.words,
        )
        for line in list_review_lines(review)
    ]
    if kind == "csv":
        return write_csv(_COLUMNS, rows)
    return write_xlsx(_COLUMNS, rows, title="access review", freeze="C2")


def _person_of(user_id: int) -> UUID:
    user = User.objects.filter(pk=user_id, is_active=True, person__is_active=True).first()
    if user is None or user.person_id is None:
        raise NotAllowedError("an access review takes a login that belongs to an active person")
    return user.person_id


def _row(review: AccessReview, right: StandingRight) -> AccessReviewRow:
    return AccessReviewRow(
        review=review,
        kind=right.kind.value,
        subject_id=right.subject_id,
        holder=right.holder[:200],
        words=right.words,
        last_used_at=right.last_used_at,
    )


def _standing(row: AccessReviewRow, digest: str) -> StandingRight:
    """The right as it is now, which must be what was seen."""
    found = {right.key: right for right in list_standing_rights(row.review.workspace)}.get((row.kind, row.subject_id))
    if AccessReviewDecision.objects.filter(row=row).exists():
        raise AccessReviewError("this row is decided already")
    if found is None:
        raise AccessReviewError("this right has ended meanwhile")
    if found.digest != digest:
        raise AccessReviewError("this right changed while you looked: read it again")
    return found


def _record(row: AccessReviewRow, right: StandingRight, verdict: str, who: tuple[UUID, int], now: datetime) -> None:
    decision = AccessReviewDecision(
        row=row,
        verdict=verdict,
        words=right.words,
        digest=right.digest,
        person_id=who[0],
        user_id=who[1],
        decided_at=now,
    )
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError as error:
        raise AccessReviewError("this row is decided already") from error


def _withdraw(right: StandingRight, workspace_id: UUID, actor: Actor, user_id: int, now: datetime) -> None:
    match right.kind:
        case RightKind.GRANT:
            set_withdrawn(grant_id=UUID(right.subject_id), is_withdrawn=True, actor=actor, user_id=user_id, now=now)
        case RightKind.CREDENTIAL:
            revoke_credential(credential_id=int(right.subject_id), actor=actor, now=now)
        case RightKind.DELEGATION:
            revoke_delegation(delegation_id=UUID(right.subject_id), user_id=user_id, now=now)
        case RightKind.STANDING:
            revoke_standing_approval(standing_id=UUID(right.subject_id), person_id=UUID(actor.id), now=now)
        case RightKind.MEMBERSHIP:
            end_membership(membership_id=UUID(right.subject_id), actor=actor, user_id=user_id, now=now)
        case RightKind.LOGIN:
            withdraw_role(user_id=int(right.subject_id), workspace_id=workspace_id, actor=actor, now=now)
        case RightKind.AGENT_RIGHTS:
            agent_id, holder_id = read_subject_of_rights(right.subject_id)
            take_agent_rights(agent_id=agent_id, holder_id=holder_id, actor=actor, user_id=user_id, now=now)


def _event(type_: str, review: AccessReview, person_id: UUID, data: Mapping[str, object]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=review.workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=Subject("access_review", str(review.pk)),
        correlation_id=str(review.pk),
        data=dict(data),
    )
