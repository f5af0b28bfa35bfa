"""The door at which an agent asks who it is."""

from typing import Any

import msgspec
from rest_framework.request import Request

from approvals.api.base import AgentView
from approvals.api.documented import documented
from approvals.api.response import Response
from approvals.selectors.agent_profile import AgentProfile, get_agent_profile
from governance.domain.budget_state import BudgetState
from governance.domain.principal import Principal


class MeView(AgentView):
    """Identity, autonomy level, grants, switches in force. Any valid token may ask."""

    @documented("Who am I here", {200: "MeAnswer"})
    def get(self, _request: Request) -> Response:
        return Response(represent_profile(self.principal, get_agent_profile(self.principal)))


def represent_profile(principal: Principal, profile: AgentProfile) -> dict[str, Any]:
    switches = msgspec.structs.asdict(profile.switches)
    return {
        "agent": principal.agent_name,
        "workspace": principal.workspace_slug,
        "lifecycle": principal.lifecycle,
        "autonomy_level": principal.autonomy_level,
        "credential": principal.credential_id,
        "scopes": sorted(principal.scopes),
        "policy_versions": profile.policy_versions,
        "grants": profile.grants,
        "budgets": [_budget(state) for state in profile.budgets],
        "switches": sorted(name for name, is_engaged in switches.items() if is_engaged),
        "now": principal.now,
    }


def _budget(state: BudgetState) -> dict[str, Any]:
    return {
        "key": state.key,
        "value": state.value,
        "unit": state.unit,
        "window": state.window,
        "currency": state.currency or None,
        "limit": state.limit,
        "used": state.used,
        "left": state.left,
        "renews_at": state.renews_at,
    }
