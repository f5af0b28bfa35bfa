"""Which scopes a client can hold: an agent those of agents, an integration its own, and neither the other's."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from governance.domain.scopes import AGENT_SCOPES, MEANINGS
from governance.models import Credential


class ScopesByHolder(BaseScopes):  # type: ignore[misc]  # the package ships no types
    """Asked by the token endpoint. What is not available is `invalid_scope`, whoever wrote it into a request."""

    def get_all_scopes(self) -> dict[str, str]:
        return MEANINGS

    def get_available_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        return _scopes_of(application)

    def get_default_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        """Everything that the client may hold."""
        return _scopes_of(application)


def _scopes_of(application: Any) -> list[str]:
    if not isinstance(application, Credential):
        return []
    if application.integration is not None:
        return [scope for scope in application.integration.scopes if scope not in AGENT_SCOPES]
    return list(AGENT_SCOPES) if application.agent_id else []
