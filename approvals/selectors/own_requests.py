"""What agents asked for on one person's records, and in their name (IDN-07: a rep reads their own)."""

from collections import defaultdict
from uuid import UUID

from django.db.models import Q

from approvals.domain.canary import CANARY
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import requests_of
from crm_connectors.models import CrmRecord
from governance.selectors.held import AgentScope

LIMIT = 100
MAX_RECORDS = 1_000


def list_own_requests(*, workspace_id: UUID, email: str, agents: AgentScope = None) -> list[AgentActionRequest]:
    """The newest hundred on records of the embedded CRM whose owner is this address, or asked on its behalf.

    Two queries; of a person's records the thousand that changed last are looked at. Who has no address owns nothing.
    """
    if not email.strip():
        return []
    wanted = Q(body__on_behalf_of=email)
    for (connection_id, object_type), numbers in _owned(workspace_id, email).items():
        wanted |= Q(connection_id=connection_id, object_type=object_type, record_id__in=numbers)
        wanted |= Q(connection_id=connection_id, target_object=object_type, target_id__in=numbers)
    rows = AgentActionRequest.objects.filter(wanted, requests_of(agents), workspace_id=workspace_id).exclude(
        actor_type=CANARY
    )
    return list(rows.select_related("connection", "agent", "person").order_by("-id")[:LIMIT])


def _owned(workspace_id: UUID, email: str) -> dict[tuple[UUID, str], list[str]]:
    rows = CrmRecord.objects.filter(
        crm_object__connection__workspace_id=workspace_id, values__owner=email, archived_at__isnull=True
    ).order_by("-modified_at")
    found: defaultdict[tuple[UUID, str], list[str]] = defaultdict(list)
    for connection_id, name, number in rows.values_list("crm_object__connection_id", "crm_object__name", "number")[
        :MAX_RECORDS
    ]:
        found[connection_id, name].append(str(number))
    return found
