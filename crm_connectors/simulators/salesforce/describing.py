"""Describe: objects and fields as this user may see them."""

from typing import Any

from crm_connectors.simulators.salesforce.definition import FieldDefinition, ObjectDefinition
from crm_connectors.simulators.salesforce.org import User, visible_fields
from crm_connectors.simulators.salesforce.schema import OBJECTS

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "anyType": "xsd:anyType",
}


def describe_global(version: str) -> dict[str, Any]:
    """What `GET /sobjects` answers."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(item, version) for item in OBJECTS.values()],
    }


def describe_object(user: User, definition: ObjectDefinition, version: str) -> dict[str, Any]:
    """What `GET /sobjects/{O}/describe` answers: fields that this user may not see are absent."""
    fields = [_field(user, definition, field) for field in visible_fields(user, definition)]
    children = [
        {"childSObject": other.name, "field": field.name, "relationshipName": other.plural, "cascadeDelete": False}
        for other in OBJECTS.values()
        for field in other.fields
        if definition.name in field.reference_to
    ]
    return {
        **_summary(definition, version),
        "fields": fields,
        "childRelationships": children,
        "recordTypeInfos": [{"active": True, "available": True, "master": True, "name": "Master"}],
    }


def _summary(definition: ObjectDefinition, version: str) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{definition.name}"
    can = definition.is_writable
    return {
        "name": definition.name,
        "label": definition.label,
        "labelPlural": definition.plural,
        "keyPrefix": definition.prefix,
        "custom": False,
        "createable": can,
        "updateable": can,
        "deletable": can,
        "undeletable": can,
        "mergeable": definition.name in {"Account", "Contact", "Lead"},
        "queryable": True,
        "retrieveable": True,
        "searchable": can,
        "replicateable": True,
        "triggerable": can,
        "feedEnabled": can,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def _field(user: User, definition: ObjectDefinition, field: FieldDefinition) -> dict[str, Any]:
    is_locked = f"{definition.name}.{field.name}" in user.read_only or not definition.is_writable
    labels = dict(field.labels)
    options = [
        {
            "value": option,
            "label": labels.get(option, option),
            "active": True,
            "defaultValue": option == field.default,
            "validFor": None,
        }
        for option in field.options
    ]
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * 3,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.precision if field.type == "int" else 0,
        "nillable": not field.is_required and field.type != "boolean",
        "defaultedOnCreate": field.default is not None or field.name == "OwnerId",
        "defaultValue": field.default,
        "createable": field.is_createable and not is_locked,
        "updateable": field.is_updateable and not is_locked,
        "calculated": field.is_calculated,
        "autoNumber": False,
        "unique": field.is_unique,
        "caseSensitive": False,
        "externalId": field.is_external_id,
        "idLookup": field.is_external_id or field.type == "id",
        "nameField": field.is_name,
        "custom": field.name.endswith("__c"),
        "picklistValues": options,
        "restrictedPicklist": field.is_restricted,
        "dependentPicklist": False,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.name.removesuffix("Id") if field.reference_to else None,
        "permissionable": not field.is_required,
        "filterable": not (field.type == "textarea" and field.length > 255),
        "sortable": not (field.type == "textarea" and field.length > 255),
        "groupable": field.type in {"picklist", "reference", "boolean", "string"},
        "encrypted": False,
        "deprecatedAndHidden": False,
        "inlineHelpText": None,
    }
