"""Asked: one request to be judged, as the sources of facts are asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from governance.domain.budget_state import KnownCounters
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to be judged. `facts` hold its record and recipients; `agent_id` is None for a person's; `held` is
    what the request has taken from budgets already, counter → amount; `counters` are those read along the way.
    """

    facts: Facts
    index: PolicyIndex
    workspace_id: UUID
    agent_id: UUID | None
    request_id: UUID
    held: Mapping[UUID, int] = field(default_factory=dict)
    counters: KnownCounters | None = None
