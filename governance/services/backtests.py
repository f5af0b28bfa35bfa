"""Backtests as jobs: the row is the job, taken by one worker at a time, resumable and cancellable (POL-06)."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q

from audit.domain.canonical import digest as canonical_digest
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.events import list_events
from audit.services.append import append_event
from governance.domain.backtest import Tally, summarize
from governance.models import PolicyBacktest, PolicyVersion, Workspace
from governance.selectors.compilation import compile_policy, encode_document
from governance.selectors.releases import get_digests_in_force

MAX_DAYS = 365
LEASE = timedelta(seconds=60)
_OPEN = ("waiting", "running")


class BacktestError(Exception):
    """A backtest cannot be started, or what it says cannot be relied on."""

    code = "backtest_refused"


class BacktestTamperedError(BacktestError):
    """The stored result is not the one that was recorded when the backtest ended."""

    code = "backtest_tampered"


def start_backtest(
    *, workspace_id: uuid.UUID, person_id: uuid.UUID, days: int, now: datetime, version_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Queue a replay of the last `days` days against a version, or against the rows as they are. Returns its id.

    Commits the row; a worker does the rest. Raises BacktestError, Workspace.DoesNotExist, PolicyVersion.DoesNotExist.
    """
    if not 1 <= days <= MAX_DAYS:
        raise BacktestError(f"choose between 1 and {MAX_DAYS} days")
    document = _document(workspace_id, version_id)
    row = PolicyBacktest.objects.create(
        workspace_id=workspace_id,
        digest=f"sha256:{hashlib.sha256(document).hexdigest()}",
        document=document,
        bases=get_digests_in_force(workspace_id),
        days=days,
        since=now - timedelta(days=days),
        until=now,
        started_by_id=person_id,
        created_at=now,
    )
    return row.pk


def cancel_backtest(*, backtest_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> bool:
    """Stop it where it is; False when it had ended. The worker notices at its next step.

    Commits it and `policy.backtest_cancelled`. Raises PolicyBacktest.DoesNotExist, LedgerUnavailableError.
    """
    with transaction.atomic():
        row = PolicyBacktest.objects.defer("document").select_for_update().get(pk=backtest_id)
        if row.state not in _OPEN:
            return False
        row.state, row.finished_at, row.taken_until = "cancelled", now, None
        row.save(update_fields=["state", "finished_at", "taken_until"])
        data = {"digest": row.digest, "days": row.days, "done": row.done, "total": row.total}
        append_event(_event(row, "policy.backtest_cancelled", person_id, data), now=now)
    return True


def take_backtest(*, now: datetime) -> PolicyBacktest | None:
    """The oldest due job, taken for LEASE by whoever calls; None when nothing is due or another worker was faster."""
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    due = PolicyBacktest.objects.filter(free, state__in=_OPEN).order_by("created_at").first()
    if due is None:
        return None
    taken = PolicyBacktest.objects.filter(free, pk=due.pk, state__in=_OPEN, cursor=due.cursor)
    if due.cursor is None:
        taken = PolicyBacktest.objects.filter(free, pk=due.pk, state__in=_OPEN, cursor__isnull=True)
    if not taken.update(state="running", taken_until=now + LEASE):
        return None
    due.state, due.taken_until = "running", now + LEASE
    return due


def read_tally(row: PolicyBacktest) -> Tally:
    return msgspec.convert(row.tally, Tally)


def save_progress(row: PolicyBacktest, *, cursor: uuid.UUID, tally: Tally, done: int, now: datetime) -> bool:
    """Note how far it came; False when it was cancelled or another worker took it over, who then goes on."""
    ours = PolicyBacktest.objects.filter(pk=row.pk, state="running", taken_until=row.taken_until)
    columns: dict[str, Any] = {"cursor": cursor, "done": done, "taken_until": now + LEASE}
    if not ours.update(tally=msgspec.to_builtins(tally), **columns):
        return False
    for name, value in columns.items():
        setattr(row, name, value)
    return True


def note_total(row: PolicyBacktest, total: int) -> None:
    """How many requests there are to replay, for the progress bar."""
    PolicyBacktest.objects.filter(pk=row.pk).update(total=total)
    row.total = total


def release_backtest(row: PolicyBacktest) -> None:
    """Give it back unfinished, so that the next worker need not wait for the lease to end."""
    PolicyBacktest.objects.filter(pk=row.pk, taken_until=row.taken_until).update(taken_until=None)


def fail_backtest(row: PolicyBacktest, *, error: str, now: datetime) -> None:
    """End it without a result."""
    PolicyBacktest.objects.filter(pk=row.pk, state="running").update(
        state="failed", error=error[:200], finished_at=now, taken_until=None
    )


def finish_backtest(row: PolicyBacktest, *, tally: Tally, now: datetime) -> bool:
    """Keep the result and its digest, and say both to the ledger, in one transaction. False when it was cancelled."""
    result = summarize(tally, days=row.days)
    result_digest = canonical_digest(result)
    with transaction.atomic():
        ours = PolicyBacktest.objects.filter(pk=row.pk, state="running", taken_until=row.taken_until)
        if not ours.update(state="done", result=result, result_digest=result_digest, finished_at=now, taken_until=None):
            return False
        append_event(_event(row, "policy.backtested", row.started_by_id, _told(row, result, result_digest)), now=now)
    return True


def ensure_intact(row: PolicyBacktest) -> None:
    """Raises BacktestTamperedError unless row, result and ledger agree, byte for byte."""
    if canonical_digest(row.result) != row.result_digest:
        raise BacktestTamperedError("the backtest's result is not what was kept when it ended: run it again")
    events = list_events(subject=Subject("policy_backtest", str(row.pk)), type="policy.backtested", limit=1)
    said = events[0].data if events else {}
    if (said.get("result"), said.get("digest"), said.get("bases")) != (row.result_digest, row.digest, row.bases):
        raise BacktestTamperedError("the ledger does not know this backtest's result: run it again")


def _document(workspace_id: uuid.UUID, version_id: uuid.UUID | None) -> bytes:
    if version_id is not None:
        return bytes(PolicyVersion.objects.get(pk=version_id, workspace_id=workspace_id).document)
    compilation = compile_policy(workspace_id=workspace_id)
    if compilation.errors:
        raise BacktestError("mend the rows first: a draft that contradicts itself cannot be asked")
    return encode_document(compilation.document)


def _told(row: PolicyBacktest, result: dict[str, Any], result_digest: str) -> dict[str, Any]:
    counts = ("replayed", "undecidable", "denied", "gated", "automatic", "otherwise", "reverted")
    return {
        "digest": row.digest,
        "bases": row.bases,
        "days": row.days,
        "result": result_digest,
        "counts": {name: result[name] for name in counts},
    }


def _event(row: PolicyBacktest, type_: str, person_id: uuid.UUID, data: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=row.workspace_id),
        actor=Actor("human", str(person_id)),
        subject=Subject("policy_backtest", str(row.pk)),
        correlation_id=row.digest[:80],
        data=data,
    )
