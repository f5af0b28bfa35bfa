"""Whose token is this, among integrations? A query of its own: the one for agents is the product's hottest."""

import json

from oauth2_provider.models import AccessToken

from audit.selectors.clock import get_now
from governance.domain.principal import SystemPrincipal
from governance.domain.scopes import INTEGRATION_SCOPES
from governance.selectors.principal import is_good_token, token_checksum

_COLUMNS = (
    *("expires", "scope", "resource", "application_id"),
    *(f"application__integration__{name}" for name in ("id", "name", "scopes", "workspace_id", "workspace__slug")),
)


def find_integration(token: str) -> SystemPrincipal | None:
    """The integration behind an access token; None for one that is unknown, expired, revoked, switched off, for another
    audience, or an agent's. A scope that was taken from the integration ends at once, whatever the token says.
    """
    checksum = token_checksum(token)
    if checksum is None:
        return None
    rows = AccessToken.objects.filter(
        token_checksum=checksum, application__revoked_at__isnull=True, application__integration__is_active=True
    )
    row = rows.values_list(*_COLUMNS).first()
    if row is None:
        return None
    expires, scope, resource, credential_id, integration_id, name, held, workspace_id, slug = row
    now = get_now()
    if not is_good_token(expires, json.dumps(resource or []), now):
        return None
    return SystemPrincipal(
        integration_id=integration_id,
        name=name,
        workspace_id=workspace_id,
        workspace_slug=slug,
        credential_id=credential_id,
        is_credential_active=True,
        scopes=frozenset(scope.split()) & frozenset(held) & INTEGRATION_SCOPES.keys(),
        now=now,
    )
