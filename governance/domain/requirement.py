"""Whose approval a request needs in all: what its tier asks for and what every matching rule asks for (APR-05)."""

from governance.domain.decision import Requirement
from governance.domain.document import ActionRule
from governance.domain.rule_checks import RuleVerdict


def merge_requirements(tier: ActionRule | None, rules: RuleVerdict) -> Requirement | None:
    """All demands together: every group, every choice of groups, the largest number of people.

    `tier` is None when nothing but rules with groups of their own asks for approval. None when nobody is named.
    """
    groups = {*rules.groups, *(tier.approver_groups if tier is not None else ())}
    alternatives = {choice for choice in rules.alternatives if groups.isdisjoint(choice)}
    if not groups and not alternatives:
        return None
    if tier is not None and not tier.approver_groups:
        return None  # the tier asks for approval and names nobody: no rule answers for it
    count = max(rules.count, tier.approvals_needed if tier is not None else 1, 1)
    return Requirement(tuple(sorted(groups)), count, tuple(sorted(alternatives)))
