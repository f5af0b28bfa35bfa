"""Kill switches: engage and lift (KIL-01/03). Engaging works even when the ledger cannot be written."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import LedgerUnavailableError, append_event, append_with
from audit.services.rows import Rows, insert_together, row_of
from audit.services.spool import spool_event
from governance.domain.vocabulary import ActorType, SwitchKind
from governance.models import KillSwitch
from governance.selectors.access import NotAllowedError, ensure_may_for, ensure_person_may
from governance.selectors.switches import StopPlace, get_stop_place
from governance.services.budgets import begin_volume_anew
from governance.services.history_rows import history_row_of
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
    _ensure_kind(kind, agent_id)
    if user_id is not None:
        ensure_may_for(user_id=user_id, permission="engage_switches", workspace_id=workspace_id, agent_id=agent_id)
    switch = KillSwitch(
        workspace_id=workspace_id,
        kind=kind,
        agent_id=agent_id,
        reason=reason.strip(),
        engaged_by=f"{actor.type}:{actor.id}",
        engaged_at=now,
    )
    try:
        return _engage(switch, actor, append_with)
    except (LedgerUnavailableError, DatabaseError):
        return _engage(switch, actor, _insert_and_spool)


def _engage(switch: KillSwitch, actor: Actor, write: Callable[..., None]) -> UUID:
    """One transaction that asks the database as seldom as can be: while claims keep the processors busy, a stop waits
    longer for its turns than for the lock."""
    with transaction.atomic():
        hold_exclusive(however_long=True)
        place = get_stop_place(workspace_id=switch.workspace_id, kind=switch.kind, agent_id=switch.agent_id)
        if switch.agent_id is not None and place.agent is None:
            raise SwitchError("the workspace has no such agent")
        if place.in_force is not None:
            return place.in_force
        event = _event("switch.engaged", place, switch, switch.reason, actor)
        write([row_of(switch), history_row_of(switch)], [event], now=switch.engaged_at, has_savepoint=False)
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
        place = StopPlace(switch.workspace.slug, switch.agent.name if switch.agent is not None else None, switch.pk)
        append_event(_event("switch.lifted", place, switch, reason, actor, **more), now=now)


def _ensure_kind(kind: str, agent_id: UUID | None) -> None:
    if kind not in set(SwitchKind):
        raise SwitchError(f"`{kind}` is not a kind of kill switch")
    if (kind == SwitchKind.AGENT) != (agent_id is not None):
        raise SwitchError("an agent is named for the switch of one agent, and only for that")


def _refuse_agents(actor: Actor) -> None:
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("kill switches are for people")


def _ensure_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError("say why")


def _insert_and_spool(rows: Sequence[Rows], events: Sequence[NewEvent], *, now: datetime, has_savepoint: bool) -> None:
    """The rows alone, and their events in the spool, else in the log: the stop holds in any case."""
    insert_together(rows, has_savepoint=has_savepoint)
    for event in events:
        try:
            spool_event(event, now=now)
        except LedgerUnavailableError:
            logger.critical("kill_switch_unrecorded", extra={"switch": event.subject.id, "actor": event.actor.id})


def _event(type_: str, place: StopPlace, switch: KillSwitch, reason: str, actor: Actor, **more: str | int) -> NewEvent:
    data: dict[str, str | int] = {"kind": switch.kind, **more}
    if place.agent is not None:
        data["agent"] = place.agent
    return NewEvent(
        type=type_,
        workspace=place.workspace,
        actor=actor,
        subject=Subject("kill_switch", str(switch.pk)),
        correlation_id=str(switch.pk),
        data=data,
        values={"reason": reason.strip()},
    )
