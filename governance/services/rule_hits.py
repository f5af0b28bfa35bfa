"""How often each rule and each frequency cap matched: counted on from the ledger when somebody looks.

No decision waits for a row.
"""

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from audit.selectors.events import list_data_after
from governance.models import RuleTally, RuleTallyMark, Workspace

_PAGE = 5_000
_SETTLING = timedelta(seconds=30)  # an id is given before the commit: younger events may still get older neighbours
_RULE, _CAP = "rule:", "frequency:"


def count_rule_hits(*, workspace_id: uuid.UUID, now: datetime) -> int:
    """Count the decisions since the last look, 5,000 at most; returns how many were read. Commits once.

    Of two at once the second waits for the first one's mark. Raises Workspace.DoesNotExist.
    """
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=workspace_id)
        mark = RuleTallyMark.objects.filter(workspace=workspace).first()
        events = list_data_after(
            type="request.decided",
            workspace=workspace.slug,
            after=mark.event_id if mark is not None else None,
            until=now - _SETTLING,
            limit=_PAGE,
        )
        if not events:
            return 0
        hits: Counter[str] = Counter()
        latest: dict[str, datetime] = {}
        for _, at, data in events:
            for key in _matched(data):
                hits[key] += 1
                latest[key] = at
        _add(workspace, hits, latest)
        RuleTallyMark.objects.update_or_create(workspace=workspace, defaults={"event_id": events[-1][0]})
    return len(events)


def _matched(data: dict[str, Any]) -> set[str]:
    """Keys of rules as they are, those of frequency caps with their prefix. A check that failed is no match."""
    reasons = data.get("reasons") or ()
    told = {reason["check"] for reason in reasons if reason["code"].startswith("rule_")}
    rules = {check.removeprefix(_RULE) for check in told if check.startswith(_RULE)}
    return rules | {reason["check"] for reason in reasons if reason["check"].startswith(_CAP)}


def _add(workspace: Workspace, hits: Counter[str], latest: dict[str, datetime]) -> None:
    known = {row.key: row for row in RuleTally.objects.filter(workspace=workspace, key__in=hits)}
    for key, row in known.items():
        row.hits = F("hits") + hits[key]
        row.last_hit_at = latest[key]
    RuleTally.objects.bulk_update(known.values(), ["hits", "last_hit_at"])
    RuleTally.objects.bulk_create(
        RuleTally(workspace=workspace, key=key, hits=count, last_hit_at=latest[key])
        for key, count in hits.items()
        if key not in known
    )
