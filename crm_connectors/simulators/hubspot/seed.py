"""The demonstration's companies, people and deals, as a HubSpot portal holds them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from crm_connectors.embedded.demo_records import DemoRecords
from crm_connectors.services.company_facts import list_sources
from crm_connectors.simulators.hubspot.associations import End
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import Source
from crm_connectors.simulators.hubspot.wire import Json

IMPORT = Source(type="IMPORT", id="1")
_DAY_MS = 86_400_000
_RENAMED = {
    "lead_status": "hs_lead_status",
    "forecast_category": "hs_manual_forecast_category",
    "next_step": "hs_next_step",
    "loss_reason": "closed_lost_reason",
}
_FORECAST = {"pipeline": "PIPELINE", "best_case": "BEST_CASE", "commit": "COMMIT", "closed": "CLOSED"}
INDUSTRY_NAMES = {
    "Aerospace & Defense": "AVIATION_AEROSPACE",
    "Agriculture": "FARMING",
    "Beverages": "FOOD_BEVERAGES",
    "Business Services": "",
    "Conglomerate": "",
    "Electronics": "ELECTRICAL_ELECTRONIC_MANUFACTURING",
    "Energy": "OIL_ENERGY",
    "Engineering": "MECHANICAL_OR_INDUSTRIAL_ENGINEERING",
    "Food": "FOOD_PRODUCTION",
    "Health Care": "HOSPITAL_HEALTH_CARE",
    "Industrial Machinery": "MACHINERY",
    "IT Services": "INFORMATION_TECHNOLOGY_AND_SERVICES",
    "Logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "Media": "BROADCAST_MEDIA",
    "Metals & Mining": "MINING_METALS",
    "Oil & Gas": "OIL_ENERGY",
    "Packaging": "PACKAGE_FREIGHT_DELIVERY",
    "Software": "COMPUTER_SOFTWARE",
    "Textiles & Apparel": "TEXTILES",
    "Transportation": "TRANSPORTATION_TRUCKING_RAILROAD",
    "Travel": "LEISURE_TRAVEL_TOURISM",
}


def fill_portal(portal: Portal, *, companies: int, seed: int) -> None:
    """Companies with contacts and deals, and leads. The same seed, number and day give the same, but for stamps."""
    today = datetime.fromtimestamp(portal.clock.now() / 1000, UTC).date()
    generator = DemoRecords(seed, today)
    ages = Random(seed)  # noqa: S311 (repeatable, nothing secret)
    for source in generator.choose(list_sources(), companies):
        company = generator.make_company(source)
        at = portal.clock.now() - ages.randint(400, 1200) * _DAY_MS
        end = _add(portal, "companies", company, at)
        for person in generator.make_contacts(company, end[1]):
            portal.associations.join(_add(portal, "contacts", person, at), end)
        for deal in generator.make_deals(company, end[1]):
            portal.associations.join(_add(portal, "deals", deal, at), end)
    for source in generator.choose(list_sources(), companies // 2):  # HubSpot's leads of a sales team are contacts
        lead = generator.make_lead(source)
        _add(portal, "contacts", {**lead, "company": None}, portal.clock.now() - ages.randint(400, 1200) * _DAY_MS)
    portal.journal.clear()
    portal.news.clear()


def _add(portal: Portal, object_type: str, values: Mapping[str, Json], at: int) -> End:
    record = portal.add(object_type, _in_hubspots_words(portal, object_type, values), IMPORT, at=at)
    return object_type, record.id


def _in_hubspots_words(portal: Portal, object_type: str, values: Mapping[str, Json]) -> dict[str, str | None]:
    """Only what the portal has a property for, in its values."""
    owners = {owner.email: owner.id for owner in portal.owners}
    found: dict[str, str | None] = {}
    for name, value in values.items():
        match name:
            case "owner":
                found["hubspot_owner_id"] = owners.get(str(value))
            case "industry" if value is not None:
                found["industry"] = INDUSTRY_NAMES.get(value, value.upper().replace(" ", "_")) or None
            case "forecast_category" if value is not None:
                found["hs_manual_forecast_category"] = _FORECAST[value]
            case "closedate" if value is not None:
                found["closedate"] = f"{value}T00:00:00Z"
            case "company_name":
                found["company"] = str(value)
            case "company" | "last_activity_date" | "message":
                continue
            case _:
                found[_RENAMED.get(name, name)] = None if value is None else str(value)
    known = portal.definitions[object_type]
    return {name: value for name, value in found.items() if name in known and value is not None}
