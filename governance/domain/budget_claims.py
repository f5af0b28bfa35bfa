"""What a request would take from which budgets: a pure function of policy and facts (LIM-01)."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from governance.domain.anomaly import VOLUME, list_rules, usual_at_most
from governance.domain.breaker import PROBES, list_probing
from governance.domain.budget_table import PARTIAL_KEYS, BudgetFamily, BudgetTable
from governance.domain.budget_value import counted_value
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex
from governance.domain.judged import Judged, judged_of
from governance.domain.vocabulary import Action, BudgetKey, BudgetUnit

_TWO_CALLS = (BudgetUnit.API_CALLS.value, 2)
_WRITE = ((BudgetUnit.WRITES.value, 1), _TWO_CALLS)
_CREATE = ((BudgetUnit.CREATES.value, 1), *_WRITE)

# What each action takes. An update is read twice, written and read back; what is made is written and read back.
UNITS: dict[str, tuple[tuple[str, int], ...]] = {
    Action.UPDATE.value: ((BudgetUnit.WRITES.value, 1), (BudgetUnit.API_CALLS.value, 4)),
    Action.DELETE.value: ((BudgetUnit.WRITES.value, 1), (BudgetUnit.API_CALLS.value, 4)),
    Action.CREATE.value: _CREATE,
    Action.CREATE_TASK.value: _CREATE,
    Action.CREATE_NOTE.value: _CREATE,
    Action.DRAFT.value: _WRITE,
    Action.QUEUE.value: _WRITE,
    Action.SEND_EMAIL.value: ((BudgetUnit.SENDS.value, 1), _TWO_CALLS),
    Action.PUSH_TO_DIALER.value: ((BudgetUnit.SENDS.value, 1), _TWO_CALLS),
    Action.ENROLL_SEQUENCE.value: ((BudgetUnit.ENROLMENTS.value, 1), _TWO_CALLS),
    Action.CREATE_MEETING.value: ((BudgetUnit.BOOKINGS.value, 1), _TWO_CALLS),
    Action.EXPORT.value: ((BudgetUnit.EXPORTS.value, 1), _TWO_CALLS),
}


class BudgetClaim(msgspec.Struct, frozen=True):
    """`amount` from the budget of one value of one key, which holds `limit` in a window.

    `starts_at` is when the window began, for one that does not begin by the clock.
    """

    key: str
    value: str
    unit: str
    window: str
    amount: int
    limit: int
    starts_at: datetime | None = None


def list_claims(index: PolicyIndex, facts: Facts) -> tuple[BudgetClaim, ...]:
    """All that a request takes: from its budgets, the probes of half-open breakers, what is usual for its agent."""
    return (*budget_claims(index.budgets, facts), *probe_claims(index, facts), *volume_claims(index, facts))


def volume_claims(index: PolicyIndex, facts: Facts) -> tuple[BudgetClaim, ...]:
    """LIM-05: the request counts among what its agent asks for, once, when it is decided."""
    if not index.anomalies or facts.agent is None or facts.is_second_look or judged_of(facts) is not Judged.AGENT:
        return ()
    name, usual = facts.agent.name, facts.switches.usual
    return tuple(
        BudgetClaim(VOLUME, name, VOLUME, rule.window, 1, usual_at_most(rule, usual))
        for rule in list_rules(index.anomalies, name, VOLUME)
    )


def probe_claims(index: PolicyIndex, facts: Facts) -> tuple[BudgetClaim, ...]:
    """LIM-04: a breaker that opened at one moment has its probes once, however many ask for them."""
    if facts.agent is None or judged_of(facts) is not Judged.AGENT:
        return ()
    found = list_probing(index.breakers, facts)
    return tuple(BudgetClaim(PROBES, rule.name, PROBES, PROBES, 1, rule.probes, opened_at) for rule, opened_at in found)


def budget_claims(table: BudgetTable, facts: Facts) -> tuple[BudgetClaim, ...]:
    """Everything that the request draws on. Budgets are the agents': a person's correction and a revert take nothing.

    An action of no known unit counts as a write. A default holds unless a rule of its unit bounds all that the agent
    does, or one of its own key speaks (LIM-02): a budget for one record or segment leaves the rest of the day open.
    """
    if facts.agent is None or judged_of(facts) is not Judged.AGENT:
        return ()
    claims: list[BudgetClaim] = []
    for unit, amount in _amounts(facts):
        found = list(_claims(table.families.get(unit, ()), amount, facts))
        spoken = {claim.key for claim in found}
        defaults = () if spoken - PARTIAL_KEYS else table.defaults.get(unit, ())
        claims += found
        claims += _claims(tuple(family for family in defaults if family.key not in spoken), amount, facts)
    return tuple(claims)


def is_spend_budgeted(table: BudgetTable, facts: Facts) -> bool:
    """Whether some budget speaks for the currency that the request spent; what spends nothing needs none."""
    usage = facts.request.usage
    if usage is None or not usage.spend_micros or facts.agent is None or judged_of(facts) is not Judged.AGENT:
        return True
    return any(True for _ in _claims(table.families.get(BudgetUnit.SPEND.value, ()), 1, facts))


def is_budgeted(table: BudgetTable, action: str, agent: str) -> bool:
    """Whether a published rule limits what this agent's action takes. Defaults do not count."""
    families = [family for unit, _ in UNITS.get(action, _WRITE) for family in table.families.get(unit, ())]
    return any(
        family.general is not None or (family.key == BudgetKey.AGENT and agent in family.scoped) for family in families
    )


def record_value(connection: str, object_type: str, record_id: str) -> str:
    """What a record is called among the values of a budget's key; empty where none is written to."""
    return f"{connection}/{object_type}/{record_id}" if record_id else ""


def _amounts(facts: Facts) -> Iterator[tuple[str, int]]:
    yield from UNITS.get(facts.request.action, _WRITE)
    usage = facts.request.usage
    if usage is not None and usage.tokens:
        yield BudgetUnit.TOKENS.value, usage.tokens
    if usage is not None and usage.spend_micros:
        yield BudgetUnit.SPEND.value, usage.spend_micros


def _claims(families: tuple[BudgetFamily, ...], amount: int, facts: Facts) -> Iterator[BudgetClaim]:
    for family in families:
        if family.unit == BudgetUnit.SPEND and family.currency != _currency(facts):
            continue
        for value in _values(family, facts):
            limit = family.limit(value)
            if limit is not None:
                yield BudgetClaim(family.key, value, family.counted, family.window, amount, limit)


def _currency(facts: Facts) -> str:
    return facts.request.usage.currency if facts.request.usage is not None else ""


def _values(family: BudgetFamily, facts: Facts) -> tuple[str, ...]:
    """The values of the family's key in this request."""
    match family.key:
        case BudgetKey.AGENT:
            found = facts.agent.name if facts.agent is not None else ""
        case BudgetKey.WORKSPACE:
            found = facts.workspace
        case BudgetKey.RECORD:
            found = record_value(facts.connection.name, facts.request.object, facts.request.record_id or "")
        case BudgetKey.SEGMENT:
            held = facts.record.values.get(family.segment_field) if facts.record is not None else None
            found = f"{family.segment_field}={held}" if isinstance(held, str | int | float) and held != "" else ""
        case BudgetKey.MAILBOX:
            return _mailboxes(family, facts)
        case _:
            return _domains(facts)
    return (found,) if found else ()


def _domains(facts: Facts) -> tuple[str, ...]:
    addresses = (person.address for person in facts.recipients or () if person.kind == "email")
    return tuple(sorted({counted_value(BudgetKey.RECIPIENT_DOMAIN, address) for address in addresses}))


def _mailboxes(family: BudgetFamily, facts: Facts) -> tuple[str, ...]:
    """Who sends. The agent chooses that: mailboxes that no rule names count for it under its own name as well, so that
    another made-up one is no fresh budget."""
    message, own = facts.request.message, facts.agent.name if facts.agent is not None else ""
    sender = counted_value(BudgetKey.MAILBOX, message.sender) if message is not None and message.sender else ""
    if sender in family.scoped:
        return (sender,)
    return tuple(sorted({name for name in (sender, counted_value(BudgetKey.MAILBOX, own)) if name}))
