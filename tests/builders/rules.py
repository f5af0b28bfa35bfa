"""Rules as the builder sends them, saved through the service."""

from typing import Any

import msgspec

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.rule import Condition, RiskRule
from governance.models import Rule
from governance.services.rules import RuleDraft, save_rule
from tests.builders.governance import World


def when(subject: str, operator: str, *values: str, field: str = "") -> Condition:
    return Condition(subject=subject, operator=operator, values=values, field=field)


def make_draft(world: World, *conditions: Condition, is_active: bool = True, **changes: Any) -> RuleDraft:
    """A rule that refuses what meets the conditions, unless said otherwise."""
    values = {
        "key": "",
        "name": "Test rule",
        "owner": str(world.owner.pk),
        "reason": "because the test says so",
        "effect": "deny",
        "conditions": conditions,
    }
    return RuleDraft(rule=RiskRule(**{**values, **changes}), is_active=is_active)


def make_rule(world: World, *conditions: Condition, **changes: Any) -> Rule:
    """A saved rule; nothing is published."""
    rule_id = save_rule(
        rule_id=None,
        workspace_id=world.workspace.pk,
        draft=make_draft(world, *conditions, **changes),
        actor=Actor("human", "test"),
        now=get_now(),
    )
    return Rule.objects.get(pk=rule_id)


def as_body(draft: RuleDraft) -> bytes:
    """What the builder posts."""
    return msgspec.json.encode(draft)
