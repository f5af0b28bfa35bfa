"""What was found of drift: counts, evidence of an incident, and whom a CRM names for what is proved to be ours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from approvals.domain.drift import BY_WAY_OF, Origin, Proven
from approvals.domain.incident import IncidentState
from approvals.models import DriftFinding, DriftMark, Incident


@dataclass(frozen=True, slots=True)
class Evidence:
    """One change behind an incident: where, when, by which login or app of the CRM. Never what."""

    connection: str
    object_type: str
    record_id: str
    field: str
    writer: str
    changed_at: datetime
    seen_at: datetime


def list_learnt_writers(connection_id: UUID) -> frozenset[str]:
    """Writers of changes that an attempt explains by its own key. One query."""
    rows = DriftFinding.objects.filter(connection_id=connection_id, origin=Origin.EXPLAINED)
    named = rows.exclude(change__operation_key="").exclude(change__writer="")
    return frozenset(named.order_by().values_list("change__writer", flat=True).distinct())


def list_proven(connection_id: UUID, object_type: str, moments: Collection[tuple[str, datetime]]) -> list[Proven]:
    """What was explained of these records from these moments on, as long as a value may follow an empty one. One
    query."""
    begin, end = min(at for _, at in moments), max(at for _, at in moments) + BY_WAY_OF
    rows = DriftFinding.objects.filter(
        connection_id=connection_id,
        origin=Origin.EXPLAINED,
        request__isnull=False,
        change__object_type=object_type,
        change__record_id__in={record_id for record_id, _ in moments},
        change__changed_at__range=(begin, end),
    ).exclude(change__field="")
    columns = ("change__record_id", "change__field", "change__writer", "change__changed_at", "request_id")
    return [
        Proven(record_id=record_id, field=field, writer=writer, at=at, request=str(request_id))
        for record_id, field, writer, at, request_id in rows.values_list(*columns)
    ]


def count_origins(workspace_id: UUID, *, since: datetime) -> dict[UUID, dict[str, int]]:
    """Findings since then, by connection and origin. One query."""
    rows = DriftFinding.objects.filter(workspace_id=workspace_id, found_at__gte=since)
    counted: dict[UUID, dict[str, int]] = {}
    for connection_id, origin, count in rows.order_by().values_list("connection_id", "origin").annotate(n=Count("pk")):
        counted.setdefault(connection_id, {})[origin] = count
    return counted


def list_marks(connection_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Until when everything that was seen at these connections is judged. One query."""
    return dict(DriftMark.objects.filter(pk__in=connection_ids).values_list("pk", "judged_until"))


def list_evidence(incident_id: UUID, limit: int = 50) -> list[Evidence]:
    """The newest of what an incident rests on. One query."""
    rows = DriftFinding.objects.filter(incident_id=incident_id).order_by("-change__changed_at")
    columns = ("connection__name", "change__object_type", "change__record_id", "change__field", "change__writer")
    return [Evidence(*row) for row in rows.values_list(*columns, "change__changed_at", "change__seen_at")[:limit]]


def count_evidence(incident_id: UUID) -> int:
    """One query."""
    return DriftFinding.objects.filter(incident_id=incident_id).count()


def list_open_incidents(workspace_id: UUID) -> list[Incident]:
    """The newest ten that drift declared and nobody closed. One query."""
    rows = Incident.objects.filter(workspace_id=workspace_id, origin_key__startswith="ungoverned:")
    return list(rows.exclude(state=IncidentState.CLOSED).order_by("-id")[:10])
