"""What reviewers corrected: the proposal as it was, and how it became what it is (APR-12)."""

import copy

from approvals.models import AgentActionRequest, Correction


def list_corrections(request: AgentActionRequest) -> list[Correction]:
    """Corrections with their people, oldest first. One query, none for a request that nobody corrected."""
    if not request.facts.get("correction"):
        return []
    return list(Correction.objects.filter(request=request).select_related("person").order_by("id"))


def as_proposed(request: AgentActionRequest) -> AgentActionRequest:
    """A copy of the row with decision, patch and digest as the agent's own proposal had them; never saved.

    One query, none for a request that nobody corrected.
    """
    corrections = list_corrections(request)
    if not corrections:
        return request
    first, original = corrections[0].proposed, copy.copy(request)
    original.decision, original.patch = first["decision"], first["patch"]
    original.digest, original.outcome = first["digest"], first["outcome"]
    original.facts = {**request.facts, "correction": None}
    return original
