"""Weekly ledger reviews: ten records picked by a checkpoint's root, each looked at by a person (QAS-03)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.domain.ledger_pick import pick_leaves
from approvals.models import LedgerReview, LedgerReviewItem, SamplingPlan
from approvals.services.quality_errors import AlreadyScoredError, QualityError, SampleNotFoundError
from approvals.services.reserving import ensure_scorer
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.checkpoint import SignedHead
from audit.selectors.week import get_first_checkpoint_since, list_leaf_indexes
from audit.services.append import append_event
from governance.models import Workspace

IN_ORDER, WRONG = "in_order", "wrong"


class NoteMissingError(QualityError):
    """A record was called wrong without saying why."""

    code = "note_missing"


def open_reviews(*, now: datetime) -> int:
    """Pick last week's ten records in every workspace that samples; returns how many reviews were opened.

    Waits until a checkpoint was signed after the week's end; the first one picks. A second call changes nothing.
    """
    start, end = last_week(now)
    week = _name(start)
    done = LedgerReview.objects.filter(week=week).values("workspace_id")
    missing = SamplingPlan.objects.exclude(workspace_id__in=done).values_list("workspace_id", "workspace__slug")
    head = get_first_checkpoint_since(end) if missing else None
    if head is None:
        return 0
    return sum(_open(pk, slug, head, (start, end), now) for pk, slug in missing)


def judge_record(*, item_id: UUID, person_id: UUID, user_id: int, verdict: str, note: str, now: datetime) -> None:
    """Say that a picked record is in order, or what is wrong with it. Takes `score_quality`.

    Commits the word with `ledger_review.judged`. Raises QualityError subclasses, NotAllowedError.
    """
    with transaction.atomic():
        rows = LedgerReviewItem.objects.select_for_update(of=("self",)).select_related("review__workspace")
        item = rows.filter(pk=item_id).first()
        if item is None or verdict not in (IN_ORDER, WRONG):
            raise SampleNotFoundError("there is no such record in a review")
        workspace = item.review.workspace
        ensure_scorer(workspace_id=workspace.pk, person_id=person_id, user_id=user_id)
        if item.verdict:
            raise AlreadyScoredError("somebody has looked at this record already")
        if verdict == WRONG and not note.strip():
            raise NoteMissingError("say what is wrong with it")
        item.verdict, item.person_id, item.reviewed_at = verdict, person_id, now
        item.note = note.replace("\x00", "").strip()[:2_000]
        item.save(update_fields=["verdict", "note", "person", "reviewed_at"])
        data = {"week": item.review.week, "leaf": item.leaf_index, "event": str(item.event_id), "verdict": verdict}
        event = _event("ledger_review.judged", item.review, workspace.slug, Actor("human", str(person_id)), data)
        values = {"note": item.note} if item.note else {}
        append_event(msgspec.structs.replace(event, values=values), now=now)


def last_week(now: datetime) -> tuple[datetime, datetime]:
    """The ISO week before this one, in UTC: its first moment, and the first one after it."""
    monday = (now - timedelta(days=now.weekday())).date()
    end = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    return end - timedelta(days=7), end


def _open(workspace_id: UUID, slug: str, head: SignedHead, span: tuple[datetime, datetime], now: datetime) -> bool:
    """The week's leaves are read before the transaction: there may be many."""
    week = _name(span[0])
    leaves = list_leaf_indexes(workspace=slug, since=span[0], until=span[1], below=head.size)
    picked = pick_leaves(head.root, leaves)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace_id)
        if LedgerReview.objects.filter(workspace_id=workspace_id, week=week).exists():
            return False
        review = LedgerReview.objects.create(
            workspace_id=workspace_id,
            week=week,
            size=head.size,
            root=head.root,
            records_count=len(leaves),
            opened_at=now,
        )
        LedgerReviewItem.objects.bulk_create(
            LedgerReviewItem(review=review, leaf_index=leaf, event_id=leaves[leaf]) for leaf in picked
        )
        data = {
            "week": week,
            "size": head.size,
            "root": head.root.hex(),
            "records": len(leaves),
            "leaves": list(picked),
        }
        append_event(_event("ledger_review.opened", review, slug, Actor("system", "sampling"), data), now=now)
    return True


def _event(name: str, review: LedgerReview, slug: str, actor: Actor, data: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=name,
        workspace=slug,
        actor=actor,
        subject=Subject("ledger_review", str(review.pk)),
        correlation_id=f"ledger-review-{review.pk}",
        data=data,
    )


def _name(start: datetime) -> str:
    year, week, _ = start.isocalendar()
    return f"{year}-W{week:02}"
