"""Asked: one request to be judged, as the sources of facts are asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from governance.domain.budget_claims import BudgetClaim, list_claims
from governance.domain.budget_counter import Hold, make_holds
from governance.domain.budget_state import KnownCounters
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def claims(self) -> tuple[BudgetClaim, ...]:
        """What the request takes from budgets."""
        return list_claims(self.index, self.facts)

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        """The same as counters of the windows of `facts.now`."""
        return make_holds(self.claims, workspace_id=self.workspace_id, now=self.facts.now)
