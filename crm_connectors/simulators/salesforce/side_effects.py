"""What a save changes beyond what it was given: full names, stages, amounts with products, assignment rules."""

from collections.abc import Mapping

from crm_connectors.simulators.salesforce.definition import Value
from crm_connectors.simulators.salesforce.schema import FORECASTS, STAGES

Values = dict[str, Value]


def settle(object_name: str, before: Mapping[str, Value], after: Values) -> None:
    """Changes `after` as the CRM's own logic does. `before` is empty for a new record."""
    if object_name in {"Contact", "Lead"}:
        after["Name"] = " ".join(str(after[part]) for part in ("FirstName", "LastName") if after.get(part))
    if object_name == "Opportunity":
        _settle_opportunity(before, after)


def _settle_opportunity(before: Mapping[str, Value], after: Values) -> None:
    if before.get("HasOpportunityLineItem") is True:
        after["Amount"] = before.get("Amount")  # silently: the products' sum is the amount
    stage = str(after.get("StageName") or "")
    if stage in STAGES:
        probability, forecast, is_closed, is_won = STAGES[stage]
        if after.get("StageName") != before.get("StageName"):
            after["Probability"] = probability
            after["ForecastCategoryName"] = forecast
        after["IsClosed"], after["IsWon"] = is_closed, is_won
    after["ForecastCategory"] = FORECASTS.get(str(after.get("ForecastCategoryName") or ""))
    amount, likely = after.get("Amount"), after.get("Probability")
    if isinstance(amount, int | float) and isinstance(likely, int | float):
        after["ExpectedRevenue"] = round(amount * likely / 100, 2)
