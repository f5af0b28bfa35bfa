"""Is anything stopped or broken open at all? Every page's header asks this first: mostly it need not ask what."""

from dataclasses import dataclass

from django.db.models import Exists

from audit.selectors.database_clock import DatabaseNow
from governance.models import BreakerState, BreakGlass, KillSwitch, Workspace


@dataclass(frozen=True, slots=True)
class InForce:
    """Whether there is one in any workspace; who may see it is asked with the thing itself."""

    switches: bool
    breakers: bool
    glasses: bool


def get_in_force() -> InForce:
    """What to look for in detail. One query."""
    asked = Workspace.objects.order_by("pk").values_list(
        Exists(KillSwitch.objects.filter(lifted_at__isnull=True)),
        Exists(BreakerState.objects.filter(opened_at__isnull=False)),
        Exists(BreakGlass.objects.filter(ended_at__isnull=True, expires_at__gt=DatabaseNow())),
    )
    return InForce(*(asked.first() or (False, False, False)))
