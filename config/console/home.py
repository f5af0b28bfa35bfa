"""The home page: what waits, what ran, what went wrong, what is stopped, what is unpublished, how the ledger is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from approvals.domain.wording import duration_words
from approvals.selectors.access_reviews import ReviewSummary, list_reviews
from approvals.selectors.exceptions import CaseCounts, open_cases
from approvals.selectors.notifications import failed_hooks, failed_mails
from approvals.selectors.stranded import MAX_COUNT, stranded_rows
from approvals.services.pages.overview import OverviewPage, show_overview
from audit.selectors.checkpoint import Lag, SignedHead, get_lag_behind, get_newest_checkpoint
from audit.selectors.clock import get_now
from audit.selectors.counted import count_each
from crm_connectors.selectors.endpoint_page import paused_gates
from governance.models import PolicyVersion, User, Workspace
from governance.selectors.changes import list_waiting_changes
from governance.selectors.held import AgentScope, Held, get_held
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


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What failed for good."""

    mails: int
    hooks: int


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
class LaterTiles:
    """What takes reading the whole draft, or every right that stands; the page asks for it once it is there."""

    review: ReviewDue | None
    policy: PolicyHealth | None


@dataclass(frozen=True, slots=True)
class Later:
    """Which of the tiles that come later this person sees."""

    review: bool
    policy: bool


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
    later: Later | None
    ledger: LedgerHealth | None


def show_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's dashboard callback: adds `home`, None for a person without a workspace."""
    now = get_held(request.user).now or get_now()
    home = _home(request.user, request.GET.get("workspace", ""), now) if isinstance(request.user, User) else None
    return {**context, "home": home, "title": "Home"}


@require_safe
def show_later(request: HttpRequest) -> HttpResponse:
    """The tiles that the page fetches, as list items; none for what the person may not see."""
    held, now = get_held(request.user), get_now()
    found = _place(held.list_reach(*SEEN_BY), request.GET.get("workspace", ""))
    later = _later(held.at(found.pk)) if found is not None else None
    tiles = LaterTiles(
        review=_review(found, now) if found is not None and later is not None and later.review else None,
        policy=_policy(found.pk) if found is not None and later is not None and later.policy else None,
    )
    return TemplateResponse(request, "admin/home_later.html", {"later": tiles})


def _later(permissions: frozenset[str]) -> Later | None:
    found = Later(
        review=not permissions.isdisjoint(("review_access", "view_ledger")),
        policy=not permissions.isdisjoint(("publish_policy", "edit_policy")),
    )
    return found if found.review or found.policy else None


def _place(workspaces: Sequence[Workspace], slug: str) -> Workspace | None:
    return next((workspace for workspace in workspaces if workspace.slug == slug), next(iter(workspaces), None))


def _home(user: User, slug: str, now: datetime) -> HomePage | None:
    held = get_held(user)
    workspaces = held.list_reach(*SEEN_BY)
    found = _place(workspaces, slug)
    if found is None:
        return None
    permissions, agents = held.at(found.pk), held.get_scope(found.pk, "view_requests")
    sees_requests = agents != frozenset()
    counts = count_each(_counted(user, found.pk, permissions, agents, now), most=MAX_COUNT)
    return HomePage(
        workspace=found,
        workspaces=workspaces,
        overview=_overview(user, held, found.pk, now) if sees_requests else None,
        stranded=counts.get("stranded", 0),
        undelivered=Undelivered(counts["mails"], counts["hooks"]) if "mails" in counts else None,
        paused=counts.get("paused", 0),
        exceptions=CaseCounts(counts["open"], counts["overdue"]) if "open" in counts else None,
        changes=ChangesWaiting(count=counts["changes"], by_others=counts["others"]) if "changes" in counts else None,
        later=_later(permissions),
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


def _counted(
    user: User, workspace_id: UUID, permissions: frozenset[str], agents: AgentScope, now: datetime
) -> dict[str, QuerySet[Any, Any]]:
    """What the tiles count, of what the person may see: all by one statement."""
    rows: dict[str, QuerySet[Any, Any]] = {}
    if agents != frozenset():
        cases = open_cases(workspace_id=workspace_id, agents=agents)
        rows |= {"stranded": stranded_rows(workspace_id=workspace_id, agents=agents), "open": cases}
        rows |= {"overdue": cases.filter(due_at__lt=now)}
    if TOLD_OF_WIRES & permissions:
        rows |= {"mails": failed_mails(workspace_id), "hooks": failed_hooks(workspace_id)}
        rows |= {"paused": paused_gates(workspace_id)}
    if CHANGES_SEEN_BY & permissions:
        changes = list_waiting_changes([workspace_id])
        rows |= {"changes": changes, "others": changes.exclude(proposed_by=user.person_id)}
    return rows


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
    lag: Lag = get_lag_behind(head, now=now)
    return LedgerHealth(
        size=(head.size if head else 0) + lag.unsigned + lag.pending,
        unproven=lag.pending + lag.unsigned,
        checkpoint_age=duration_words(now - head.signed_at) if head else "",
        is_late=lag.oldest_age.total_seconds() > LATE_SECONDS,
    )
