"""From facts to what is reserved in the touch ledger: a row for each key of each person, and how late a key may be."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from governance.domain.facts import Facts, FrequencyFacts, PersonFacts, TouchFacts
from governance.domain.frequency_checks import room_for
from governance.domain.frequency_table import FrequencyTable


class TouchHold(msgspec.Struct, frozen=True):
    """One key of one person of a request. `version` is what the key had when it was looked at, `room` how many touches
    the caps would still have let through then, this one included."""

    key: UUID
    person_number: int
    version: int
    room: int


class TouchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one request reserves."""

    request_id: UUID
    action: str
    agent: str
    environment: str
    holds: tuple[TouchHold, ...]


class KeyClaim(msgspec.Struct, frozen=True, order=True):
    """How much is taken of one key: its version rises by `amount` and may not pass `ceiling`."""

    key: UUID
    amount: int
    ceiling: int


def plan_touches(table: FrequencyTable, facts: Facts, *, request_id: UUID) -> TouchPlan | None:
    """What the request reserves, None when it touches nobody."""
    people = facts.frequency.people if facts.frequency is not None else ()
    holds = []
    for number, person in enumerate(people):
        room = room_for(table, facts, person)
        holds += [
            TouchHold(UUID(key), number, version, room)
            for key, version in zip(person.keys, person.versions, strict=True)
        ]
    if not holds:
        return None
    return TouchPlan(
        request_id=request_id,
        action=facts.request.action,
        agent=facts.agent.name if facts.agent is not None else "",
        environment=facts.connection.environment,
        holds=tuple(holds),
    )


def claims_of(plans: Iterable[TouchPlan]) -> tuple[KeyClaim, ...]:
    """One claim for each key, in the order in which keys are locked. Plans of one batch were made one after the other:
    each counted the ones before it, so that the least room of any of them decides."""
    amounts: dict[UUID, int] = {}
    bases: dict[UUID, int] = {}
    for plan in plans:
        for key, version, room in sorted({(hold.key, hold.version, hold.room) for hold in plan.holds}):
            amounts[key] = amounts.get(key, 0) + 1
            base = version + room - 1
            bases[key] = min(bases.get(key, base), base)
    return tuple(KeyClaim(key, amounts[key], bases[key] + amounts[key]) for key in sorted(amounts))


Planned = dict[tuple[str, str], list[TouchFacts]]
"""environment and key → what earlier requests of the same batch reserve"""


def add_planned(planned: Planned, plan: TouchPlan, *, now: datetime) -> None:
    """Note what one more request of a batch reserves."""
    touch = TouchFacts(request=str(plan.request_id), action=plan.action, agent=plan.agent, at=now, is_pending=True)
    for hold in plan.holds:
        planned.setdefault((plan.environment, hold.key.hex), []).append(touch)


def with_planned(facts: Facts, planned: Planned) -> Facts:
    """The same facts after the earlier requests of the same batch: their touches are pending."""
    found = facts.frequency
    if found is None or not planned:
        return facts
    environment = facts.connection.environment
    people = tuple(_after(person, planned, environment) for person in found.people)
    return msgspec.structs.replace(facts, frequency=msgspec.structs.replace(found, people=people))


def _after(person: PersonFacts, planned: Planned, environment: str) -> PersonFacts:
    more = dict.fromkeys(touch for key in person.keys for touch in planned.get((environment, key), ()))
    return msgspec.structs.replace(person, touches=(*person.touches, *more)) if more else person


def as_contended(facts: Facts) -> Facts:
    """The facts of a request that lost the race for someone again and again."""
    found = facts.frequency
    if found is None:
        return facts
    contended = FrequencyFacts(asked=found.asked, people=found.people, is_contended=True)
    return msgspec.structs.replace(facts, frequency=contended)
