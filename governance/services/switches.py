"""Kill switches: engage and lift (KIL-01/03). Engaging works even when the ledger cannot be written."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import LedgerUnavailableError, append_event
from audit.services.spool import spool_event
from governance.domain.vocabulary import ActorType, SwitchKind
from governance.models import Agent, KillSwitch, Workspace
from governance.selectors.access import NotAllowedError, ensure_may_for, ensure_person_may
from governance.services.budgets import begin_volume_anew
from governance.services.switch_lock import hold_exclusive

logger = logging.getLogger(__name__)


class SwitchError(ValueError):
    """The switch cannot be engaged or lifted like this."""

    code = "switch_refused"


class ReasonMissingError(SwitchError):
    """A stop and its end both say why."""

    code = "reason_missing"


class SwitchNotFoundError(SwitchError):
    """No such switch, or it is lifted already."""

    code = "switch_not_in_force"


def engage_switch(
    *,
    workspace_id: UUID,
    kind: str,
    agent_id: UUID | None,
    reason: str,
    actor: Actor,
    now: datetime,
    user_id: int | None = None,
) -> UUID:
    """Stop everything, one agent, write-back, or every write; returns the switch's id.

    Once it has returned, no claim commits any more. Engaging what is in force already returns the switch in force and
    changes nothing. `user_id` names the login of a person whose `engage_switches` is then asked, in the workspace or
    for the one agent; the operator at the command line needs none. Commits the switch and its event; where the ledger
    cannot be written, the switch alone, and its event goes to the spool. Raises ReasonMissingError, SwitchError,
    NotAllowedError, Workspace.DoesNotExist.
    """
    _refuse_agents(actor)
    _ensure_reason(reason)
    if user_id is not None:
        ensure_may_for(user_id=user_id, permission="engage_switches", workspace_id=workspace_id, agent_id=agent_id)
    workspace = Workspace.objects.get(pk=workspace_id)
    agent = _agent(workspace, kind, agent_id)
    with transaction.atomic():
        _wait_however_long()
        hold_exclusive()
        found = KillSwitch.objects.filter(workspace=workspace, kind=kind, agent=agent, lifted_at__isnull=True).first()
        if found is not None:
            return found.pk
        switch = KillSwitch.objects.create(
            workspace=workspace,
            kind=kind,
            agent=agent,
            reason=reason.strip(),
            engaged_by=f"{actor.type}:{actor.id}",
            engaged_at=now,
        )
        _record_or_spool(_event("switch.engaged", switch, reason, actor), now=now)
    return switch.pk


def lift_switch(
    *, switch_id: UUID, reason: str, proposed_by: UUID, countersigned_by: UUID, actor: Actor, now: datetime
) -> None:
    """End a stop on the word of two people (KIL-03): each active, each with a login that holds `lift_switches` here.

    `actor` is who carried it out: the second person in the console, the command line for an operator who names both.
    An agent that may go on begins anew: people looked at what it asked for before, and only what follows counts
    towards the line that it may have crossed (LIM-05).

    Runs in the transaction of the two-person change, or in its own. Commits the end, the agent's empty counters and the
    event together: without a ledger the stop stays. Raises ReasonMissingError, SwitchNotFoundError, SwitchError (one
    person alone), NotAllowedError, LedgerUnavailableError.
    """
    _refuse_agents(actor)
    _ensure_reason(reason)
    switch = KillSwitch.objects.select_related("workspace", "agent").filter(pk=switch_id).first()
    if switch is None:
        raise SwitchNotFoundError("no such kill switch")
    if proposed_by == countersigned_by:
        raise SwitchError("lifting a stop takes two different people")
    for person_id in (proposed_by, countersigned_by):
        ensure_person_may(person_id=person_id, permission="lift_switches", workspace_id=switch.workspace_id)
    with transaction.atomic():
        hold_exclusive()
        if not KillSwitch.objects.select_for_update().filter(pk=switch_id, lifted_at__isnull=True).exists():
            raise SwitchNotFoundError("the kill switch is lifted already")
        switch.lifted_at, switch.lift_reason = now, reason.strip()
        switch.lift_proposed_by, switch.lifted_by = f"human:{proposed_by}", f"human:{countersigned_by}"
        switch.save(update_fields=["lifted_at", "lifted_by", "lift_proposed_by", "lift_reason"])
        more: dict[str, str | int] = {"proposed_by": str(proposed_by), "countersigned_by": str(countersigned_by)}
        if switch.agent is not None:
            more["volume_forgotten"] = begin_volume_anew(workspace_id=switch.workspace_id, agent=switch.agent.name)
        append_event(_event("switch.lifted", switch, reason, actor, **more), now=now)


def _agent(workspace: Workspace, kind: str, agent_id: UUID | None) -> Agent | None:
    if kind not in set(SwitchKind):
        raise SwitchError(f"`{kind}` is not a kind of kill switch")
    if (kind == SwitchKind.AGENT) != (agent_id is not None):
        raise SwitchError("an agent is named for the switch of one agent, and only for that")
    if agent_id is None:
        return None
    agent = Agent.objects.filter(pk=agent_id, workspace=workspace).first()
    if agent is None:
        raise SwitchError("the workspace has no such agent")
    return agent


def _refuse_agents(actor: Actor) -> None:
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("kill switches are for people")


def _ensure_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError("say why")


def _wait_however_long() -> None:
    """A stop does not give up because claims are slow: the deployment's time limits are lifted for this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")


def _record_or_spool(event: NewEvent, *, now: datetime) -> None:
    """The event, in the ledger if it takes it, else in the spool, else in the log: the stop holds in any case."""
    try:
        with transaction.atomic():
            append_event(event, now=now)
    except (LedgerUnavailableError, DatabaseError):
        try:
            spool_event(event, now=now)
        except LedgerUnavailableError:
            logger.critical("kill_switch_unrecorded", extra={"switch": event.subject.id, "actor": event.actor.id})


def _event(type_: str, switch: KillSwitch, reason: str, actor: Actor, **more: str | int) -> NewEvent:
    data: dict[str, str | int] = {"kind": switch.kind, **more}
    if switch.agent is not None:
        data["agent"] = switch.agent.name
    return NewEvent(
        type=type_,
        workspace=switch.workspace.slug,
        actor=actor,
        subject=Subject("kill_switch", str(switch.pk)),
        correlation_id=str(switch.pk),
        data=data,
        values={"reason": reason.strip()},
    )
