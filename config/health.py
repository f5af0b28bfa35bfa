"""Is this installation ready to serve? One check for each thing; an error in a check is a red check (OPS-01)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from approvals.selectors.ledger_sinks import get_sink_lags
from approvals.selectors.workload import get_due_oldest_seconds
from audit.selectors.clock import get_now
from audit.selectors.lag import get_ledger_lag
from audit.services.anchor import AnchorError, check_anchor

MAX_LEDGER_LAG_SECONDS = 5
MAX_DUE_SECONDS = 60

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `/readyz`. `detail` is for people; it never holds a secret or a foreign message."""

    name: str
    ok: bool
    detail: str


def run_checks() -> list[Check]:
    """Every check. Without a database the others are not tried: each would wait for it again."""
    first, *others = CHECKS.items()
    database = _guarded(*first)
    if not database.ok:
        return [database, *(Check(name, ok=False, detail="not checked") for name, _check in others)]
    return [database, *(_guarded(name, check) for name, check in others)]


def as_json(checks: list[Check]) -> dict[str, Any]:
    """The body of `/readyz`."""
    return {"ready": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}


def list_unapplied_migrations() -> list[str]:
    """Names of migrations that the code has and the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _guarded(name: str, check: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = check()
    except Error:
        logger.exception("readiness.check_failed", check=name)
        return Check(name, ok=False, detail="the database did not answer")
    return Check(name, ok=ok, detail=detail)


def _database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,), "answers"


def _migrations() -> tuple[bool, str]:
    unapplied = list_unapplied_migrations()
    return not unapplied, f"{len(unapplied)} to apply" if unapplied else "all applied"


def _ledger() -> tuple[bool, str]:
    lag = get_ledger_lag(now=get_now())
    try:
        anchor = check_anchor()
    except AnchorError:
        return False, "the anchor cannot be read"
    if anchor.is_behind:
        return False, anchor.words
    return lag.lag_seconds <= MAX_LEDGER_LAG_SECONDS, f"{lag.tree_size} leaves, {lag.lag_seconds:.1f} s behind"


def _work() -> tuple[bool, str]:
    waiting = get_due_oldest_seconds(now=get_now())
    return waiting <= MAX_DUE_SECONDS, f"oldest due work waits {waiting:.0f} s"


def _sinks() -> tuple[bool, str]:
    """Told and never red: what is behind catches up, and no request waits for it."""
    behind = [f"{name} {lag}" for name, lag in sorted(get_sink_lags().items()) if lag]
    return True, f"behind: {', '.join(behind)}" if behind else "none behind"


CHECKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "database": _database,
    "migrations": _migrations,
    "ledger": _ledger,
    "work": _work,
    "sinks": _sinks,
}
