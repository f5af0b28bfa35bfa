"""Answering whether someone is listed: yes or no, never why, and on record with counts alone (DNC-04)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.facts import RecipientFacts
from governance.domain.principal import Principal
from governance.domain.vocabulary import ActorType, Lifecycle
from governance.selectors.dnc_facts import DncQuestion, get_dnc_facts
from governance.selectors.switches import get_switch_facts

LISTED, NOT_LISTED, INVALID = "listed", "not_listed", "invalid"


class NotServingError(PermissionError):
    """The agent is stopped, or at a point of its life at which it is told nothing."""

    code = "agent_not_serving"
    http_status = 403


class DncAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`results` in the order of the question: `listed`, `not_listed` or `invalid`. True at `as_of`, not later."""

    as_of: datetime
    results: tuple[str, ...]


def check_dnc_recipients(
    *,
    principal: Principal,
    recipients: Sequence[RecipientFacts],
    connection: str,
    correlation_id: str,
    now: datetime,
) -> DncAnswer:
    """What the list says of each address of the principal's workspace now, by one query. Commits `dnc.checked`.

    An address that cannot be read is `invalid`, never `not_listed`. Raises DncUnavailableError, django.db.Error,
    LedgerUnavailableError: then there is no answer. NotServingError for an agent that is stopped or not in service.
    """
    _ensure_serving(principal)
    question = DncQuestion(workspace_id=principal.workspace_id, connection=connection, recipients=recipients)
    (facts,) = get_dnc_facts([question], now=now)
    listed, unreadable = {hit.recipient for hit in facts.hits}, frozenset(facts.unreadable)
    results = tuple(_result(position, listed, unreadable) for position in range(len(recipients)))
    event = NewEvent(
        type="dnc.checked",
        workspace=principal.workspace_slug,
        actor=Actor(ActorType.AGENT, principal.agent_name),
        subject=Subject("agent", str(principal.agent_id)),
        correlation_id=correlation_id,
        data={"asked": len(results)} | {name: results.count(name) for name in (LISTED, NOT_LISTED, INVALID)},
    )
    with transaction.atomic():
        append_event(event, now=now)
    return DncAnswer(as_of=now, results=results)


def _ensure_serving(principal: Principal) -> None:
    if principal.lifecycle not in (Lifecycle.ACTIVE, Lifecycle.READ_ONLY):
        raise NotServingError(f"the agent is {principal.lifecycle}")
    switches = get_switch_facts(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    if switches.is_all_stopped or switches.is_agent_stopped:
        raise NotServingError("a kill switch is engaged")


def _result(position: int, listed: set[int], unreadable: frozenset[int]) -> str:
    if position in unreadable:
        return INVALID
    return LISTED if position in listed else NOT_LISTED
