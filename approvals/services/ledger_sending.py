"""Sending the ledger on: each sink by itself, in the ledger's order, at least once (AUD-05, ADR 0004).

What the other side took moves the watermark; a worker that dies between the two has it sent again. A batch that is
refused is halved until the refused event stands alone: it holds its sink, told on the page, until a person skips it.
"""

import time
from datetime import timedelta
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F, Q

from approvals.adapters.ledger_sinks import BatchRefusedError, SinkUnavailableError, send_batch
from approvals.domain.sink_event import SinkEvent
from approvals.models import LedgerSink
from audit.selectors.clock import get_now
from audit.selectors.events import list_workspace_leaves
from audit.selectors.tree import get_tree_size

LEASE = timedelta(minutes=1)
MOST = 200
_STRIDE = 20_000  # leaves looked at for one batch: other workspaces' lie between
_LONGEST_PAUSE_SECONDS = 300
log = structlog.get_logger(__name__)


def send_ledger_on(*, seconds: float) -> int:
    """Send what is due to every sink, for about `seconds` each; returns how many events went out.

    Never called inside a transaction. A sink that hangs or breaks keeps no other waiting longer than its own time-out.
    """
    return sum(_work(sink_id, ends_at=time.monotonic() + seconds) for sink_id in list_due_sinks())


def list_due_sinks() -> list[UUID]:
    """Sinks that are behind, not paused, not in a pause after an error and in no worker's hands. Two queries."""
    now, size = get_now(), get_tree_size()
    free = Q(taken_until__isnull=True) | Q(taken_until__lte=now)
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = LedgerSink.objects.filter(free, due, is_paused=False, next_leaf__lt=size)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _work(sink_id: UUID, *, ends_at: float) -> int:
    sink = _take(sink_id)
    if sink is None:
        return 0
    sent = 0
    try:
        while (step := _step(sink)) is not None:
            sent += step
            if time.monotonic() >= ends_at:
                break
    except SoftTimeLimitExceeded:
        _put_off(sink, "the worker's time was over")
        _keep(sink, taken_until=None)
        raise
    except Exception:
        log.exception("a sink of the ledger broke its worker", sink=sink.name)
        _put_off(sink, "it broke; the log says more")
    _keep(sink, taken_until=None)
    return sent


def _take(sink_id: UUID) -> LedgerSink | None:
    now = get_now()
    free = Q(taken_until__isnull=True) | Q(taken_until__lte=now)
    rows = LedgerSink.objects.filter(free, pk=sink_id, is_paused=False)
    if not rows.update(taken_until=now + LEASE, epoch=F("epoch") + 1):
        return None
    return LedgerSink.objects.select_related("workspace").get(pk=sink_id)


def _step(sink: LedgerSink) -> int | None:
    """One batch; how many events it had, None when there is nothing more to do now."""
    if not _keep(sink, taken_until=get_now() + LEASE):
        return None  # paused, or another worker's by now
    end = min(get_tree_size(), sink.next_leaf + _STRIDE)
    if end <= sink.next_leaf:
        return None
    events = _read(sink, end)
    if not events:
        return 0 if _keep(sink, next_leaf=end) else None
    try:
        send_batch(sink.kind, sink.address, f"{sink.workspace.slug}/{sink.name}", events)
    except BatchRefusedError as error:
        return _halve(sink, events, str(error))
    except SinkUnavailableError as error:
        _put_off(sink, str(error))
        return None
    return _move_on(sink, events)


def _read(sink: LedgerSink, end: int) -> list[SinkEvent]:
    rows = list_workspace_leaves(
        workspace=sink.workspace.slug, start=sink.next_leaf, end=end, limit=min(sink.batch_size, MOST)
    )
    return [SinkEvent(index, leaf, str(id_), type_, at, body) for index, leaf, id_, type_, at, body in rows]


def _move_on(sink: LedgerSink, events: list[SinkEvent]) -> int:
    """INVARIANT: the watermark moves after the other side has the batch, and only in the hands that sent it."""
    LedgerSink.objects.filter(pk=sink.pk, epoch=sink.epoch).update(sent_count=F("sent_count") + len(events))
    columns = {
        "next_leaf": events[-1].leaf_index + 1,
        "batch_size": min(MOST, sink.batch_size * 2),
        "failures": 0,
        "error": "",
        "refused_leaf": None,
        "not_before": None,
    }
    LedgerSink.objects.filter(pk=sink.pk, epoch=sink.epoch).update(**columns)  # a pause since does not undo it
    for name, value in columns.items():
        setattr(sink, name, value)
    return len(events)


def _halve(sink: LedgerSink, events: list[SinkEvent], words: str) -> int | None:
    if len(events) == 1:
        at = events[0].leaf_index
        words = f"the event of leaf {at} is refused: {words}"
        _put_off(sink, words, batch_size=1, next_leaf=at, refused_leaf=at)
        return None
    return 0 if _keep(sink, batch_size=len(events) // 2) else None


def _put_off(sink: LedgerSink, words: str, *, refused_leaf: int | None = None, **columns: object) -> None:
    """A pause of one second, twice as long each time, five minutes at most. What nobody refused cannot be skipped."""
    pause = timedelta(seconds=min(_LONGEST_PAUSE_SECONDS, 2 ** min(sink.failures, 10)))
    columns |= {"refused_leaf": refused_leaf, "not_before": get_now() + pause}
    _keep(sink, failures=sink.failures + 1, error=words[:200], **columns)


def _keep(sink: LedgerSink, **columns: object) -> bool:
    """Write to the sink while this worker has it and nobody paused it."""
    if not LedgerSink.objects.filter(pk=sink.pk, epoch=sink.epoch, is_paused=False).update(**columns):
        return False
    for name, value in columns.items():
        setattr(sink, name, value)
    return True
