"""Study: work that no agent waits for, backtests, shadow runs and imports. One turn of the background worker."""

from approvals.services.backtest import run_backtest
from approvals.services.shadow import run_shadows
from governance.services.dnc_import_work import work_on_imports


def study(*, seconds: float) -> bool:
    """A step of every shadow run, about `seconds` each of the oldest import and the oldest backtest; whether there is
    more to do at once.

    Never called inside a transaction.
    """
    judged = run_shadows()
    is_importing = work_on_imports(seconds=seconds)
    return run_backtest(seconds=seconds) or is_importing or judged > 0
