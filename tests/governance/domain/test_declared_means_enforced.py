"""Every member of a published policy decides something: changed alone, it changes some decision."""

import random
import typing
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest

from governance.domain.document import (
    ActionRule,
    AnomalyRule,
    BudgetRule,
    FrequencyRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
    TransitionRule,
)
from governance.domain.engine import decide
from governance.domain.facts import (
    BudgetFacts,
    Facts,
    FrequencyFacts,
    PersonFacts,
    ProvenanceFacts,
    RecordFacts,
    SwitchFacts,
    TouchFacts,
)
from governance.domain.index import compile_index
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from tests.builders.policy import AGENT, NOW, field, make_document, make_facts, make_request
from tests.governance.domain.random_world import BREAKERS, OPENED, PROBED, World

# Words for people: they are shown, and decide nothing. Each with who shows it.
WORDS = {
    "FieldRule.label": "names the field in the diff that is reviewed",
    "RiskRule.name": "names the rule to the reviewer",
    "RiskRule.owner": "says whom to ask about the rule",
    "RiskRule.reason": "told to the reviewer and to the agent",
    "FrequencyRule.name": "names the cap to the reviewer and the agent",
    "FrequencyRule.owner": "says whom to ask about the cap",
    "FrequencyRule.reason": "told to the reviewer and to the agent",
    "FieldRule.owner_person": "says whom to ask; a policy is refused when they are not in the owner's group",
    "BreakerRule.reason": "told to whoever the breaker stops",
    "BreakerRule.owner": "says whom to ask about the breaker",
    "PolicyDocument.format": "tells a later release how to read the document",
}
# Enforced where the action is done, not where it is decided; each with the test that fails without it.
BEYOND_THE_DECISION = {
    **{
        f"BreakerRule.{name}": "tests/approvals/services/test_breakers.py, tests/governance/domain/test_breaker.py"
        for name in ("signal", "window_seconds", "min_calls", "ratio", "amount", "currency")
    },
    "GrantRule.read_fields": "tests/approvals/services/test_reads.py",
    "FieldRule.is_sensitive": "tests/approvals/services/test_reads.py",
}
TRIES = 6_000

Row = msgspec.Struct


def structs(kind: type, seen: set[type] | None = None) -> Iterator[type]:
    """The struct and all that it holds."""
    seen = set() if seen is None else seen
    if kind in seen:
        return
    seen.add(kind)
    yield kind
    for hint in typing.get_type_hints(kind).values():
        for part in (hint, *typing.get_args(hint)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield from structs(part, seen)


MEMBERS = [
    f"{kind.__name__}.{name}"
    for kind in structs(PolicyDocument)
    for name in kind.__struct_fields__
    if not (kind is PolicyDocument and name not in {"format", "workspace"})
]


# What chance meets too rarely: (document, facts) in which the member matters, tried before the random ones.
READ = GrantRule(
    agent=AGENT, connection="embedded", environment="sandbox", object="companies", action="read", read_fields=("name",)
)
EXPORT = {"object": "companies", "fields": "name", "filters": "", "row_limit": 5}
NORWAY = Condition(subject="new_value", operator="on_list", field="country", values=("nordic",))
BASIS = Condition(subject="lawful_basis", operator="is", values=("consent",))
IN_OSLO = RecordFacts(exists=True, values=dict.fromkeys(("country", "name", "industry"), "x") | {"country": "Oslo"})
MOVES = TransitionRule(
    connection="embedded", object="deals", stage_field="dealstage", from_stage="open", to_stages=("won",)
)
OPEN_DEAL = RecordFacts(exists=True, values={"dealstage": "open", "loss_reason": "x"})
IN_A_CITY = BudgetRule(key="segment", unit="writes", window="day", limit=1, segment_field="country")
TAKEN = (BudgetFacts("segment", "country=Oslo", "writes", "day", 1),)
SIGNS = {
    "at_field": "p_at",
    "source_field": "p_source",
    "confidence_field": "p_confidence",
    "reason_field": "p_reason",
    "agent_field": "p_agent",
    "request_field": "p_request",
}
SIGNED = ProvenanceRule(connection="embedded", object="companies", trace_address="at/", **SIGNS)
SIGNABLE = (field("country"), *(field(name) for name in SIGNS.values()))
SIGNATURE = ProvenanceFacts(at=NOW, request="r-1", reason="why")
TOUCHED = FrequencyFacts(
    asked=0,
    people=(
        PersonFacts(
            keys=("0" * 32,),
            versions=(1,),
            touches=(TouchFacts(request="1", action="create_meeting", agent=AGENT, at=NOW - timedelta(hours=3)),),
        ),
    ),
)
CAPS = (
    {"max_touches": 1, "window_hours": 4},
    {"max_touches": 1, "window_hours": 4, "agent": AGENT, "environment": "sandbox"},
    {"min_gap_hours": 4, "channels": ("create_meeting", "send_email")},
    {"stops_after": ("meeting_booked",), "segment_field": "country", "segment_value": "Oslo"},
    {"stops_after": ("meeting_booked",), "segment_field": "name", "segment_value": "Oslo"},
)
VOLUME = AnomalyRule(signal="volume", window="minute", floor=5, factor=2.0)
EXAMPLES = [
    *(
        (
            make_document(anomalies=(VOLUME,)),
            make_facts(
                switches=SwitchFacts(usual=usual), budgets=(BudgetFacts("volume", AGENT, "volume", "minute", used),)
            ),
        )
        for usual, used in ((None, 3), (None, 9), (600, 15))
    ),
    (
        make_document(fields=SIGNABLE, provenance=(SIGNED,)),
        msgspec.structs.replace(
            make_facts(make_request(changes={"country": "Norway"}, source_workflow="nightly"), record=IN_OSLO),
            provenance=SIGNATURE,
        ),
    ),
    (
        make_document(budgets=(IN_A_CITY,)),
        msgspec.structs.replace(make_facts(make_request(changes={"country": "Norway"}), record=IN_OSLO), budgets=TAKEN),
    ),
    *(
        (
            make_document(
                frequency=(FrequencyRule(key="a", name="a", owner="", reason="a", **cap),),
                actions=(ActionRule(action="send_email", risk_tier="gated"),),
            ),
            make_facts(
                make_request(action="send_email", object="emails"), frequency=TOUCHED, target=IN_OSLO, recipients=()
            ),
        )
        for cap in CAPS
    ),
    *(
        (
            make_document(transitions=(MOVES,)),
            make_facts(make_request(object="deals", changes={"dealstage": stage}), record=OPEN_DEAL),
        )
        for stage in ("won", "lost")
    ),
    *(
        (make_document(breakers=BREAKERS), make_facts(switches=switches, budgets=budgets))
        for switches in OPENED
        for budgets in ((), *PROBED)
    ),
    (
        make_document(
            grants=(READ, msgspec.structs.replace(READ, action="export")),
            actions=(ActionRule(action="export", risk_tier="gated", max_rows=5),),
        ),
        make_facts(make_request(action="export", object="exports", target_object="companies", changes=EXPORT)),
    ),
    (
        make_document(
            rules=(RiskRule(key="a", name="a", owner="", reason="a", effect="deny", conditions=(NORWAY,)),),
            lists=(
                NamedList(name="nordic", kind="values", includes=("north",)),
                NamedList(name="north", kind="values", entries=("Norway",)),
            ),
        ),
        make_facts(make_request(changes={"country": "Norway"}), record=IN_OSLO),
    ),
    (
        make_document(
            rules=(RiskRule(key="c", name="c", owner="", reason="c", effect="deny", conditions=(NORWAY,)),),
            lists=(NamedList(name="nordic", kind="terms", entries=("Norway",)),),
        ),
        make_facts(make_request(changes={"country": "up in Norway"}), record=IN_OSLO),
    ),
    (
        make_document(
            rules=(RiskRule(key="b", name="b", owner="", reason="b", effect="deny", conditions=(BASIS,)),),
            bases=(BasisRule(object="companies", field="country", value="Oslo", basis="consent"),),
        ),
        make_facts(make_request(changes={"country": "Norway"}), record=IN_OSLO),
    ),
]


def worlds() -> Iterator[tuple[PolicyDocument, Facts]]:
    yield from EXAMPLES
    for seed in range(TRIES):
        world = World(seed)
        yield world.document(), world.facts()


def rows(document: PolicyDocument, kind: str) -> list[tuple[Row, Callable[[Row], PolicyDocument]]]:
    """Every row of this struct in the document, each with how the document reads with another row in its place."""
    found: list[typing.Any] = []
    if kind == "PolicyDocument":
        return [(document, lambda changed: changed)]
    for section in document.__struct_fields__:
        held = getattr(document, section)
        for place, row in enumerate(held if isinstance(held, tuple) else ()):
            for inner, rebuild in within(row, kind):
                found.append((inner, put(document, section, place, rebuild)))
    return found


def put(document, section, place, rebuild):
    def changed(row: msgspec.Struct) -> PolicyDocument:
        held = getattr(document, section)
        return msgspec.structs.replace(document, **{section: (*held[:place], rebuild(row), *held[place + 1 :])})

    return changed


def within(row, kind):
    """The row itself, or what it holds of this kind, each with how the row reads with another in its place."""
    if type(row).__name__ == kind:
        yield row, lambda changed: changed
    for name in row.__struct_fields__ if isinstance(row, msgspec.Struct) else ():
        held = getattr(row, name)
        for place, inner in enumerate(held if isinstance(held, tuple) else ()):
            for found, rebuild in within(inner, kind):

                def again(changed, *, name=name, held=held, place=place, rebuild=rebuild):
                    return msgspec.structs.replace(row, **{name: (*held[:place], rebuild(changed), *held[place + 1 :])})

                yield found, again


def others(value: object, pool: list[object], chance: random.Random) -> list[object]:
    """Values unlike this one: some that other documents hold here, and some of the same type."""
    drawn = chance.sample(pool, min(3, len(pool)))
    match value:
        case bool():
            drawn = [not value]
        case int() | float():
            drawn += [value + 1, value * 10 + 7, 0]
        case str():
            drawn += ["another", ""]
        case tuple():
            drawn += [(), value[1:]]
        case None:
            drawn += [1]
    return [other for other in drawn if other != value]


def essence(document: PolicyDocument, facts: typing.Any) -> object:
    """What a decision means, without its words. Raises what an incoherent document raises."""
    decision = decide(compile_index(document, version="v"), facts)
    checks = sorted((check.check, check.field, check.code, check.outcome) for check in decision.checks)
    return msgspec.structs.astuple(msgspec.structs.replace(decision, checks=())), checks


@pytest.fixture(scope="module")
def pool() -> dict[str, list[object]]:
    """What random documents hold, by member."""
    held: dict[str, dict[str, object]] = {name: {} for name in MEMBERS}
    for seed in range(300):
        document = World(seed).document()
        for member in MEMBERS:
            kind, name = member.split(".")
            for row, _ in rows(document, kind):
                value = getattr(row, name)
                held[member][repr(value)] = value
    return {member: list(values.values()) for member, values in held.items()}


@pytest.mark.parametrize("member", [name for name in MEMBERS if name not in WORDS | BEYOND_THE_DECISION])
def test_a_decision_reads_it(member, pool):
    """POL-02: what RevOps can set is enforced; a member that no decision reads must not exist."""
    kind, name = member.split(".")
    chance = random.Random(member)  # noqa: S311 - chance, not secrecy
    for number, (document, facts) in enumerate(worlds()):
        found = rows(document, kind)
        tried = found if number < len(EXAMPLES) else chance.sample(found, min(1, len(found)))
        before = essence(document, facts) if tried else None
        for row, changed in tried:
            values = others(getattr(row, name), pool[member], chance)
            if any(differs(before, changed(msgspec.structs.replace(row, **{name: value})), facts) for value in values):
                return
    pytest.fail(f"no decision of {TRIES} random ones reads `{member}`")


def differs(before, document, facts):
    """Whether the decision becomes another one. What cannot be decided at all is never published: it proves nothing."""
    try:
        return essence(document, facts) != before
    except Exception:  # noqa: BLE001 - two rows for one thing, a value of another type
        return False


def test_what_is_excused_exists():
    assert set(WORDS | BEYOND_THE_DECISION) <= set(MEMBERS)
