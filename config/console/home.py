"""The home page: what waits, what ran, what went wrong, what is stopped, what is unpublished, how the ledger is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from approvals.domain.wording import duration_words
from approvals.selectors.access_reviews import ReviewSummary, list_reviews
from approvals.selectors.exceptions import CaseCounts, count_cases
from approvals.selectors.notifications import Undelivered, count_undelivered
from approvals.selectors.stranded import count_stranded
from approvals.services.pages.overview import OverviewPage, show_overview
from audit.selectors.checkpoint import Lag, SignedHead, get_lag, get_newest_checkpoint
from audit.selectors.clock import get_now
from crm_connectors.selectors.endpoint_page import count_paused
from governance.models import PolicyVersion, User, Workspace
from governance.selectors.changes import list_waiting_changes
from governance.selectors.held import Held, get_held
from governance.selectors.policy import get_unpublished_changes

LATE_SECONDS = 60
SEEN_BY = ("view_requests", "publish_policy", "view_ledger", "countersign_changes", "review_access")
TOLD_OF_WIRES = frozenset({"manage_agents", "view_ledger"})
CHANGES_SEEN_BY = frozenset({"countersign_changes", "edit_policy", "manage_agents", "publish_policy", "view_ledger"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHealth:
    """`checkpoint_age` in words; `is_late` when proof runs behind by more than a minute."""

    size: int
    unproven: int
    checkpoint_age: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHealth:
    """`number` of the version in force, 0 before the first; changes and errors of the rows beyond it."""

    number: int
    changes: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesWaiting:
    """Two-person changes that wait, and how many of them another person proposed."""

    count: int
    by_others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDue:
    """The open access review that is due first."""

    summary: ReviewSummary
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """Parts that the person's permissions do not reach are None."""

    workspace: Workspace
    workspaces: tuple[Workspace, ...]
    overview: OverviewPage | None
    trouble_links: tuple[tuple[str, str], ...] = (
        ("failed", "failed"),
        ("conflict", "conflicts"),
        ("unknown", "unknown"),
    )
    stranded: int
    undelivered: Undelivered | None
    paused: int
    exceptions: CaseCounts | None
    changes: ChangesWaiting | None
    review: ReviewDue | None
    policy: PolicyHealth | None
    ledger: LedgerHealth | None


def show_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's dashboard callback: adds `home`, None for a person without a workspace."""
    now = get_now()
    home = _home(request.user, request.GET.get("workspace", ""), now) if isinstance(request.user, User) else None
    return {**context, "home": home, "title": "Home"}


def _home(user: User, slug: str, now: datetime) -> HomePage | None:
    held = get_held(user)
    workspaces = held.list_reach(*SEEN_BY)
    found = next((workspace for workspace in workspaces if workspace.slug == slug), next(iter(workspaces), None))
    if found is None:
        return None
    permissions, agents = held.at(found.pk), held.get_scope(found.pk, "view_requests")
    sees_requests = agents != frozenset()
    return HomePage(
        workspace=found,
        workspaces=workspaces,
        overview=_overview(user, held, found.pk, now) if sees_requests else None,
        stranded=count_stranded(workspace_id=found.pk, agents=agents) if sees_requests else 0,
        undelivered=count_undelivered(workspace_id=found.pk) if TOLD_OF_WIRES & permissions else None,
        paused=count_paused([found.pk]) if TOLD_OF_WIRES & permissions else 0,
        exceptions=count_cases(workspace_id=found.pk, now=now, agents=agents) if sees_requests else None,
        changes=_changes(found.pk, user.person_id) if CHANGES_SEEN_BY & permissions else None,
        review=_review(found, now) if {"review_access", "view_ledger"} & permissions else None,
        policy=_policy(found.pk) if {"publish_policy", "edit_policy"} & permissions else None,
        ledger=_ledger(now) if "view_ledger" in permissions else None,
    )


def _overview(user: User, held: Held, workspace_id: UUID, now: datetime) -> OverviewPage:
    agents = held.get_scope(workspace_id, "view_requests")
    return show_overview(
        workspace_id=workspace_id,
        person_id=user.person_id,
        now=now,
        agents=agents,
        reviewed=held.get_scope(workspace_id, "review_requests") or agents,
    )


def _changes(workspace_id: UUID, person_id: UUID | None) -> ChangesWaiting:
    proposers = list(list_waiting_changes([workspace_id]).values_list("proposed_by_id", flat=True))
    return ChangesWaiting(count=len(proposers), by_others=sum(proposer != person_id for proposer in proposers))


def _review(workspace: Workspace, now: datetime) -> ReviewDue | None:
    unfinished = [item for item in list_reviews(workspace) if not item.progress.is_done]
    first = min(unfinished, key=lambda item: item.review.due_date, default=None)
    return ReviewDue(summary=first, is_overdue=first.progress.is_overdue(now.date())) if first is not None else None


def _policy(workspace_id: UUID) -> PolicyHealth:
    unpublished = get_unpublished_changes(workspace_id)
    number = PolicyVersion.objects.filter(workspace=workspace_id).order_by("-number").values_list("number", flat=True)
    return PolicyHealth(number=number.first() or 0, changes=len(unpublished.changes), errors=len(unpublished.errors))


def _ledger(now: datetime) -> LedgerHealth:
    head: SignedHead | None = get_newest_checkpoint()
    lag: Lag = get_lag(now=now)
    return LedgerHealth(
        size=(head.size if head else 0) + lag.unsigned + lag.pending,
        unproven=lag.pending + lag.unsigned,
        checkpoint_age=duration_words(now - head.signed_at) if head else "",
        is_late=lag.oldest_age.total_seconds() > LATE_SECONDS,
    )
