"""What people put off, and until when."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from approvals.domain.status import Status
from approvals.models import Snooze
from approvals.selectors.of_agents import requests_of
from audit.selectors.database_clock import DatabaseNow
from governance.selectors.held import AgentScope

MAX_LISTED = 200


def is_snoozed(person_id: UUID) -> Exists:
    """Whether a request (the outer query) is put off by this person at this moment, by the database's clock."""
    return Exists(Snooze.objects.filter(request=OuterRef("pk"), person_id=person_id, until__gt=DatabaseNow()))


def list_snoozes(
    *, workspace_id: UUID, person_id: UUID | None, now: datetime, agents: AgentScope = None
) -> list[Snooze]:
    """What this person put off and is still pending, the first to return first. One query."""
    if person_id is None:
        return []
    rows = Snooze.objects.filter(
        requests_of(agents, "request__"),
        person_id=person_id,
        until__gt=now,
        request__workspace=workspace_id,
        request__status=Status.PENDING,
    ).select_related("request__connection", "request__agent", "request__person", "request__workspace")
    return list(rows.order_by("until", "id")[:MAX_LISTED])
