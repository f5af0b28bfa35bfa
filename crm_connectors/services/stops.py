"""What people have stopped, asked once more between two writes of one operation (KIL-01).

The caller's gates lie before a send. A connector that needs two calls asks here before the second: whatever was engaged
since the first holds it. What was in force before is the caller's to judge, who may have let it through.
"""

from uuid import UUID

from django.db.models import Q

from governance.domain.vocabulary import SwitchKind
from governance.models import Connection, KillSwitch

_FOR_ALL = (SwitchKind.ALL, SwitchKind.WRITE_BACK)
_FOR_AGENTS = (SwitchKind.READ_ONLY, SwitchKind.AGENT)


class RowStops:
    """One connection's workspace. See `crm_connectors.wiring.Stops`."""

    def __init__(self, connection_id: UUID) -> None:
        self._connection_id = connection_id

    def in_force(self, actor: str) -> frozenset[UUID]:
        """One query."""
        workspace = Connection.objects.filter(pk=self._connection_id).values("workspace_id")
        own = Q(kind__in=_FOR_AGENTS) & (Q(agent=None) | Q(agent__name=actor))
        concerned = Q(kind__in=_FOR_ALL) if actor.startswith("person:") else Q(kind__in=_FOR_ALL) | own
        rows = KillSwitch.objects.filter(concerned, workspace_id__in=workspace, lifted_at=None)
        return frozenset(rows.values_list("pk", flat=True))
