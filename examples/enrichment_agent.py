"""agent.enrichment: fills what companies in the CRM lack, from public facts, with a receipt for every value.

It reads accounts through the gateway, looks them up in a file of public facts, and proposes what is missing or stale.
Nothing here knows what is allowed: the agent proposes, reads the answer, and learns from a denial by leaving out the
member that was refused.

    python examples/enrichment_agent.py --facts companies.jsonl --limit 200
"""

import argparse
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from countersign import Countersign, ProblemError, run
from dialect import Dialect, Interpreted

PROMPT = "Fill gaps in company records from public facts. Quote the source. Never guess."
FIELDS = ["name", "website", "industry", "numberofemployees", "country", "city", "founded_year"]
INDUSTRIES = {  # what the facts call it → what our CRM calls it; anything else is proposed as it stands
    "Financials": "Financial Services",
    "Financial services": "Financial Services",
    "Banks": "Banking",
    "Banking Services": "Banking",
    "Health Care": "Health Care",
    "Healthcare": "Health Care",
    "Information Technology": "IT Services",
    "Software & IT Services": "Software",
    "Computer Software": "Software",
    "Machinery": "Industrial Machinery",
    "Consumer Staples": "Consumer Goods",
    "Consumer Discretionary": "Consumer Goods",
    "Communication Services": "Telecommunications",
    "Telecommunications Services": "Telecommunications",
    "Real estate": "Real Estate",
    "Retailers": "Retail",
    "Oil and gas": "Oil & Gas",
    "Aerospace": "Aerospace & Defense",
}


def host(website: str | None) -> str:
    return re.sub(r"^(https?://)?(www\.)?", "", (website or "").lower()).split("/")[0]


def number(text: object) -> int | None:
    """The first whole number in text as published: "c. 60,500 (2025)" → 60500."""
    found = re.search(r"\d{1,3}(?:[,.]\d{3})+|\d+", str(text or ""))
    return int(re.sub(r"[,.]", "", found.group())) if found else None


def year(text: object) -> int | None:
    found = re.search(r"\b(1[6-9]\d\d|20\d\d)\b", str(text or ""))
    return int(found.group()) if found else None


class Facts:
    """The agent's source: public facts by website, then by name."""

    def __init__(self, path: Path) -> None:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        self._by_host = {host(row["website"]): row for row in rows if row["website"]}
        self._by_name = {row["name"].casefold(): row for row in rows}

    def find(self, company: dict[str, Any]) -> tuple[dict[str, Any], float] | None:
        """The matching facts and how sure the match is."""
        if row := self._by_host.get(host(company.get("website"))):
            return row, 0.95
        row = self._by_name.get(str(company.get("name", "")).casefold())
        return (row, 0.8) if row else None


def proposals_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Values in the CRM's terms, as far as this agent understands what was published."""
    industries = facts["industries"] or []
    known = [INDUSTRIES[name] for name in industries if name in INDUSTRIES]
    values = {
        "industry": (known or industries or [None])[0],
        "numberofemployees": number(facts["employees"]),
        "country": facts["country"],
        "city": (facts["headquarters"] or "").split(",")[0].strip() or None,
        "founded_year": year(facts["founded"]),
    }
    return {field: value for field, value in values.items() if value is not None}


def evidence_of(facts: dict[str, Any], changes: dict[str, Any]) -> list[dict[str, Any]]:
    excerpts = {"numberofemployees": "employees", "founded_year": "founded", "city": "headquarters"}
    quoted = [f"{excerpts.get(field, field)}: {facts.get(excerpts.get(field, field))}" for field in changes]
    statements = [
        {"kind": "fact", "statement": f"{field} is {value}", "confidence": 0.9, "source": 0}
        for field, value in changes.items()
    ]
    source = {"kind": "source", "url": facts["source_url"], "excerpt": "; ".join(quoted)[:500]}
    return [source | {"observed_at": observed_at(facts, changes)}, *statements]


def observed_at(facts: dict[str, Any], changes: dict[str, Any]) -> str:
    """When the data was true: "3,167 (average, 2021)" is of 2021; what names no year holds as we read it now."""
    counted = re.search(r"\b(20\d\d)\b", str(facts.get("employees"))) if "numberofemployees" in changes else None
    now = datetime.now(UTC)
    return min(datetime(int(counted[1]), 12, 31, tzinfo=UTC), now).isoformat() if counted else now.isoformat()


def refused_fields(answer: dict[str, Any]) -> set[str]:
    return {reason["field"] for reason in answer["decision"]["reasons"] if reason.get("field")}


def enrich(client: Countersign | Interpreted, connection: str, company: dict[str, Any], facts: Facts) -> list[str]:
    """Propose what this company lacks; after a denial, once more without the refused fields. Returns the outcomes."""
    if (match := facts.find(company["values"])) is None:
        return []
    row, confidence = match
    current = company["values"]
    wanted = {field: value for field, value in proposals_of(row).items() if current.get(field) != value}
    changes = {f: v for f, v in wanted.items() if current.get(f) is None or f == "numberofemployees"}
    outcomes = []
    for _try in range(2):
        if not changes:
            break
        answer = client.propose(
            {
                "connection": connection,
                "action": "update",
                "target": {"object": "companies", "id": company["id"]},
                "changes": changes,
                "expected": {field: current.get(field) for field in changes},
                "intent": f"Complete the company record of {current.get('name')}",
                "reason_code": "enrich.firmographics",
                "justification": f"{', '.join(changes)} taken from the public article on {row['name']}.",
                "confidence": confidence,
                "evidence": evidence_of(row, changes),
            }
        )
        outcomes.append(answer["status"])
        if answer["status"] != "denied":
            break
        if not (refused := refused_fields(answer)):
            break  # a limit or a stop, not a value: asking again or asking a steward is of no use
        outcomes.append(ask_a_steward(client, connection, company, {f: changes[f] for f in changes if f in refused}))
        changes = {field: value for field, value in changes.items() if field not in refused}
    return outcomes


def ask_a_steward(
    client: Countersign | Interpreted, connection: str, company: dict[str, Any], refused: dict[str, Any]
) -> str:
    """Put what the CRM would not take in front of a person, as it was published; once, however often this runs.

    The correlation id is made of the content and not of the run, so that the whole proposal, and with it its
    idempotency key, is the same next time: the gateway then answers with the item that waits already.
    """
    found = "; ".join(f"{field}: {value}" for field, value in sorted(refused.items()))
    content = f"{connection}/{company['id']}: {found}"
    answer = client.propose(
        {
            "connection": connection,
            "action": "queue",
            "target": {"object": "companies", "id": company["id"]},
            "item": {"queue": "data_steward", "reason": f"Published, but not a value of ours: {found}"[:500]},
            "correlation_id": f"steward-{hashlib.sha256(content.encode()).hexdigest()[:32]}",
            "reason_code": "enrich.unclear",
            "justification": "A person can tell what was meant.",
            "confidence": 0.9,
            "evidence": [{"kind": "fact", "statement": found[:500], "confidence": 0.9}],
        }
    )
    return f"queued for a steward: {answer['status']}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--connection", default="embedded")
    parser.add_argument("--names", default="", help="a file that says what this CRM calls things: see dialect.py")
    parser.add_argument("--limit", type=int, default=200)
    options = parser.parse_args()
    client = Countersign.from_environment(
        model="rules/1", prompt_template="enrich@1", prompt=PROMPT, tools="records.search,action-requests"
    )
    client = Interpreted(client, Dialect.from_file(options.names)) if options.names else client
    facts, counts, done = Facts(options.facts), {}, 0
    for company in client.search(options.connection, "companies", {}, FIELDS):
        try:
            outcomes = enrich(client, options.connection, company, facts)
        except ProblemError as error:
            outcomes = [f"problem {error.code}"]
        for outcome in outcomes:
            counts[outcome] = counts.get(outcome, 0) + 1
        done += bool(outcomes)
        if done >= options.limit:
            break
    print(json.dumps({"agent": "agent.enrichment", "outcomes": counts}))


if __name__ == "__main__":
    run(main)
