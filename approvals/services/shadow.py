"""Judging live requests by a draft, after their commit and off the hot path; nothing of it is enforced (POL-06)."""

import uuid
from datetime import datetime, timedelta

from approvals.models import AgentActionRequest
from approvals.selectors.past_requests import decode_past, read_past
from audit.selectors.clock import get_now
from governance.domain.backtest import PastRequest, compare_decisions
from governance.domain.golden import decide_stored
from governance.domain.index import PolicyIndex, compile_index
from governance.domain.vocabulary import ActorType
from governance.models import ShadowRun
from governance.selectors.compilation import decode_document
from governance.selectors.policy import get_policy_indexes
from governance.services.shadow import SeenDifference, release_shadow, save_shadow, take_shadow

STEP = 200
# Ids are made before the commit: what is younger than this may still be overtaken by an older id.
SETTLING = timedelta(seconds=5)
# A request that no worker has decided by then is passed over.
PATIENCE = timedelta(minutes=10)


def run_shadows() -> int:
    """Judge what every shadow run has not seen yet, one step each; returns how many requests were judged."""
    judged, passed = 0, list[uuid.UUID]()
    while (run := take_shadow(now=get_now(), passed=passed)) is not None:
        passed.append(run.pk)
        judged += _step(run, now=get_now())
    return judged


def _step(run: ShadowRun, *, now: datetime) -> int:
    requests = AgentActionRequest.objects.filter(
        workspace_id=run.workspace_id, actor_type=ActorType.AGENT, created_at__lt=now - SETTLING
    )
    waiting = requests.filter(id__gt=run.cursor, outcome="", created_at__gte=now - PATIENCE)
    undecided = waiting.order_by("id").values_list("id", flat=True).first()
    if undecided is not None:
        requests = requests.filter(id__lt=undecided)
    page = read_past(requests.exclude(outcome=""), after=run.cursor, limit=STEP)
    if not page:
        release_shadow(run)
        return 0
    draft = compile_index(decode_document(bytes(run.document)), version=run.digest)
    live = get_policy_indexes(run.workspace_id)
    found = [difference for past in decode_past(page) if (difference := _compare(past, draft, live)) is not None]
    is_kept = save_shadow(run, cursor=page[-1][0], judged=len(page), differences=found, now=now)
    return len(page) if is_kept else 0


def _compare(past: PastRequest, draft: PolicyIndex, live: dict[str, PolicyIndex]) -> SeenDifference | None:
    index = live.get(past.facts.connection.environment)
    compared = compare_decisions(draft, index, past.facts)
    if not compared.change:
        return None
    return SeenDifference(
        request_id=uuid.UUID(past.id),
        agent=past.agent,
        about=past.about,
        change=compared.change,
        live=_told(index, past),
        draft=_told(draft, past),
    )


def _told(index: PolicyIndex | None, past: PastRequest) -> dict[str, object]:
    """One decision as it is kept: outcome, and what every check that shaped it said."""
    decision = decide_stored(index, past.facts) if index is not None else None
    if decision is None:
        return {"outcome": "deny", "reasons": []}
    reasons = [{"check": c.check, "code": c.code, "field": c.field, "message": c.message} for c in decision.reasons]
    return {"outcome": decision.outcome, "reasons": reasons}
