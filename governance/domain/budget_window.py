"""Windows of budgets: fixed, aligned to UTC, so that one counter per window is exact under any interleaving."""

from datetime import UTC, datetime, timedelta

from governance.domain.vocabulary import BudgetWindow

SECONDS: dict[str, int] = {BudgetWindow.MINUTE: 60, BudgetWindow.HOUR: 3_600, BudgetWindow.DAY: 86_400}


def window_start(window: str, now: datetime) -> datetime:
    """When the window that holds `now` began. Raises KeyError for an unknown window."""
    length = SECONDS[window]
    return datetime.fromtimestamp(now.timestamp() // length * length, UTC)


def window_end(window: str, now: datetime) -> datetime:
    """When the window that holds `now` ends and the next one begins."""
    return window_start(window, now) + timedelta(seconds=SECONDS[window])


def a_window(window: str) -> str:
    """The window with its article, for sentences."""
    return f"an {window}" if window == BudgetWindow.HOUR else f"a {window}"
