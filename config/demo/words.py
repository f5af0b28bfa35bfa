"""What the chosen CRM calls things: the story's words on the left, the CRM's on the right (CON-07).

Objects that are missing, fields that are missing and actions that are missing are what this CRM cannot do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_connectors.embedded import picklists
from crm_connectors.simulators.hubspot.seed import INDUSTRY_NAMES
from crm_connectors.simulators.salesforce.seed import STAGE_NAMES

Words = dict[str, dict[str, Any]]
"""Of each object: `name`, `actions`, `fields`, and `values` of fields whose values are called otherwise."""

_READING = ["read", "search"]
_INDUSTRIES = {value: INDUSTRY_NAMES.get(value, value.upper().replace(" ", "_")) for value, _ in picklists.INDUSTRY}


_OPPORTUNITY = {
    "name": "Opportunity",
    "actions": [*_READING, "update"],
    "fields": {
        "dealname": "Name",
        "dealstage": "StageName",
        "amount": "Amount",
        "closedate": "CloseDate",
        "next_step": "NextStep",
        "agent_suggested_next_step": "Agent_Suggested_Next_Step__c",
        "primary_competitor": "Primary_Competitor__c",
        "last_activity_date": "LastActivityDate",
    },
    "values": {"dealstage": dict(STAGE_NAMES)},
}


def _same(*names: str, **others: str) -> dict[str, str]:
    return {**{name: name for name in names}, **others}


def _hubspot(owners: Mapping[str, str]) -> Words:
    """A lead is a contact at HubSpot, and a contact is there already."""
    return {
        "companies": {
            "name": "companies",
            "actions": [*_READING, "update"],
            "fields": _same("name", "website", "industry", "numberofemployees", "country", "city", "description"),
            "values": {"industry": {own: far for own, far in _INDUSTRIES.items() if far}},
        },
        "leads": {
            "name": "contacts",
            "actions": [*_READING, "update", "create_task"],
            "fields": _same(
                "firstname",
                "lastname",
                "email",
                "country",
                "lead_source",
                company_name="company",
                owner="hubspot_owner_id",
                lead_status="hs_lead_status",
            ),
            "values": {"owner": dict(owners)},
        },
        "deals": {
            "name": "deals",
            "actions": [*_READING, "update", "create_task"],
            "fields": _same(
                "dealname",
                "dealstage",
                "amount",
                "closedate",
                "primary_competitor",
                "agent_suggested_next_step",
                next_step="hs_next_step",
                last_activity_date="notes_last_updated",
            ),
        },
        "tasks": {
            "name": "tasks",
            "actions": ["create_task"],
            "fields": _same("subject", "body", "task_type", "priority", "due_date", "owner"),
            "values": {"owner": dict(owners), "task_type": {"call": "CALL"}},
        },
    }


def _salesforce(owners: Mapping[str, str]) -> Words:
    statuses = {"NEW": "Open - Not Contacted", "OPEN": "Working - Contacted"}
    sources = {"referral": "Referral", "partner": "Partner", "event": "Event", "inbound_web": "Web"}
    return {
        "companies": {
            "name": "Account",
            "actions": [*_READING, "update"],
            "fields": {
                "name": "Name",
                "website": "Website",
                "industry": "Industry",
                "numberofemployees": "NumberOfEmployees",
                "country": "BillingCountry",
                "city": "BillingCity",
                "description": "Description",
            },
        },
        "leads": {
            "name": "Lead",
            "actions": [*_READING, "update"],
            "fields": {
                "firstname": "FirstName",
                "lastname": "LastName",
                "email": "Email",
                "company_name": "Company",
                "country": "Country",
                "owner": "OwnerId",
                "lead_status": "Status",
                "lead_source": "LeadSource",
            },
            "values": {"owner": dict(owners), "lead_status": statuses, "lead_source": sources},
        },
        "contacts": {
            "name": "Contact",
            "actions": [*_READING, "create"],
            "fields": {"firstname": "FirstName", "lastname": "LastName", "email": "Email", "owner": "OwnerId"},
            "values": {"owner": dict(owners)},
        },
        "deals": _OPPORTUNITY,
    }


_WORDS = {"hubspot": _hubspot, "salesforce": _salesforce}
CANNOT: dict[str, tuple[str, ...]] = {
    "hubspot": (
        "keeps no queue for stewards, and no leads beside contacts: no contact is made of one",
        "sends no e-mails, books no meetings and dials no numbers for us",
        "hands no export to us",
    ),
    "salesforce": (
        "keeps no queue for stewards, and its tasks are not ours to add: the chapters with tasks are the house's",
        "sends no e-mails, has no sequences, books no meetings and dials no numbers for us",
        "hands no export to us",
    ),
}
"""What is said before the story, so that nobody takes a chapter for the CRM's that is not."""


def words_of(kind: str, owners: Iterable[tuple[str, str]]) -> Words:
    """The words of a CRM; `owners` are e-mail addresses with the ids that the CRM knows these people by, an empty
    address for the one whom nobody's records belong to."""
    return _WORDS[kind](dict(owners))
