"""Provenance of a request: fixed when it arrives, the same at every later look (REG-07)."""

import msgspec

from approvals.models import AgentActionRequest
from approvals.services.judging import load_index
from governance.domain.facts import Facts, ProvenanceFacts
from governance.domain.index import PolicyIndex


def with_provenance(index: PolicyIndex | None, facts: Facts, provenance: ProvenanceFacts) -> Facts:
    """The facts with what the write is signed by, where policy asks for it on this object. No query."""
    if index is None or facts.agent is None:
        return facts
    entry = index.objects.get((facts.connection.name, facts.request.object))
    if entry is None or entry.provenance is None:
        return facts
    return msgspec.structs.replace(facts, provenance=provenance)


def provenance_of(request: AgentActionRequest) -> ProvenanceFacts:
    """From the row alone: what was accepted never changes, so neither does this."""
    return ProvenanceFacts(
        at=request.created_at, request=str(request.pk), reason=str(request.body.get("justification", ""))
    )


def signed_fields(request: AgentActionRequest) -> frozenset[str]:
    """The fields of the written object that say who wrote last, by the policy that decided. They belong to no request:
    another one may have written them since. Expects `connection`. No query once the policy is cached."""
    index = load_index(str(request.decision.get("policy_version", "")) or None) if request.decision else None
    entry = index.objects.get((request.connection.name, request.object_type)) if index is not None else None
    return entry.signed if entry is not None else frozenset()


def is_signature_of_another(request: AgentActionRequest, field: str, *, is_conflict: bool) -> bool:
    """Whether a later write has signed this field since: its signature stays."""
    return is_conflict and field in signed_fields(request)
