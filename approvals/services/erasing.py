"""Erasing values whose time is up: by class, never what a legal hold covers, every event of it on record (AUD-07).

What remains are commitments: every proof stands. With the events of a request goes what it was judged on, and nobody is
found by it any more; its own row (what was asked, the patch) stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from approvals.selectors.kept_longer import Event, list_held, list_under_way
from approvals.services.forgetting import forget_people, forget_requests
from approvals.services.search_terms import SEARCH
from audit.domain.event import Actor
from audit.selectors.erasable import list_erasable
from audit.selectors.followers import get_next_leaf
from audit.services.erase import erase_values
from governance.models import RetentionRule, Workspace
from governance.services.retention import hold_retention_lock

BATCH = 200
MOST_COUNTED = 5_000
_ACTOR = Actor("system", "retention")


@dataclass(frozen=True, slots=True)
class Due:
    """Of one class: events old enough, of these what a hold keeps, and what is about requests that had not ended then;
    counted up to `MOST_COUNTED`."""

    rule: RetentionRule
    due: int
    held: int
    under_way: int


def erase_due_values(*, now: datetime, most: int = 2_000) -> int:
    """Erase what is due, up to about `most` events; returns how many. Each batch commits alone."""
    erased = 0
    for rule in RetentionRule.objects.select_related("workspace").order_by("pk"):
        after: UUID | None = None
        while erased < most:
            page = _page(rule, now, after)
            if not page:
                break
            erased += _erase(rule, page, now)
            after = page[-1][0]
    return erased


def list_due(workspace: Workspace, *, now: datetime) -> list[Due]:
    """The dry run: what the next turn would erase and what it would leave. Changes nothing."""
    found = []
    for rule in RetentionRule.objects.filter(workspace=workspace).select_related("workspace").order_by("event_class"):
        page = _page(rule, now, None, limit=MOST_COUNTED)
        held, under_way = list_held(workspace, page), list_under_way(page, before=_before(rule, now))
        found.append(Due(rule, len(page), len(held), len(under_way - held)))
    return found


def _page(rule: RetentionRule, now: datetime, after: UUID | None, *, limit: int = BATCH) -> list[Event]:
    """INVARIANT: what the search does not know yet is not erased, for a hold is found by search terms."""
    return list_erasable(
        workspaces=_reach(rule),
        event_class=rule.event_class,
        before=_before(rule, now),
        below_leaf=get_next_leaf(SEARCH.name),
        after=after,
        limit=limit,
    )


def _reach(rule: RetentionRule) -> tuple[str, ...]:
    """Its workspace; the rule that keeps a class longest is of what is of no workspace too, like refused logins."""
    longer = RetentionRule.objects.filter(event_class=rule.event_class, days__gt=rule.days)
    return (rule.workspace.slug,) if longer.exists() else (rule.workspace.slug, "")


def _erase(rule: RetentionRule, page: Sequence[Event], now: datetime) -> int:
    """INVARIANT: holds are read under the lock that placing one takes."""
    with transaction.atomic():
        hold_retention_lock(rule.workspace_id)
        kept = list_held(rule.workspace, page) | list_under_way(page, before=_before(rule, now))
        ids = [event_id for event_id, _ in page if event_id not in kept]
        if rule.event_class == "request":
            forget_requests(rule.workspace, {subject for event_id, subject in page if event_id not in kept})
        else:
            forget_people(rule.workspace, ids)
        reference = f"retention-{rule.workspace.slug}-{rule.event_class}"
        return erase_values(
            event_ids=ids, actor=_ACTOR, reason_code="retention", correlation_id=reference[:120], now=now
        )


def _before(rule: RetentionRule, now: datetime) -> datetime:
    return now - timedelta(days=rule.days)
