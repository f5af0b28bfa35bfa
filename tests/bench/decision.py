"""Speed of the decision: against the floor of bare dictionary look-ups, flat from 100 to 10,000 grants and fields, and
beside Cedar with the same hundred and the same thousand rules of RevOps.

Every check runs and is kept, on an update of three fields that policy allows. Reference and ours alternate in one run.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

from msgspec import convert

from approvals.models import AgentActionRequest
from governance.domain.engine import decide
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex, compile_index, grant_key
from governance.selectors.compilation import compile_policy
from tests.bench.rule_policies import cedar_asks, rule_index
from tests.bench.starter import make_starter_site, starter_body
from tests.builders.approvals import submit
from tests.builders.policy import FIELDS, GRANTS, field, make_document, make_facts, make_index, make_request

GATE_MICROSECONDS = 60.0
GOAL_MICROSECONDS = 25.0
GATE_FLATNESS = 1.3
GOAL_FLATNESS = 1.2
GATE_CEDAR_100, GOAL_CEDAR_100 = 2.0, 5.0
GATE_CEDAR_1000, GOAL_CEDAR_1000 = 10.0, 25.0


def run(seconds: float) -> list[dict[str, object]]:
    """Seven rows: the decision, one that is denied, its flatness; Cedar beside us, the flatness in rules; the starter.

    Each third is measured for about `seconds / 3`.
    """
    return _plain_rows(seconds / 3) + _rule_rows(seconds / 3) + [_starter_row(seconds / 3)]


def _plain_rows(seconds: float) -> list[dict[str, object]]:
    small, large = make_index_of(100), make_index_of(10_000)
    allowed, denied = make_facts(), make_facts(workspace="elsewhere")
    lookups = bare_lookups(allowed)
    medians = measure(
        {
            "allowed": lambda: decide(small, allowed),
            "denied": lambda: decide(small, denied),
            "large": lambda: decide(large, allowed),
            "floor": lookups,
        },
        seconds,
    )
    return [
        speed_row("decision, 3 fields, 100 rules", medians["allowed"], medians["floor"]),
        speed_row("decision, 3 fields, 100 rules, denied", medians["denied"], medians["floor"]),
        flatness_row(medians["large"], medians["allowed"]),
    ]


def _rule_rows(seconds: float) -> list[dict[str, object]]:
    """Ours runs and keeps every check of the decision; Cedar answers the rules alone."""
    allowed = make_facts()
    denied = make_facts(make_request(confidence=0.32))
    ours = {count: rule_index(count) for count in (100, 1_000)}
    cedar = {count: cedar_asks(count, allowed) for count in (100, 1_000)}
    for count, index in ours.items():
        assert decide(index, allowed).outcome == "allow"
        assert cedar[count]().allowed
        assert decide(index, denied).outcome == "deny"
        assert not cedar_asks(count, denied)().allowed
    calls: dict[str, Callable[[], object]] = {}
    for count in (100, 1_000):
        calls[f"ours {count}"] = partial(decide, ours[count], allowed)
        calls[f"cedar {count}"] = cedar[count]
    medians = measure(calls, seconds)
    return [
        cedar_row(100, medians, GATE_CEDAR_100, GOAL_CEDAR_100),
        cedar_row(1_000, medians, GATE_CEDAR_1000, GOAL_CEDAR_1000),
        {
            **flatness_row(medians["ours 1000"], medians["ours 100"]),
            "name": "decision, 1,000 rules of RevOps against 100",
            "gate": f"≤ {GOAL_FLATNESS:g} ×",
            "ok": medians["ours 1000"] / medians["ours 100"] <= GOAL_FLATNESS,
        },
    ]


def _starter_row(seconds: float) -> dict[str, object]:
    """The published starter policy, and the facts of a proposal that intake has gathered and allowed."""
    site = make_starter_site()
    body = starter_body(site)
    submitted = submit(site, expected=body["expected"], evidence=body["evidence"])
    facts = convert(AgentActionRequest.objects.get(pk=submitted.request_id).facts, Facts)
    index = compile_index(compile_policy(workspace_id=site.world.workspace.pk).document, version="bench")
    assert decide(index, facts).outcome == "allow"
    medians = measure({"starter": lambda: decide(index, facts), "floor": bare_lookups(make_facts())}, seconds)
    return speed_row("decision on the starter policy, 1 field", medians["starter"], medians["floor"])


def cedar_row(count: int, medians: dict[str, float], gate: float, goal: float) -> dict[str, object]:
    ours, cedar = medians[f"ours {count}"], medians[f"cedar {count}"]
    return {
        "name": f"decision, {count:,} rules of RevOps, beside cedarpy with handles",
        "ours": round(ours * 1e6, 2),
        "reference": round(cedar * 1e6, 2),
        "unit": "µs p50",
        "ratio": round(cedar / ours, 2),
        "gate": f"≥ {gate:g} ×",
        "goal": f"≥ {goal:g} ×",
        "ok": cedar / ours >= gate and ours * 1e6 <= GATE_MICROSECONDS,
    }


def make_index_of(count: int) -> PolicyIndex:
    """The starter-like policy with `count` more grants and `count` more matrix rows around it."""
    agents = tuple(make_grant(f"agent.other{number}") for number in range(count))
    fields = tuple(field(f"extra_{number}", type="integer") for number in range(count))
    return make_index(grants=GRANTS + agents, fields=FIELDS + fields)


def make_grant(agent: str) -> object:
    grant = GRANTS[0]
    return type(grant)(
        agent=agent,
        connection=grant.connection,
        environment=grant.environment,
        object=grant.object,
        action=grant.action,
        write_fields=grant.write_fields,
    )


def bare_lookups(facts: Facts) -> Callable[[], object]:
    """The floor: find grant, action and fields in dictionaries, check nothing, keep nothing."""
    document = make_document()
    grants = {grant_key(grant): grant for grant in document.grants}
    fields = {(rule.connection, rule.object, rule.field): rule for rule in document.fields}
    actions = {rule.action: rule for rule in document.actions}
    agent, request, connection = facts.agent, facts.request, facts.connection
    assert agent is not None

    def look_up() -> object:
        key = (agent.name, connection.name, connection.environment, request.object, request.action)
        found = [fields[connection.name, request.object, name] for name in request.changes]
        return grants[key], actions[request.action], found

    return look_up


def measure(calls: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Median seconds a call, the calls taking turns until the time is up."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for name, call in calls.items():
            for _ in range(50):
                started = time.perf_counter()
                call()
                taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in taken.items()}


def speed_row(name: str, ours: float, floor: float) -> dict[str, object]:
    microseconds = ours * 1e6
    return {
        "name": name,
        "ours": round(microseconds, 2),
        "reference": round(floor * 1e6, 2),
        "unit": "µs p50 (reference: bare look-ups, no checks)",
        "ratio": round(ours / floor, 2),
        "gate": f"≤ {GATE_MICROSECONDS:g} µs",
        "goal": f"≤ {GOAL_MICROSECONDS:g} µs",
        "ok": microseconds <= GATE_MICROSECONDS,
    }


def flatness_row(large: float, small: float) -> dict[str, object]:
    return {
        "name": "decision, 10,000 rules against 100",
        "ours": round(large * 1e6, 2),
        "reference": round(small * 1e6, 2),
        "unit": "µs p50",
        "ratio": round(large / small, 3),
        "gate": f"≤ {GATE_FLATNESS:g} ×",
        "goal": f"≤ {GOAL_FLATNESS:g} ×",
        "ok": large / small <= GATE_FLATNESS,
    }
