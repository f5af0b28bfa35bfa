"""Access reviews: the campaigns of a workspace, how far they came, and their rows (IDN-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from approvals.domain.access_review import Progress, RowState, StandingRight, row_state
from approvals.models import AccessReview, AccessReviewDecision, AccessReviewRow
from approvals.selectors.standing_rights import list_standing_rights
from governance.models import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One row as it is now. `words` are today's while it is open, else those that were decided on."""

    row: AccessReviewRow
    state: RowState
    words: str
    digest: str
    has_changed: bool
    person_id: UUID | None
    decision: AccessReviewDecision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSummary:
    """A campaign and how far it came."""

    review: AccessReview
    progress: Progress


def find_review(review_id: UUID) -> AccessReview | None:
    """One query."""
    return AccessReview.objects.select_related("workspace", "started_by").filter(pk=review_id).first()


def list_reviews(workspace: Workspace, limit: int = 20) -> list[ReviewSummary]:
    """The newest first. Two queries and those of the standing rights, however many campaigns there are."""
    reviews = list(
        AccessReview.objects.filter(workspace=workspace)
        .select_related("started_by")
        .annotate(total=Count("rows"), decided=Count("rows__decision"))
        .order_by("-started_at", "-id")[:limit]
    )
    unfinished = [review.pk for review in reviews if review.decided < review.total]
    gone = _count_gone(workspace, unfinished) if unfinished else {}
    return [
        ReviewSummary(
            review=review,
            progress=Progress(
                total=review.total, settled=review.decided + gone.get(review.pk, 0), due_date=review.due_date
            ),
        )
        for review in reviews
    ]


def _count_gone(workspace: Workspace, reviews: Sequence[UUID]) -> dict[UUID, int]:
    """How many undecided rows of each campaign are of rights that stand no more."""
    standing = {right.key for right in list_standing_rights(workspace)}
    rows = AccessReviewRow.objects.filter(review__in=reviews, decision__isnull=True)
    counts: dict[UUID, int] = {}
    for review_id, kind, subject_id in rows.values_list("review_id", "kind", "subject_id"):
        counts[review_id] = counts.get(review_id, 0) + ((kind, subject_id) not in standing)
    return counts


def list_review_lines(review: AccessReview) -> list[ReviewLine]:
    """Every row, in the order in which it was taken. One query and those of the standing rights."""
    standing = {right.key: right for right in list_standing_rights(review.workspace)}
    rows = review.rows.select_related("decision__person").order_by("id")
    return [_line(row, standing.get((row.kind, row.subject_id))) for row in rows]


def _line(row: AccessReviewRow, right: StandingRight | None) -> ReviewLine:
    decision = getattr(row, "decision", None)
    now_says = decision.words if decision is not None else right.words if right is not None else row.words
    return ReviewLine(
        row=row,
        state=row_state(decision.verdict if decision is not None else None, is_standing=right is not None),
        words=now_says,
        digest=right.digest if right is not None else "",
        has_changed=now_says != row.words,
        person_id=right.person_id if right is not None else None,
        decision=decision,
    )
