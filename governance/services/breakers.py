"""Circuit breakers: opened by figures, closed by good probes or by a person; each step with its event (LIM-04)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.breaker import Tally, half_opens_at
from governance.domain.breaker_words import figures
from governance.domain.document import BreakerRule
from governance.models import BreakerState, Workspace
from governance.selectors.access import ensure_may
from governance.services.switch_lock import hold_exclusive

WATCH = Actor("system", "breakers")


class BreakerError(ValueError):
    """The breaker cannot be reset like this."""

    code = "breaker_refused"


def note_tallies(*, workspace_id: UUID, tallies: Mapping[str, tuple[Tally, datetime]], now: datetime) -> None:
    """Keep what was counted, breaker → figures and since when; new breakers get their row. Four queries at most."""
    known = {row.name: row for row in BreakerState.objects.filter(workspace_id=workspace_id, name__in=tallies)}
    fresh, changed = [], []
    for name, (tally, since) in tallies.items():
        row = known.get(name)
        if row is None:
            row = BreakerState(workspace_id=workspace_id, name=name)
            fresh.append(row)
        elif (row.calls, row.bad) != (tally.calls, tally.bad):
            changed.append(row)
        row.calls, row.bad, row.counted_since = tally.calls, tally.bad, since
    BreakerState.objects.bulk_create(fresh, ignore_conflicts=True)
    BreakerState.objects.bulk_update(changed, ["calls", "bad", "counted_since"])
    BreakerState.objects.filter(workspace_id=workspace_id, name__in=tallies).update(looked_at=now)


def open_breaker(
    *, workspace_id: UUID, rule: BreakerRule, version: str, tally: Tally, expected: datetime | None, now: datetime
) -> bool:
    """Open it, or open it again after a bad probe, if it still stands as `expected`; False when it does not.

    INVARIANT: once this has returned, no claim commits that did not see it open: it takes the kill lock alone.
    Commits state and event. `version` is the digest of the policy that says so.
    """
    why = figures(rule, tally)
    with transaction.atomic():
        hold_exclusive()
        columns = {"opened_at": now, "half_opened_at": None, "why": why, "policy_version": version}
        if not _move(workspace_id, rule.name, expected, **columns):
            return False
        data = {
            "signal": rule.signal,
            "calls": tally.calls,
            "bad": tally.bad,
            "policy_version": version,
            "after_probes": expected is not None,
            "half_opens_at": half_opens_at(rule, now).isoformat(),
        }
        _append("breaker.opened", workspace_id, rule.name, WATCH, data, reason=why, now=now)
    return True


def note_half_open(*, workspace_id: UUID, name: str, opened_at: datetime, now: datetime) -> bool:
    """Put on record that probes are let through; enforcement needs no record of it. Commits once."""
    with transaction.atomic():
        rows = BreakerState.objects.filter(workspace_id=workspace_id, name=name, opened_at=opened_at)
        if not rows.filter(half_opened_at__isnull=True).update(half_opened_at=now):
            return False
        _append("breaker.half_opened", workspace_id, name, WATCH, {}, now=now)
    return True


def close_breaker(
    *, workspace_id: UUID, name: str, expected: datetime, tally: Tally, cause: str, now: datetime
) -> bool:
    """Close it after good probes (`probes`), or because policy knows it no more (`withdrawn`). Commits once."""
    with transaction.atomic():
        if not _move(workspace_id, name, expected, opened_at=None, half_opened_at=None, closed_at=now):
            return False
        data = {"calls": tally.calls, "bad": tally.bad, "cause": cause}
        _append("breaker.closed", workspace_id, name, WATCH, data, now=now)
    return True


def reset_breaker(*, state_id: UUID, reason: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Close it on a person's word. Counting begins anew. Commits state and event together.

    Raises BreakerError, NotAllowedError (`lift_switches` is needed), LedgerUnavailableError.
    """
    state = BreakerState.objects.filter(pk=state_id).first()
    if state is None:
        raise BreakerError("no such circuit breaker")
    ensure_may(user_id=user_id, permission="lift_switches", workspace_id=state.workspace_id)
    if not reason.strip():
        raise BreakerError("say why")
    with transaction.atomic():
        opened_at = state.opened_at
        columns = {"opened_at": None, "half_opened_at": None, "closed_at": now}
        if opened_at is None or not _move(state.workspace_id, state.name, opened_at, **columns):
            raise BreakerError("the circuit breaker is closed already")
        data = {"opened_at": opened_at.isoformat()}
        _append("breaker.reset", state.workspace_id, state.name, actor, data, reason=reason.strip(), now=now)


def list_orphans(*, workspace_id: UUID, names: Collection[str]) -> list[tuple[str, datetime]]:
    """Breakers that are not closed though no policy in force names them, each with when it opened. One query."""
    rows = BreakerState.objects.filter(workspace_id=workspace_id, opened_at__isnull=False).exclude(name__in=names)
    return [(name, opened_at) for name, opened_at in rows.values_list("name", "opened_at") if opened_at is not None]


def _move(workspace_id: UUID, name: str, expected: datetime | None, **columns: Any) -> bool:
    rows = BreakerState.objects.filter(workspace_id=workspace_id, name=name)
    found = rows.filter(opened_at__isnull=True) if expected is None else rows.filter(opened_at=expected)
    return bool(found.update(**columns))


def _append(
    kind: str, workspace_id: UUID, name: str, actor: Actor, data: dict[str, Any], *, now: datetime, reason: str = ""
) -> None:
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=workspace_id)
    event = NewEvent(
        type=kind,
        workspace=slug,
        actor=actor,
        subject=Subject("breaker", name),
        correlation_id=f"breaker-{name}",
        data={"breaker": name, **data},
        values={"reason": reason} if reason else {},
    )
    append_event(event, now=now)
