"""agent.pipeline.hygiene: keeps open deals honest by proposing the next step, and by asking for more than it may have.

Next Step belongs to the account executive, so the gateway turns the agent's value into a suggestion beside it. Stage,
amount and close date are human commitments: the agent tries, as eager agents do, and is refused.

    python examples/hygiene_agent.py --limit 60 --pause 0.05
"""

import argparse
import json
import time
from typing import Any

from countersign import Countersign, ProblemError, run
from dialect import Dialect, Interpreted

PROMPT = "Find deals without a next step and propose one. Point out deals that look won or stale."
FIELDS = ["dealname", "dealstage", "amount", "closedate", "next_step", "last_activity_date"]
NEXT_STEPS = {
    "appointmentscheduled": "Confirm the agenda and who decides",
    "qualifiedtobuy": "Send the security questionnaire and book the technical call",
    "presentationscheduled": "Share the business case before the presentation",
    "decisionmakerboughtin": "Agree on the paper process with procurement",
    "contractsent": "Ask for the signing date and the signer",
}


def ideas(deal: dict[str, Any]) -> list[dict[str, Any]]:
    """What this agent would change on a deal, one idea at a time."""
    values, stage = deal["values"], deal["values"].get("dealstage")
    found = []
    if not values.get("next_step") and stage in NEXT_STEPS:
        found.append({"next_step": NEXT_STEPS[stage]})
    if stage == "contractsent":
        found.append({"dealstage": "closedwon"})
    if not values.get("amount"):
        found.append({"amount": 25000})
    return found


def propose(client: Countersign | Interpreted, connection: str, deal: dict[str, Any], changes: dict[str, Any]) -> str:
    values = deal["values"]
    answer = client.propose(
        {
            "connection": connection,
            "action": "update",
            "target": {"object": "deals", "id": deal["id"]},
            "changes": changes,
            "expected": {field: values.get(field) for field in changes},
            "reason_code": "hygiene.next_step" if "next_step" in changes else "hygiene.stale",
            "justification": f"{values.get('dealname')} is in {values.get('dealstage')}: {', '.join(changes)}",
            "confidence": 0.85,
            "evidence": [
                {"kind": "signal", "name": f"stage:{values.get('dealstage')}", "strength": 0.6},
                {"kind": "fact", "statement": f"next step is {values.get('next_step')}", "confidence": 0.99},
            ],
        }
    )
    is_redirected = bool(answer["decision"].get("redirects"))
    return f"{answer['status']} (redirected)" if is_redirected else str(answer["status"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--connection", default="embedded")
    parser.add_argument("--names", default="", help="a file that says what this CRM calls things: see dialect.py")
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between proposals")
    options = parser.parse_args()
    client = Countersign.from_environment(
        model="rules/1", prompt_template="hygiene@2", prompt=PROMPT, tools="records.search,action-requests"
    )
    client = Interpreted(client, Dialect.from_file(options.names)) if options.names else client
    counts: dict[str, int] = {}
    deals = list(client.search(options.connection, "deals", {}, FIELDS))
    work = [(deal, idea) for deal in deals for idea in ideas(deal)]
    for deal, idea in work[: options.limit]:
        try:
            outcome = propose(client, options.connection, deal, idea)
        except ProblemError as error:
            outcome = f"problem {error.code}"
        counts[outcome] = counts.get(outcome, 0) + 1
        time.sleep(options.pause)
    print(json.dumps({"agent": "agent.pipeline.hygiene", "outcomes": counts}))


if __name__ == "__main__":
    run(main)
