"""Working off backtests: a slice at a time, so that a killed worker loses at most one step (POL-06)."""

import time

import structlog

from approvals.selectors.past_requests import PastRow, decided_requests, decode_past, read_past
from audit.selectors.clock import get_now
from governance.domain.backtest import Tally, count_request
from governance.domain.index import PolicyIndex, compile_index
from governance.models import PolicyBacktest
from governance.selectors.compilation import decode_document
from governance.selectors.policy import get_policy_index_by_digest
from governance.services.backtests import (
    fail_backtest,
    finish_backtest,
    note_total,
    read_tally,
    release_backtest,
    save_progress,
    take_backtest,
)

log = structlog.get_logger(__name__)

STEP = 500


def run_backtest(*, seconds: float) -> bool:
    """Take the oldest due backtest and work on it for about `seconds`; False when none is due.

    Never called inside a transaction: each step of STEP requests commits by itself.
    """
    row = take_backtest(now=get_now())
    if row is None:
        return False
    try:
        _work(row, ends_at=time.monotonic() + seconds)
    except Exception as error:
        log.exception("backtest broke", backtest=str(row.pk))
        fail_backtest(row, error=type(error).__name__, now=get_now())
    return True


def _work(row: PolicyBacktest, *, ends_at: float) -> None:
    draft, bases = _indexes(row)
    requests = decided_requests(row.workspace_id, since=row.since, until=row.until)
    if row.total is None:
        note_total(row, requests.count())
    tally = read_tally(row)
    while time.monotonic() < ends_at:
        page = read_past(requests, after=row.cursor, limit=STEP)
        if not page:
            finish_backtest(row, tally=tally, now=get_now())
            return
        _replay(tally, page, draft, bases)
        if not save_progress(row, cursor=page[-1][0], tally=tally, done=row.done + len(page), now=get_now()):
            return  # cancelled, or taken over
    release_backtest(row)


def _replay(tally: Tally, page: list[PastRow], draft: PolicyIndex, bases: dict[str, PolicyIndex]) -> None:
    for request in decode_past(page):
        count_request(tally, request, draft=draft, bases=bases)


def _indexes(row: PolicyBacktest) -> tuple[PolicyIndex, dict[str, PolicyIndex]]:
    found = {environment: get_policy_index_by_digest(digest) for environment, digest in row.bases.items()}
    bases = {environment: index for environment, index in found.items() if index is not None}
    return compile_index(decode_document(bytes(row.document)), version=row.digest), bases
