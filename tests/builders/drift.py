"""Drift in tests: what the background does, one turn, later than now by as much as a test says."""

from datetime import timedelta

from approvals.models import DriftFinding
from approvals.services.drift import judge_drift
from approvals.services.overwrites import watch_overwrites
from audit.selectors.clock import get_now
from crm_connectors.models import ChangeWatch
from crm_connectors.services.observing import EVERY, observe_changes


def begin_watch() -> None:
    """Watched from now on; what lies before is nobody's fault."""
    observe_changes(now=get_now())


def sweep(*, later: timedelta = EVERY) -> int:
    """Every watch is due: look, judge, and look after agents' values. Returns how many changes were judged."""
    ChangeWatch.objects.update(next_look_at=get_now())
    observe_changes(now=get_now())
    judged = judge_drift(now=get_now())
    watch_overwrites(now=get_now() + later)
    return judged


def origins() -> list[tuple[str, str]]:
    """Field and origin of every finding, in the order of the changes."""
    rows = DriftFinding.objects.order_by("change__changed_at", "change__field")
    return list(rows.values_list("change__field", "origin"))
