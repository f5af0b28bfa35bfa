"""Whose token is this? The hottest read of the product: one query by the token's sha256, no model instances."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from audit.selectors.prepared import fetch_first
from governance.domain.principal import Principal
from governance.models import Agent

_MAX_TOKEN_LENGTH = 512

# The clock comes along, so that the door needs no second query. SQLite runs in our process: its clock is ours.
_CLOCK = {"postgresql": "clock_timestamp()", "sqlite": "NULL"}
_QUERY = """
    SELECT t.expires, t.scope, t.resource, c.id AS credential_id, a.id AS agent_id, a.name, a.lifecycle,
           a.autonomy_level, w.id AS workspace_id, w.slug, {clock} AS clock
    FROM oauth2_provider_accesstoken t
    JOIN governance_credential c ON c.id = t.application_id
    JOIN governance_agent a ON a.id = c.agent_id
    JOIN governance_workspace w ON w.id = a.workspace_id
    WHERE t.token_checksum = %s AND c.revoked_at IS NULL
"""
PRINCIPAL_QUERIES = {vendor: _QUERY.format(clock=clock) for vendor, clock in _CLOCK.items()}
"""By vendor: finds a principal by its token's checksum, the only parameter."""

_NAMES = (
    *("expires", "scope", "resource", "credential_id", "agent_id", "name", "lifecycle", "autonomy_level"),
    *("workspace_id", "slug", "clock"),
)
_AS_TEXT = frozenset(
    ("expires", "resource", "clock")
)  # a text is read in a tenth of the time of the driver's own types
_TEXT = {"postgresql": "::text", "sqlite": ""}
PRINCIPAL_COLUMNS = {
    vendor: ", ".join(f"who.{name}{text if name in _AS_TEXT else ''}" for name in _NAMES)
    for vendor, text in _TEXT.items()
}
"""By vendor: what is selected from such a query named `who`. `read_principal` reads it."""

PRINCIPAL_WIDTH = len(_NAMES)
"""How many columns that are"""


def find_principal(token: str) -> Principal | None:
    """The agent behind an access token; None for one that is unknown, expired, revoked or made for another audience.

    The look-up is by checksum: the token itself lies nowhere, and its comparison leaks no time.
    Source: RFC 6750 §2.1; RFC 8707 §2 (audience).
    """
    checksum = token_checksum(token)
    row = fetch_first(_statement(connection.vendor), [checksum]) if checksum else None
    return read_principal(row) if row is not None else None


def stand_in_principal(
    agent: Agent, *, credential_id: int = 0, scopes: frozenset[str] = frozenset(), now: datetime
) -> Principal:
    """The agent as if it had come by a good token: for what we ask in its name. Expects `workspace`."""
    return Principal(
        agent_id=agent.pk,
        agent_name=agent.name,
        workspace_id=agent.workspace_id,
        workspace_slug=agent.workspace.slug,
        lifecycle=agent.lifecycle,
        autonomy_level=agent.autonomy_level,
        credential_id=credential_id,
        is_credential_active=True,
        scopes=scopes,
        now=now,
    )


@cache
def _statement(vendor: str) -> str:
    return f"SELECT {PRINCIPAL_COLUMNS[vendor]} FROM ({PRINCIPAL_QUERIES[vendor]}) who"  # noqa: S608  # our own words


def token_checksum(token: str) -> str | None:
    """What a token is found by; None for what cannot be one."""
    if not token or len(token) > _MAX_TOKEN_LENGTH:
        return None
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_principal(row: Sequence[Any]) -> Principal | None:
    """The principal from the columns of its query; None when the token is no longer good, or not for us."""
    expires, scope, resource, *rest, clock = row
    now = _aware(clock) if clock is not None else datetime.now(UTC)
    if not is_good_token(expires, resource, now):
        return None
    return _principal(rest, frozenset(scope.split()), now)


def is_good_token(expires: datetime | str, resource: str, now: datetime) -> bool:
    """Whether a token has not expired and is meant for us."""
    return _aware(expires) > now and _is_for_us(resource)


def _principal(columns: list[object], scopes: frozenset[str], now: datetime) -> Principal:
    credential_id, agent_id, agent_name, lifecycle, autonomy_level, workspace_id, workspace_slug = columns
    return Principal(
        agent_id=_uuid(agent_id),
        agent_name=str(agent_name),
        workspace_id=_uuid(workspace_id),
        workspace_slug=str(workspace_slug),
        lifecycle=str(lifecycle),
        autonomy_level=str(autonomy_level),
        credential_id=int(str(credential_id)),
        is_credential_active=True,
        scopes=scopes,
        now=now,
    )


def _is_for_us(resource: str) -> bool:
    """A token bound to resources is good only where one of them is meant; unbound tokens are our own."""
    if resource == "[]":
        return True
    return not set(settings.TOKEN_AUDIENCES).isdisjoint(json.loads(resource))


def _aware(value: datetime | str) -> datetime:
    """Aware and in UTC: SQLite hands texts without a zone, PostgreSQL with the session's."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
