"""Study: work that no agent waits for: backtests, shadow runs, imports, schemas. One turn of the background worker."""

from approvals.services.backtest import run_backtest
from approvals.services.shadow import run_shadows
from crm_connectors.services.opt_outs import work_on_opt_outs
from crm_connectors.services.schema_sync_work import work_on_syncs
from governance.services.dnc_import_work import work_on_imports


def study(*, seconds: float) -> bool:
    """The oldest opt-out that a CRM told of, the oldest schema sync, a step of every shadow run, about `seconds` each
    of the oldest import and the oldest backtest; whether there is more to do at once.

    Never called inside a transaction.
    """
    is_listing = work_on_opt_outs()
    is_syncing = work_on_syncs()
    judged = run_shadows()
    is_importing = work_on_imports(seconds=seconds)
    return run_backtest(seconds=seconds) or is_importing or is_syncing or is_listing or judged > 0
