"""Properties and pipelines as the portal defines them, and what they look like on the wire."""

from dataclasses import dataclass
from typing import Any

from crm_connectors.simulators.hubspot.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyDefinition:
    """One property of one object type. `options` are `(value, label)`."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[tuple[str, str], ...] = ()
    is_read_only: bool = False
    is_unique: bool = False
    is_calculated: bool = False
    referenced_object: str = ""
    is_hubspots: bool = True
    description: str = ""
    group: str = "information"
    created_at: int = 1_700_000_000_000

    def to_wire(self) -> dict[str, Any]:
        """As the properties endpoints tell it."""
        wire: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [
                {"value": value, "label": label, "displayOrder": place, "hidden": False, "description": ""}
                for place, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": self.is_calculated,
            "externalOptions": bool(self.referenced_object),
            "hasUniqueValue": self.is_unique,
            "hidden": False,
            "hubspotDefined": self.is_hubspots,
            "formField": not self.is_read_only,
            "dataSensitivity": "non_sensitive",
            "archived": False,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.created_at),
            "modificationMetadata": {
                "archivable": not self.is_hubspots,
                "readOnlyDefinition": self.is_hubspots,
                "readOnlyOptions": False,
                "readOnlyValue": self.is_read_only,
            },
        }
        if self.referenced_object:
            wire["referencedObjectType"] = self.referenced_object
        return wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a pipeline; `metadata` holds texts alone, as on the wire."""

    id: str
    label: str
    metadata: tuple[tuple[str, str], ...]

    @property
    def is_closed(self) -> bool:
        return dict(self.metadata).get("isClosed") == "true"

    @property
    def probability(self) -> str:
        return dict(self.metadata).get("probability", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    id: str
    label: str
    stages: tuple[Stage, ...]

    def to_wire(self) -> dict[str, Any]:
        """With its stages, in order."""
        stamps = {"createdAt": iso(1_700_000_000_000), "updatedAt": iso(1_700_000_000_000), "archived": False}
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": 0,
            **stamps,
            "stages": [
                {
                    "id": stage.id,
                    "label": stage.label,
                    "displayOrder": place,
                    "metadata": dict(stage.metadata),
                    "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                    **stamps,
                }
                for place, stage in enumerate(self.stages)
            ],
        }
