"""A person's e-mail addresses, wherever a merge has moved them (DNC-04)."""

from crm_connectors.hubspot.answers import RecordGoneError
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.reading import require_id
from crm_connectors.port import NotFoundError, TransientError

EMAIL = "email"
MORE = "hs_additional_emails"
"""Those of merged contacts, with semicolons between."""


def read_addresses(portal: Portal, contact_id: str) -> tuple[str, ...]:
    """Every address of the contact that this id leads to: of a merged one, the survivor's, which holds those of both.

    One call. Raises RecordGoneError when HubSpot itself says that there is no such contact, TransientError when it does
    not tell, and every other ConnectorError."""
    query = {"properties": f"{EMAIL},{MORE}"}
    try:
        answer = portal.get("objects", "contacts", require_id(contact_id), query=query)
    except RecordGoneError:
        raise
    except NotFoundError as error:
        raise TransientError("HubSpot does not say that there is no such contact") from error
    told = answer.get("properties") or {}
    if EMAIL not in told:
        raise TransientError("HubSpot does not show the addresses of contacts to our app")
    joined = [told[EMAIL] or "", *(told.get(MORE) or "").split(";")]
    return tuple(dict.fromkeys(address.strip() for address in joined if address.strip()))
