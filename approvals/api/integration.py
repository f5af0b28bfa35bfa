"""The base of doors for integrations alone: an agent is refused there, whatever its token says (IDN-02, DNC-06)."""

from typing import Any

import msgspec

from approvals.api.base import AgentView
from governance.domain import scopes
from governance.selectors.principal import find_principal
from governance.selectors.system_principal import find_integration


class IntegrationView(AgentView):
    """A door for systems of the company."""

    def find_principal(self, token: str) -> Any:
        """The integration; or the agent, who is told that it lacks the scope, even if its token claims it."""
        integration = find_integration(token)
        if integration is not None:
            return integration
        agent = find_principal(token)
        return agent and msgspec.structs.replace(agent, scopes=agent.scopes - scopes.INTEGRATION_SCOPES.keys())
