"""Giving a portal the two properties that our guarantees stand on, for each object that the connection serves."""

from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.schema import forget_properties


def prepare_portal(portal: Portal) -> tuple[str, ...]:
    """Make what is missing; returns `object.property` of what was made. Safe to repeat. Takes the scopes that write
    schemas. Raises ConnectorError; what was made stays."""
    made = []
    for object_type in portal.settings.objects.split():
        known = {str(item["name"]): item for item in portal.get("properties", object_type).get("results") or ()}
        group = next((item["groupName"] for item in known.values() if item.get("groupName")), "")
        for name, label, is_unique in _wanted(portal):
            if name and name not in known:
                body = {
                    "name": name,
                    "label": label,
                    "type": "string",
                    "fieldType": "text",
                    "groupName": group,
                    "hasUniqueValue": is_unique,
                    "formField": False,
                    "description": "Kept by Countersign: do not edit.",
                }
                portal.write("POST", "properties", object_type, json=body)
                made.append(f"{object_type}.{name}")
        forget_properties(portal, object_type)
    return tuple(made)


def _wanted(portal: Portal) -> tuple[tuple[str, str, bool], ...]:
    settings = portal.settings
    return (
        (settings.key_property, "Countersign key", True),
        (settings.mark_property, "Countersign operation", False),
    )
