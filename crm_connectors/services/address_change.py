"""A production connection is turned elsewhere by two people: proposed, and made once it is countersigned (IDN-05).

The wanted settings lie beside those in force. What is countersigned is their digest, and the digest of what they
replace: whatever was changed meanwhile makes the agreement void.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import transaction

from audit.domain.canonical import digest
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.services.connectors import UnconfiguredError, get_kind, read_settings
from crm_connectors.services.secret_changes import forget_all
from governance.domain.change_status import ChangeStatus
from governance.domain.vocabulary import Environment
from governance.models import Connection, User
from governance.selectors.access import NotAllowedError
from governance.services.change_proposals import propose_change
from governance.services.config_changes import record_config_change

log = structlog.get_logger(__name__)
KIND = "connection.address"


def takes_two(connection: Connection, before: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a production connection that is set up already would be turned elsewhere."""
    if connection.environment != Environment.PRODUCTION or not is_moved(connection.kind, before, wanted):
        return False
    return bool(before) or ConnectionSecret.objects.filter(connection=connection.pk).exists()


def is_moved(kind: str, before: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the secrets would belong to something else."""
    return _owner(kind, before) != _owner(kind, wanted)


def propose_address(
    *, row: ConnectionEndpoint, settings: dict[str, Any], reason: str, user_id: int, now: datetime
) -> UUID:
    """Put the wanted settings beside those in force and the change before a second person; the proposal's id.

    In the caller's transaction. Raises NotAllowedError and what `propose_change` raises.
    """
    connection = row.connection
    user = User.objects.get(pk=user_id)
    if user.person_id is None:
        raise NotAllowedError("this login belongs to no person")
    proposal_id = propose_change(
        workspace_id=connection.workspace_id,
        kind=KIND,
        payload={
            "connection": str(connection.pk),
            "name": connection.name,
            "digest": digest(settings),
            "from_digest": digest(row.settings),
            "changes": _changes(connection.kind, row.settings, settings),
        },
        subject=f"Turn {connection.name} elsewhere",
        reason=reason,
        person_id=user.person_id,
        user_id=user_id,
        now=now,
    )
    row.wanted, row.change_id = settings, proposal_id
    row.save(update_fields=["wanted", "change"])
    return proposal_id


def work_on_address_changes() -> bool:
    """Make the oldest countersigned change; whether there was one. Never inside a transaction.

    Commits the settings, `config.changed` and the end of every secret together. What does not fit what was agreed on is
    not made, and said in the log.
    """
    agreed = ConnectionEndpoint.objects.filter(change__status=ChangeStatus.APPLIED, change__kind=KIND)
    pk = agreed.order_by("change__ended_at").values_list("pk", flat=True).first()
    if pk is None:
        return False
    with transaction.atomic():
        rows = agreed.select_for_update(of=("self",)).select_related("connection", "change")
        if (row := rows.filter(pk=pk).first()) is not None:
            _make(row, now=get_now())
    return True


def _make(row: ConnectionEndpoint, *, now: datetime) -> None:
    change, wanted, before = row.change, row.wanted, row.settings
    row.wanted, row.change = None, None
    told = (digest(wanted), digest(before), str(row.pk))
    if (
        change is None
        or wanted is None
        or told != tuple(change.payload[name] for name in ("digest", "from_digest", "connection"))
    ):
        log.warning("countersigned address not taken: the settings changed since", connection_id=str(row.pk))
        row.save(update_fields=["wanted", "change"])
        return
    row.settings = wanted
    row.save(update_fields=["settings", "wanted", "change"])
    actor = Actor("human", str(change.ended_by_id))
    changed = sorted(name for name in before.keys() | wanted.keys() if before.get(name) != wanted.get(name))
    record_config_change(
        workspace_id=row.connection.workspace_id, row=row, operation="updated", fields=changed, actor=actor, now=now
    )
    forget_all(connection_id=row.pk, actor=actor, now=now)


def _changes(kind: str, before: dict[str, Any], wanted: dict[str, Any]) -> list[list[str]]:
    """Title, before, after: of those alone that say where secrets go."""
    shape = get_kind(kind).settings
    titles = msgspec.json.schema(shape)["$defs"][shape.__name__]["properties"]
    defaults = {item.name: item.default for item in msgspec.structs.fields(shape) if not item.required}
    pairs = (
        (name, before.get(name, defaults.get(name)), wanted.get(name, defaults.get(name)))
        for name in shape.secrets_belong_to
    )
    return [
        [titles[name].get("title") or name, str(old or ""), str(new or "")] for name, old, new in pairs if old != new
    ]


def _owner(kind: str, settings: dict[str, Any]) -> tuple[object, ...] | None:
    """What the secrets belong to; None, which is nobody's, while the settings do not fit."""
    try:
        return read_settings(get_kind(kind), settings).owner_of_secrets()
    except UnconfiguredError:
        return None
