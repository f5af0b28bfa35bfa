"""What a person sees of a connection: its secrets by fingerprint, and whether calls go through. Never a value."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from crm_connectors.models import ConnectionEndpoint, ConnectionGate, ConnectionSecret
from governance.domain.change_status import ChangeStatus
from governance.models import ChangeProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSecret:
    """One secret as it may be shown. `set_by` is empty when the CRM itself handed it out."""

    fingerprint: str
    set_by: str
    set_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def list_secrets(connection_id: UUID) -> dict[str, ShownSecret]:
    """What is set, by name. One query, which does not read the sealed values."""
    columns = ("name", "fingerprint", "set_by__name", "set_at", "expires_at", "last_used_at")
    rows = ConnectionSecret.objects.filter(connection=connection_id).values_list(*columns)
    return {
        name: ShownSecret(
            fingerprint=mark, set_by=set_by or "", set_at=set_at, expires_at=expires_at, last_used_at=last_used_at
        )
        for name, mark, set_by, set_at, expires_at, last_used_at in rows
    }


def get_gate(connection_id: UUID) -> ConnectionGate | None:
    """The gate's row; None when nothing was ever called."""
    return ConnectionGate.objects.filter(pk=connection_id).first()


def paused_gates(workspace_id: UUID) -> QuerySet[ConnectionGate]:
    """Gates of the workspace's active connections that let no calls through now, to be counted."""
    return ConnectionGate.objects.filter(
        ~Q(state="closed"), connection__is_active=True, connection__workspace=workspace_id
    )


def find_waiting_change(connection_id: UUID) -> ChangeProposal | None:
    """The change of its address that waits for a second person. One query."""
    rows = ConnectionEndpoint.objects.filter(pk=connection_id, change__status=ChangeStatus.WAITING)
    row = rows.select_related("change").first()
    return None if row is None else row.change
