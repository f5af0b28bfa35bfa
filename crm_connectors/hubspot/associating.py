"""What a new record belongs to, by HubSpot's type ids: the direction matters."""

from crm_connectors.domain.record import Operation
from crm_connectors.hubspot.reading import require_id
from crm_connectors.port import RejectedError

_TYPE_IDS = {
    "contacts": {"companies": 279, "deals": 4, "tickets": 15},
    "deals": {"contacts": 3, "companies": 341},
    "notes": {"contacts": 202, "companies": 190, "deals": 214, "tickets": 228},
    "tasks": {"contacts": 204, "companies": 192, "deals": 216, "tickets": 230},
    "meetings": {"contacts": 200, "companies": 188, "deals": 212, "tickets": 226},
    "emails": {"contacts": 198, "companies": 186, "deals": 210, "tickets": 224},
    "calls": {"contacts": 194},
}


def association_to(operation: Operation) -> list[dict[str, object]]:
    """What to send along with a create; empty for none. Raises RejectedError for kinds that do not go together."""
    if operation.association is None:
        return []
    other, other_id = operation.association
    type_id = _TYPE_IDS.get(operation.object, {}).get(other)
    if type_id is None:
        raise RejectedError(f"`{operation.object}` cannot belong to `{other}` in HubSpot")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    return [{"to": {"id": require_id(other_id)}, "types": types}]
