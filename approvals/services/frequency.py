"""The touch ledger in the life of a request: asked before judging, reserved with it, asked again as a send begins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import Error as DatabaseError

from approvals.domain.asked import Asked
from approvals.domain.judgement import Judgement
from approvals.models import AgentActionRequest
from approvals.services.budget_facts import GOES_ON
from approvals.services.judging import load_index
from crm_connectors.selectors.enrolments import list_ended_enrolments
from governance.domain.action_class import SENDS
from governance.domain.check_result import DENY
from governance.domain.facts import Facts, FrequencyFacts, PersonFacts, TouchFacts
from governance.domain.frequency_checks import judge_frequency
from governance.domain.index import PolicyIndex
from governance.domain.touch_plan import TouchPlan, plan_touches
from governance.domain.vocabulary import Action
from governance.selectors.touches import TouchQuestion, get_frequency_facts

log = structlog.get_logger(__name__)


def needs_frequency(item: Asked) -> bool:
    return item.facts.request.action in SENDS and item.facts.recipients is not None


def ask_frequency(items: Sequence[Asked], now: datetime) -> list[FrequencyFacts]:
    """What the ledger says of each request. One query for all; two more where a cap asks for sequences and somebody was
    enrolled in one. Raises what makes the ledger unreadable."""
    found = get_frequency_facts([_question(item) for item in items], now=now)
    asking = [facts for facts, item in zip(found, items, strict=True) if item.index.frequency.asks_enrolments]
    enrolled = {UUID(touch.request) for facts in asking for touch in _enrolments(facts)}
    ended = list_ended_enrolments(enrolled) if enrolled else frozenset()
    return [_without(facts, {str(request_id) for request_id in ended}) for facts in found] if ended else found


def touches_of(index: PolicyIndex | None, judgement: Judgement | None, *, request_id: UUID) -> TouchPlan | None:
    """What a request reserves with its decision: allowed and awaiting approval alike, nothing when it ends here."""
    if index is None or judgement is None or judgement.status not in GOES_ON:
        return None
    return plan_touches(index.frequency, judgement.facts, request_id=request_id)


def recheck_frequency(request: AgentActionRequest, *, now: datetime) -> str:
    """Why a send must not begin, empty when it may: the last look before the call, under the policy of the claim.

    Inside the transaction that commits "sent", under the lock that whoever stops a person takes too. Raises
    django.db.Error; then nothing begins either.
    """
    if request.action not in SENDS:
        return ""
    facts = msgspec.structs.replace(msgspec.convert(request.facts, Facts), now=now)
    try:
        index = load_index(str(request.decision.get("policy_version") or "") or None)
        if index is None:
            return "check_failed"
        item = Asked(
            facts=facts,
            index=index,
            workspace_id=request.workspace_id,
            agent_id=request.agent_id,
            request_id=request.pk,
        )
        fresh = ask_frequency([item], now)[0]
    except DatabaseError:
        raise
    except Exception:
        log.exception("the touch ledger could not be read", request_id=str(request.pk))
        return "check_failed"
    result = judge_frequency(index.frequency, msgspec.structs.replace(facts, frequency=fresh))
    return result.code if result.outcome == DENY else ""


def _question(item: Asked) -> TouchQuestion:
    return TouchQuestion(
        workspace_id=item.workspace_id,
        connection=item.facts.connection.name,
        environment=item.facts.connection.environment,
        recipients=item.facts.recipients or (),
        request_id=item.request_id,
        horizon_hours=item.index.frequency.horizon_hours,
    )


def _enrolments(facts: FrequencyFacts) -> list[TouchFacts]:
    """The enrolments that have begun and were not taken back: only those can have ended by themselves."""
    touches = (touch for person in facts.people for touch in person.touches)
    return [
        touch for touch in touches if touch.action == Action.ENROLL_SEQUENCE and touch.is_live and not touch.is_pending
    ]


def _without(facts: FrequencyFacts, ended: set[str]) -> FrequencyFacts:
    """The same facts, where these enrolments run no more."""
    return msgspec.structs.replace(facts, people=tuple(_person_without(person, ended) for person in facts.people))


def _person_without(person: PersonFacts, ended: set[str]) -> PersonFacts:
    touches = tuple(
        msgspec.structs.replace(touch, is_live=False) if touch.request in ended else touch for touch in person.touches
    )
    return msgspec.structs.replace(person, touches=touches)
