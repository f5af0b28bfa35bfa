"""What is broken open now, for every page's head (PRM-10)."""

from dataclasses import dataclass
from uuid import UUID

from audit.selectors.database_clock import DatabaseNow
from governance.domain.break_glass import break_glass_words
from governance.models import BreakGlass, User
from governance.selectors.access import list_workspaces

SEEN_BY = ("view_requests", "break_glass", "countersign_changes", "view_ledger")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGlass:
    """One opening in words, with its end as ISO text."""

    id: UUID
    words: str
    people: str
    until: str


def list_open_glasses(user: User) -> tuple[OpenGlass, ...]:
    """What is open in the workspaces that the person sees, by the database's clock, the soonest to end first."""
    rows = BreakGlass.objects.filter(
        agent__workspace__in=list_workspaces(user, *SEEN_BY), ended_at__isnull=True, expires_at__gt=DatabaseNow()
    )
    joined = rows.select_related("agent", "connection", "asked_by", "countersigned_by").order_by("expires_at")[:20]
    return tuple(_shown(row) for row in joined)


def _shown(row: BreakGlass) -> OpenGlass:
    words = break_glass_words(
        agent=row.agent.name,
        action=row.action,
        object_type=row.object_type,
        record_id=row.record_id,
        connection=row.connection.name,
    )
    people = f"{row.asked_by.name} and {row.countersigned_by.name}"
    return OpenGlass(id=row.pk, words=words, people=people, until=f"{row.expires_at:%H:%M} UTC")
