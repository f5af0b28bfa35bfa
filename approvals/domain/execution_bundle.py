"""The execution bundle: all that one action rested on, in one canonical piece named by its hash (RPL-01).

Whoever has the bundle and the policy document that it names decides again and gets the same bytes (RPL-02).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

BUNDLE_VERSION = 1

in_one_spelling = msgspec.json.Encoder(order="sorted").encode
"""JSON with its members sorted and no white space. As RFC 8785, but for numbers that it does not know: a CRM may hold
some that are too large for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is on record of a request: the accepted proposal, who made it with what, the facts and the decision, as the
    row has them."""

    request: str
    workspace: str
    actor: str
    credential: str
    agent_version: Mapping[str, str]
    fingerprint: str
    proposal: Mapping[str, Any]
    facts: Mapping[str, Any]
    decision: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class ExecutionBundle:
    """`address` is `sha256:<hex>` of `content`, which is JSON in its one spelling."""

    address: str
    content: bytes


def make_execution_bundle(recorded: Recorded) -> ExecutionBundle:
    """The bundle of a request. The same record gives the same address, for ever."""
    whole = {
        "v": BUNDLE_VERSION,
        "request": recorded.request,
        "workspace": recorded.workspace,
        "actor": recorded.actor,
        "credential": recorded.credential,
        "agent_version": dict(recorded.agent_version),
        "proposal": {"fingerprint": recorded.fingerprint, "body": dict(recorded.proposal)},
        "crm_fields": crm_fields(recorded.facts),
        "facts": dict(recorded.facts),
        "policy_version": recorded.decision.get("policy_version", ""),
        "decision": dict(recorded.decision),
        "digest": recorded.digest,
    }
    content = in_one_spelling(whole)
    return ExecutionBundle(f"sha256:{hashlib.sha256(content).hexdigest()}", content)


def crm_fields(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which fields of which record the decision read from the CRM."""
    request = facts.get("request") or {}
    found = {}
    for name, place in (("record", request.get("object", "")), ("target", request.get("target_object", ""))):
        values = (facts.get(name) or {}).get("values") or {}
        if values:
            found[f"{name}: {place}"] = sorted(values)
    return found
