"""What each agent usually does, for people who draw lines (LIM-05)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from governance.models import Agent, KillSwitch, Workspace


@dataclass(frozen=True, slots=True)
class Usual:
    """`per_hour` is None while the agent is new. `is_stopped` by whomever."""

    agent: str
    per_hour: int | None
    is_stopped: bool


def list_usual(workspaces: Iterable[Workspace]) -> list[Usual]:
    """The agents of these workspaces, by name. One query."""
    stops = KillSwitch.objects.filter(agent=OuterRef("pk"), lifted_at__isnull=True)
    rows = Agent.objects.filter(workspace__in=workspaces).annotate(is_stopped=Exists(stops)).order_by("name")
    return [Usual(*row) for row in rows.values_list("name", "baseline__per_hour", "is_stopped")]
