"""Whose approval a request needs in all: what its tier asks for and what every matching rule asks for (APR-05)."""

from governance.domain.decision import Requirement
from governance.domain.document import ActionRule
from governance.domain.rule_checks import RuleVerdict


def merge_requirements(
    tier: ActionRule | None, rules: RuleVerdict, *, is_tier_asked: bool, owners: tuple[str, ...] = ()
) -> Requirement | None:
    """All demands together: every group, every choice of groups, the largest number of people.

    `is_tier_asked` is false when nothing but rules with groups of their own asks for approval. None when nobody is
    named: a tier that asks and names nobody is answered by no rule, and not by the `owners` of fields either.
    """
    asked = tier.approver_groups if tier is not None and is_tier_asked else ()
    groups = {*rules.groups, *asked, *owners}
    alternatives = {choice for choice in rules.alternatives if groups.isdisjoint(choice)}
    if (is_tier_asked and not asked) or not (groups or alternatives):
        return None
    people = tier.approvals_needed if tier is not None and is_tier_asked else 1
    return Requirement(tuple(sorted(groups)), max(rules.count, people, 1), tuple(sorted(alternatives)))
