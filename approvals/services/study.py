"""Study: work that no agent waits for: backtests, shadow runs, imports, schemas. One turn of the background worker."""

from collections.abc import Callable
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from approvals.services.backtest import run_backtest
from approvals.services.shadow import run_shadows
from crm_connectors.services.address_change import work_on_address_changes
from crm_connectors.services.opt_outs import work_on_opt_outs
from crm_connectors.services.sandbox_filling import work_on_copies
from crm_connectors.services.schema_sync_work import work_on_syncs
from governance.services.dnc_import_work import work_on_imports

log = structlog.get_logger(__name__)


def study(*, seconds: float) -> bool:
    """An address that two people agreed on, the oldest opt-out that a CRM told of, the oldest schema sync, a page of
    the oldest sandbox copy, a step of every shadow run, about `seconds` each of the oldest import and the oldest
    backtest; whether there is more to do at once.

    An error in one duty is logged and keeps no other waiting; it is tried again in the next turn. Never called inside
    a transaction.
    """
    duties: tuple[tuple[str, Callable[[], bool | int]], ...] = (
        ("address changes", work_on_address_changes),
        ("opt-outs", work_on_opt_outs),
        ("schema syncs", work_on_syncs),
        ("sandbox copies", work_on_copies),
        ("shadow runs", run_shadows),
        ("imports", partial(work_on_imports, seconds=seconds)),
        ("backtests", partial(run_backtest, seconds=seconds)),
    )
    busy = [_guard(name, duty) for name, duty in duties]  # every duty has its turn
    return any(busy)


def _guard(name: str, duty: Callable[[], bool | int]) -> bool:
    try:
        return bool(duty())
    except SoftTimeLimitExceeded:
        raise  # this worker ends
    except Exception:
        log.exception("a duty of the background failed", duty=name)
        return False
