"""What the ledger keeps of an agent's own words about a proposal, beside the change itself (AUD-02).

Intent, plan, tool call with its arguments, evidence, and whom it acts for: personal data may be in any of it, so it is
kept as one erasable value. What looks like a secret is not kept at all.
"""

from typing import Any

import msgspec

from approvals.domain.proposed import Proposed
from approvals.domain.wording import safe_host
from audit.domain.redaction import is_clean, redact
from governance.domain.facts import EvidenceFacts

_MEMBERS = ("intent", "plan", "tool_call", "tool_responses", "evidence", "on_behalf_of")


def context_on_record(proposal: Proposed) -> dict[str, Any]:
    """The erasable values to add to `request.received`: `context`, or nothing where the agent said nothing."""
    body = proposal.body
    said = {name: body[name] for name in _MEMBERS if body.get(name)}
    if not said:
        return {}
    return {"context": said if is_clean(msgspec.json.encode(said).decode()) else _redact_members(said)}


def _redact_members(said: dict[str, Any]) -> dict[str, Any]:
    """By member: our own names for what an agent says are no secrets' names."""
    return {name: redact(value) for name, value in said.items()}


def declared_on_record(proposal: Proposed) -> dict[str, Any]:
    """What stays for ever: names, codes, and of the evidence counts and the sources' hosts.

    Whole addresses may name a person; they, and the person whom it acts for (`is_delegated`), stand in `context`.
    """
    call = proposal.body.get("tool_call")
    return {
        "evidence": _evidence_on_record(proposal.evidence),
        "is_delegated": bool(proposal.on_behalf_of),
        "risk_flags": list(proposal.risk_flags),
        "tool": call.get("name", "") if isinstance(call, dict) else "",
        "workflow": proposal.source_workflow,
    }


def _evidence_on_record(evidence: EvidenceFacts) -> dict[str, Any]:
    """An address that nobody should follow has no host here."""
    hosts = sorted({host for address in evidence.vendors if (host := safe_host(address))})
    kept: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(evidence, vendors=tuple(hosts)))
    return kept
