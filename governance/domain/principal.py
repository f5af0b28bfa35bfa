"""Principals: the agent or the integration behind an access token, as the doors need them (IDN-01/02)."""

from datetime import datetime
from uuid import UUID

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """`now` is the database's clock, read with the rest: the time that the request goes by."""

    agent_id: UUID
    agent_name: str
    workspace_id: UUID
    workspace_slug: str
    lifecycle: str
    autonomy_level: str
    credential_id: int
    is_credential_active: bool
    scopes: frozenset[str]
    now: datetime


class SystemPrincipal(msgspec.Struct, frozen=True, kw_only=True):
    """An integration: a system of the company with a closed list of scopes. It proposes nothing and reads no record."""

    integration_id: UUID
    name: str
    workspace_id: UUID
    workspace_slug: str
    credential_id: int
    is_credential_active: bool
    scopes: frozenset[str]
    now: datetime
