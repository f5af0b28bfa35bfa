"""The same hundred or thousand rules for us and for Cedar: which the decision benchmark asks side by side.

Rule number n looks at one field and at the agent's confidence, and refuses. Eight are about fields that the proposal
changes, the others about other fields, as in a policy that grew. None matches what is allowed, one what is denied.
"""

from collections.abc import Callable
from typing import Any

import cedarpy

from governance.domain.document import FieldRule
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex
from governance.domain.rule import Condition, RiskRule
from tests.builders.policy import FIELDS, field, make_index

TOUCHED = ("country", "industry", "numberofemployees")
ABOUT_TOUCHED = 8
LOW = "0.3"


def rule_index(count: int) -> PolicyIndex:
    """The small sales policy with `count` rules."""
    return make_index(fields=(*FIELDS, *_extra_fields(count)), rules=tuple(_rule(n) for n in range(count)))


def cedar_asks(count: int, facts: Facts) -> Callable[[], Any]:
    """The question of `facts` to Cedar, with policies and entities parsed beforehand."""
    policies = cedarpy.PolicySet.from_str(
        "permit(principal, action, resource);\n" + "\n".join(map(_policy, range(count)))
    )
    entities = cedarpy.Entities.from_json_str("[]")
    request = facts.request
    question = {
        "principal": f'Agent::"{facts.agent.name if facts.agent else ""}"',
        "action": f'Action::"{request.action}"',
        "resource": f'Record::"{request.object}:{request.record_id}"',
        "context": {
            "object": request.object,
            "fields": sorted(request.changes),
            "confidence": {"__extn": {"fn": "decimal", "arg": f"{request.confidence:.2f}"}},
        },
    }
    return lambda: cedarpy.is_authorized(question, policies, entities)


def _field_of(number: int) -> str:
    return TOUCHED[number % len(TOUCHED)] if number < ABOUT_TOUCHED else f"extra_{number}"


def _extra_fields(count: int) -> tuple[FieldRule, ...]:
    return tuple(field(_field_of(number), type="integer") for number in range(ABOUT_TOUCHED, count))


def _rule(number: int) -> RiskRule:
    """Rules on one field differ in how low the confidence must be."""
    return RiskRule(
        key=f"rule-{number}",
        name=f"Rule {number}",
        owner="",
        reason="the confidence is too low for this field",
        actions=("update",),
        objects=("companies",),
        fields=(_field_of(number),),
        conditions=(Condition(subject="confidence", operator="less", values=(_least(number),)),),
        effect="deny",
    )


def _policy(number: int) -> str:
    return (
        f'@id("rule-{number}") forbid(principal, action == Action::"update", resource) when {{ '
        f'context.object == "companies" && context.fields.contains("{_field_of(number)}") && '
        f'context.confidence.lessThan(decimal("{_least(number)}")) }};'
    )


def _least(number: int) -> str:
    return LOW if number >= ABOUT_TOUCHED else f"0.{30 + number}"
