"""Duplicate rules: an alerting rule lets a caller insist, a blocking one does not."""

from collections.abc import Mapping
from typing import Any

from crm_connectors.simulators.salesforce.definition import ObjectDefinition, Value
from crm_connectors.simulators.salesforce.errors import ApiError
from crm_connectors.simulators.salesforce.org import DuplicateRule, Org, Row


def refuse_duplicates(
    org: Org, definition: ObjectDefinition, row: Row | None, after: Mapping[str, Value], *, is_insisting: bool
) -> None:
    """Raises ApiError when a rule of this object matches other records."""
    for rule in org.duplicate_rules:
        if rule.object != definition.name or after.get(rule.field) is None:
            continue
        matches = _matches(org, rule, row, after)
        if matches and (rule.is_blocking or not is_insisting):
            raise _detected(rule, matches)


def _matches(org: Org, rule: DuplicateRule, row: Row | None, after: Mapping[str, Value]) -> list[Row]:
    wanted = str(after[rule.field]).strip().casefold()
    return [
        other
        for other in org.rows[rule.object].values()
        if not other.is_deleted
        and (row is None or other.id != row.id)
        and str(other.values.get(rule.field) or "").strip().casefold() == wanted
    ]


def _detected(rule: DuplicateRule, matches: list[Row]) -> ApiError:
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": rule.object, "url": f"/services/data/v62.0/sobjects/{rule.object}/{match.id}"},
                "Id": match.id,
            },
        }
        for match in matches[:10]
    ]
    result: dict[str, Any] = {
        "allowSave": not rule.is_blocking,
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": "Use one of these records?",
        "matchResults": [
            {
                "entityType": rule.object,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": records,
                "rule": f"{rule.name}_Match",
                "size": len(records),
                "success": True,
            }
        ],
    }
    return ApiError(400, "DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=result)
