"""Study: what is judged for people's eyes only, backtests and shadow runs. One turn of the background worker."""

from approvals.services.backtest import run_backtest
from approvals.services.shadow import run_shadows


def study(*, seconds: float) -> bool:
    """One step of every shadow run, then about `seconds` of the oldest backtest; whether there is more to do at once.

    Never called inside a transaction.
    """
    judged = run_shadows()
    return run_backtest(seconds=seconds) or judged > 0
