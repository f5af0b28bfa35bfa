"""What the portal itself changes when something else changes."""

from collections.abc import Iterable, Sequence

from crm_connectors.simulators.hubspot.clock import iso_value
from crm_connectors.simulators.hubspot.definition import Pipeline
from crm_connectors.simulators.hubspot.records import StoredRecord


def derive(
    record: StoredRecord, changed: Iterable[str], pipelines: Sequence[Pipeline], at: int
) -> dict[str, str | None]:
    """The properties that follow from those that changed: a deal's stage sets its probability and, when it closes, a
    close date that nobody gave; an owner gets a date."""
    names = set(changed)
    derived: dict[str, str | None] = {}
    if "hubspot_owner_id" in names:
        derived["hubspot_owner_assigneddate"] = iso_value(at)
    stages = {stage.id: stage for pipeline in pipelines for stage in pipeline.stages}
    stage = stages.get(record.values.get("dealstage", "")) if "dealstage" in names else None
    if stage is None:
        return derived
    derived["hs_deal_stage_probability"] = stage.probability
    derived["hs_is_closed"] = "true" if stage.is_closed else "false"
    derived["hs_is_closed_won"] = "true" if stage.is_closed and stage.probability == "1.0" else "false"
    if stage.is_closed and "closedate" not in names and record.values.get("closedate") is None:
        derived["closedate"] = iso_value(at)
    return derived
