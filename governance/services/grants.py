"""Grants: withdrawn and given back at once, and copied to another environment (PRM-02, PRM-06)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from governance.models import Agent, Connection, Grant, RegisteredField
from governance.selectors.access import ensure_may, ensure_may_any
from governance.services.config_changes import record_config_change

FREES = "manage_agents"
"""What it takes, in the whole workspace, to give back or to remove a withdrawn grant."""


class GrantError(ValueError):
    """The grant cannot be changed like this. The words say why."""

    code = "grant_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many grants were copied, how many were there already, and which fields the other connection lacks."""

    copied: int
    kept: int
    dropped: tuple[str, ...]


def set_withdrawn(*, grant_id: UUID, is_withdrawn: bool, actor: Actor, user_id: int, now: datetime) -> None:
    """Withdraw a grant, or give it back: bites with the next request and the next claim, without publishing.

    Withdrawing takes `edit_policy` or `review_access`. Giving back takes `manage_agents`: it frees an agent with nobody
    publishing. Commits the row and `config.changed`; nothing when it is so already. Raises NotAllowedError,
    Grant.DoesNotExist, LedgerUnavailableError.
    """
    with transaction.atomic():
        grant = Grant.objects.select_for_update(of=("self",)).select_related("agent").get(pk=grant_id)
        takes = ("edit_policy", "review_access") if is_withdrawn else (FREES,)
        ensure_may_any(user_id=user_id, permissions=takes, workspace_id=grant.agent.workspace_id)
        if grant.is_withdrawn == is_withdrawn:
            return
        grant.is_withdrawn = is_withdrawn
        grant.save(update_fields=["is_withdrawn"])
        record_config_change(
            workspace_id=grant.agent.workspace_id,
            row=grant,
            operation="updated",
            fields=["is_withdrawn"],
            actor=actor,
            now=now,
        )


def copy_grants(
    *, agent_id: UUID, source_id: UUID, target_id: UUID, actor: Actor, user_id: int, now: datetime
) -> Copied:
    """Copy an agent's grants from one connection to another; grants that are there already stay as they are.

    Fields that the other connection's registry does not know are left out and named. Nothing bites before publishing.
    Takes `edit_policy`. Commits once. Raises GrantError, NotAllowedError, Agent.DoesNotExist, LedgerUnavailableError.
    """
    agent = Agent.objects.get(pk=agent_id)
    ensure_may(user_id=user_id, permission="edit_policy", workspace_id=agent.workspace_id)
    places = Connection.objects.filter(pk__in=(source_id, target_id), workspace_id=agent.workspace_id)
    if source_id == target_id or places.count() != 2:
        raise GrantError("choose two different connections of the agent's workspace")
    held = list(Grant.objects.filter(agent=agent, connection_id=source_id, is_withdrawn=False))
    there = set(Grant.objects.filter(agent=agent, connection_id=target_id).values_list("object_type", "action"))
    fields = set(RegisteredField.objects.filter(connection_id=target_id).values_list("object_type", "name"))
    missing = [grant for grant in held if (grant.object_type, grant.action) not in there]
    with transaction.atomic():
        dropped = {name for grant in missing for name in _copy(grant, target_id, fields, actor, now)}
    return Copied(copied=len(missing), kept=len(held) - len(missing), dropped=tuple(sorted(dropped)))


def _copy(grant: Grant, target_id: UUID, fields: set[tuple[str, str]], actor: Actor, now: datetime) -> list[str]:
    """Write one copy; returns the fields that were left out."""
    known = {name: (grant.object_type, name) in fields for name in (*grant.read_fields, *grant.write_fields)}
    copy = Grant.objects.create(
        agent_id=grant.agent_id,
        connection_id=target_id,
        object_type=grant.object_type,
        action=grant.action,
        read_fields=[name for name in grant.read_fields if known[name]],
        write_fields=[name for name in grant.write_fields if known[name]],
    )
    record_config_change(
        workspace_id=Agent.objects.values_list("workspace_id", flat=True).get(pk=grant.agent_id),
        row=copy,
        operation="created",
        fields=["action", "object_type", "read_fields", "write_fields"],
        actor=actor,
        now=now,
    )
    return [f"{grant.object_type}.{name}" for name, is_known in known.items() if not is_known]
