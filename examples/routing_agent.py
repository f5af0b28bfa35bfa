"""agent.routing: gives inbound leads an owner and a first task, and turns the ready ones into contacts.

Who owns a lead and which records exist are decisions of people, so these proposals wait for a manager; the task is
internal and goes through.

    python examples/routing_agent.py --limit 40
"""

import argparse
import json
from typing import Any

from countersign import Countersign, ProblemError, run
from dialect import Dialect, Interpreted

PROMPT = "Route inbound leads by territory and create the follow-up task."
FIELDS = ["firstname", "lastname", "email", "company_name", "country", "owner", "lead_status", "lead_source"]
TRUSTED_SOURCES = {"referral", "partner", "event"}
OWNERS = {
    "United States": "frank.moreno@example.com",
    "Canada": "grace.liu@example.com",
    "United Kingdom": "ben.okafor@example.com",
    "Ireland": "ben.okafor@example.com",
    "Germany": "chloe.fischer@example.com",
    "Switzerland": "chloe.fischer@example.com",
    "Austria": "chloe.fischer@example.com",
    "France": "ana.duarte@example.com",
    "Spain": "ana.duarte@example.com",
    "Netherlands": "ana.duarte@example.com",
    "Sweden": "elin.strand@example.com",
    "Finland": "elin.strand@example.com",
    "Japan": "dev.raman@example.com",
}


def owner_of(lead: dict[str, Any]) -> tuple[str, float]:
    """The owner by country, and how sure we are: anything that the table does not name is a guess and says so."""
    owner = OWNERS.get(str(lead.get("country")))
    return (owner, 0.92) if owner else ("hugo.silva@example.com", 0.72)


def base(connection: str, lead: dict[str, Any], confidence: float) -> dict[str, Any]:
    values = lead["values"]
    return {
        "connection": connection,
        "target": {"object": "leads", "id": lead["id"]},
        "confidence": confidence,
        "reason_code": "route.inbound",
        "evidence": [
            {"kind": "signal", "name": f"lead_source:{values.get('lead_source')}", "strength": 0.7},
            {"kind": "fact", "statement": f"country is {values.get('country')}", "confidence": confidence},
        ],
    }


def route(client: Countersign | Interpreted, connection: str, lead: dict[str, Any]) -> list[str]:
    owner, confidence = owner_of(lead["values"])
    name = f"{lead['values'].get('firstname')} {lead['values'].get('lastname')}"
    common = base(connection, lead, confidence)
    assignment = client.propose(
        {
            **common,
            "action": "update",
            "changes": {"owner": owner},
            "expected": {"owner": None},
            "justification": f"{name} has no owner; territory rule names {owner}.",
            "risk_flags": [] if confidence > 0.8 else ["territory_ambiguous"],
        }
    )
    task = client.propose(
        {
            **common,
            "action": "create_task",
            "task": {
                "subject": f"Call {name}",
                "task_type": "call",
                "owner": owner,
                "body": "First touch by a person.",
            },
            "justification": "A new inbound lead wants a first call.",
        }
    )
    outcomes = [assignment["status"], task["status"]]
    if lead["values"].get("lead_source") in TRUSTED_SOURCES:
        outcomes.append(client.propose(contact_of(connection, lead, owner))["status"])
    return outcomes


def contact_of(connection: str, lead: dict[str, Any], owner: str) -> dict[str, Any]:
    """A lead that came by introduction becomes a contact: a new record, which a person has to confirm."""
    copied = {field: lead["values"].get(field) for field in ("firstname", "lastname", "email", "country")}
    return {
        **base(connection, lead, 0.9),
        "action": "create",
        "target": {"object": "contacts"},
        "changes": {field: value for field, value in copied.items() if value} | {"owner": owner},
        "justification": "The lead came by introduction; it belongs among the contacts.",
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--connection", default="embedded")
    parser.add_argument("--names", default="", help="a file that says what this CRM calls things: see dialect.py")
    parser.add_argument("--limit", type=int, default=40)
    options = parser.parse_args()
    client = Countersign.from_environment(
        model="rules/1", prompt_template="route@3", prompt=PROMPT, tools="records.search,action-requests"
    )
    client = Interpreted(client, Dialect.from_file(options.names)) if options.names else client
    counts: dict[str, int] = {}
    leads = list(client.search(options.connection, "leads", {"owner": None}, FIELDS))
    for lead in leads[: options.limit]:
        try:
            outcomes = route(client, options.connection, lead)
        except ProblemError as error:
            outcomes = [f"problem {error.code}"]
        for outcome in outcomes:
            counts[outcome] = counts.get(outcome, 0) + 1
    print(json.dumps({"agent": "agent.routing", "outcomes": counts}))


if __name__ == "__main__":
    run(main)
