"""A CRM is connected by a person: the connection, where it is reached, and whether it answers (CON-06, IDN-05)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.adapters.address_guard import AddressRefusedError, ensure_address
from crm_connectors.domain.endpoint_settings import RemoteSettings
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.port import AuthError, ConnectorError, LimitedError, TransientError
from crm_connectors.services.address_change import is_moved, propose_address, takes_two
from crm_connectors.services.connectors import UnconfiguredError, get_connector, get_kind, read_settings
from crm_connectors.services.opt_outs import retry_stuck_opt_outs
from crm_connectors.services.secret_changes import forget_all, forget_kept
from governance.models import Connection, User
from governance.selectors.access import ensure_may
from governance.services.config_changes import record_config_change

log = structlog.get_logger(__name__)


class ConnectingError(ValueError):
    """It cannot be connected, or set up, like this. The words say why."""

    code = "connecting_refused"


@dataclass(frozen=True, slots=True)
class Health:
    """What a person is told of a test: `words` say plainly what is wrong, and what to do."""

    is_good: bool
    words: str


def connect_crm(*, workspace_id: UUID, name: str, kind: str, environment: str, user_id: int, now: datetime) -> UUID:
    """Make a connection with an endpoint that is still to be set up; or an endpoint for one that has none.

    Takes `manage_agents`. Commits the rows and `config.changed` for each. Raises NotAllowedError, ConnectingError,
    UnknownKindError, LedgerUnavailableError.
    """
    actor = _ensure_may(workspace_id, user_id)
    get_kind(kind)
    connection = Connection.objects.filter(workspace=workspace_id, name=name).first()
    is_taken = connection is not None and ConnectionEndpoint.objects.filter(pk=connection.pk).exists()
    if is_taken or (connection is not None and connection.kind != kind):
        raise ConnectingError("another connection of this workspace has this name")
    with transaction.atomic():
        if connection is None:
            connection = _make(Connection(workspace_id=workspace_id, name=name, kind=kind, environment=environment))
            _record(connection, connection, ["environment", "kind", "name"], actor=actor, now=now)
        endpoint = ConnectionEndpoint.objects.create(connection=connection)
        _record(connection, endpoint, [], actor=actor, now=now)
    return connection.pk


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of new settings: `forgotten` secrets; `proposal_id` names the change that waits for a second person,
    in which case nothing else was done."""

    forgotten: int = 0
    proposal_id: UUID | None = None


def change_settings(
    *, connection_id: UUID, settings: dict[str, Any], user_id: int, now: datetime, reason: str = ""
) -> Kept:
    """Keep where the CRM is reached and within which limits, in the shape of its kind.

    Takes `manage_agents`. Commits the row and `config.changed`, which names the members that changed. Forgets with it,
    on record, every secret when what they belong to has changed, and else what the CRM itself handed out. A production
    connection that is set up is turned elsewhere by two people: that is proposed, with the reason, and nothing else is
    done. Raises NotAllowedError, ConnectingError, LedgerUnavailableError and what `propose_change` raises.
    """
    connection = Connection.objects.get(pk=connection_id)
    actor = _ensure_may(connection.workspace_id, user_id)
    _ensure_sound(connection.kind, settings)
    with transaction.atomic():
        row, _ = ConnectionEndpoint.objects.select_for_update().get_or_create(connection=connection)
        before, row.settings = row.settings, settings
        changed = sorted(key for key in before.keys() | settings.keys() if before.get(key) != settings.get(key))
        if not changed:
            return Kept()
        if takes_two(connection, before, settings):
            row.settings = before
            made = propose_address(row=row, settings=settings, reason=reason, user_id=user_id, now=now)
            return Kept(proposal_id=made)
        row.save(update_fields=["settings"])
        _record(connection, row, changed, operation="updated", actor=actor, now=now)
        if is_moved(connection.kind, before, settings):
            return Kept(forgotten=forget_all(connection_id=connection_id, actor=actor, now=now))
        forget_kept(connection_id=connection_id, actor=actor, now=now)
    return Kept()


def check_connection(*, connection_id: UUID, user_id: int) -> Health:
    """Ask the CRM whether it answers and accepts us, whatever the breaker says. Takes `manage_agents`. Opt-outs that
    wait for a person are tried again when it does.

    Never inside a transaction: it is a foreign call. Raises NotAllowedError, LedgerUnavailableError.
    """
    connection = Connection.objects.get(pk=connection_id)
    actor = _ensure_may(connection.workspace_id, user_id)
    try:
        get_connector(connection_id, kind=connection.kind, is_test=True).health()
    except ConnectorError as error:
        log.info("connection tested", connection_id=str(connection_id), code=error.code)
        return Health(is_good=False, words=_explain(error))
    waiting = retry_stuck_opt_outs(connection_id=connection_id, actor=actor, now=get_now())
    more = f" {waiting} opt-outs that waited are tried again now." if waiting else ""
    return Health(is_good=True, words=f"The CRM answers and accepts our credential.{more}")


def _explain(error: ConnectorError) -> str:
    match error:
        case UnconfiguredError():
            return f"Not set up yet: {error}."
        case AuthError():
            return f"The CRM does not accept our credential: {error}. Set a new one below."
        case LimitedError():
            return f"The CRM answers, and lets us make no more calls now: {error}."
        case TransientError():
            return f"The CRM is not reached: {error}. Look at the address, and whether the CRM is up."
        case _:
            return f"The CRM answers, but not as it should: {error}."


def _ensure_sound(kind: str, settings: dict[str, Any]) -> None:
    try:
        wanted = read_settings(get_kind(kind), settings)
        if isinstance(wanted, RemoteSettings):
            ensure_address(wanted.base_url)
    except (UnconfiguredError, AddressRefusedError) as error:
        raise ConnectingError(str(error)) from error


def _make(connection: Connection) -> Connection:
    try:
        connection.full_clean()
    except ValidationError as error:
        raise ConnectingError("; ".join(error.messages)) from error
    connection.save()
    return connection


def _ensure_may(workspace_id: UUID, user_id: int) -> Actor:
    ensure_may(user_id=user_id, permission="manage_agents", workspace_id=workspace_id)
    user = User.objects.get(pk=user_id)
    return Actor("human", str(user.person_id or user.username))


def _record(
    connection: Connection,
    row: Connection | ConnectionEndpoint,
    fields: list[str],
    *,
    actor: Actor,
    now: datetime,
    operation: str = "created",
) -> None:
    record_config_change(
        workspace_id=connection.workspace_id, row=row, operation=operation, fields=fields, actor=actor, now=now
    )
