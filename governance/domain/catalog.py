"""The safe-action catalog and the blocked list: what the policy in force lets each agent do, and why (PRM-09).

The plain meaning of the document, action by action and field by field. What a request brings (evidence, rules,
budgets) may still stop it; nothing here is ever allowed by the catalog and denied by the tables that it reads.
"""

from dataclasses import dataclass

from governance.domain.action_class import PREPARATIONS, REQUESTABLE
from governance.domain.check_result import DENY, PASS
from governance.domain.index import GrantEntry, PolicyIndex
from governance.domain.judged import Judged
from governance.domain.vocabulary import AutonomyLevel, Lifecycle, RiskTier

ALONE, WITH_APPROVAL, NEVER = "alone", "with approval", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One field of one granted action: how far, and every reason in words."""

    field: str
    label: str
    how: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """One action on one object of one connection. `how` is the least that any of its fields takes."""

    action: str
    object: str
    connection: str
    environment: str
    how: str
    why: tuple[str, ...]
    fields: tuple[FieldLine, ...] = ()


def list_action_lines(
    index: PolicyIndex, *, environment: str, agent: str, lifecycle: str, autonomy_level: str
) -> tuple[ActionLine, ...]:
    """Every granted action of the agent in one environment, by object and action. Reads are left out."""
    lines = [
        _line(index, entry, lifecycle=lifecycle, autonomy_level=autonomy_level)
        for key, entry in index.grants.items()
        if key[0] == agent and key[2] == environment and key[4] in REQUESTABLE
    ]
    return tuple(sorted(lines, key=lambda line: (line.object, line.action, line.connection)))


def list_never(index: PolicyIndex, *, environment: str, agent: str) -> tuple[str, ...]:
    """The actions that no grant lets the agent do anywhere in the environment, in words, sorted."""
    granted = {key[4] for key in index.grants if key[0] == agent and key[2] == environment}
    return tuple(sorted(action.value.replace("_", " ") for action in REQUESTABLE if action not in granted))


def _line(index: PolicyIndex, entry: GrantEntry, *, lifecycle: str, autonomy_level: str) -> ActionLine:
    rule = entry.rule
    how, why = _how_far(index, rule.action, lifecycle, autonomy_level)
    place = index.objects.get((rule.connection, rule.object))
    names = sorted(place.fields) if place is not None else []
    fields = tuple(_field(index, entry, name, how) for name in names)
    if how == ALONE and fields and not any(line.how == ALONE for line in fields):
        open_ones = any(line.how == WITH_APPROVAL for line in fields)
        how, why = (WITH_APPROVAL if open_ones else NEVER), (*why, "none of its fields is written without approval")
    return ActionLine(
        action=rule.action.replace("_", " "),
        object=rule.object,
        connection=rule.connection,
        environment=rule.environment,
        how=how,
        why=why,
        fields=fields,
    )


def _how_far(index: PolicyIndex, action: str, lifecycle: str, autonomy_level: str) -> tuple[str, tuple[str, ...]]:
    """What agent and action allow, whatever the field."""
    tier = index.actions[action].risk_tier if action in index.actions else RiskTier.BLOCKED.value
    is_prepared = action in PREPARATIONS
    if lifecycle != Lifecycle.ACTIVE:
        return NEVER, (f"the agent's lifecycle is “{lifecycle.replace('_', ' ')}”",)
    if tier == RiskTier.BLOCKED:
        return NEVER, ("the risk tier of the action is “blocked”",)
    if autonomy_level == AutonomyLevel.MANUAL or (autonomy_level == AutonomyLevel.DRAFT_ONLY and not is_prepared):
        return NEVER, (f"its autonomy level is “{autonomy_level.replace('_', ' ')}”",)
    if autonomy_level == AutonomyLevel.WITH_APPROVAL and not is_prepared:
        return WITH_APPROVAL, ("its autonomy level is “with approval”",)
    if tier == RiskTier.APPROVAL:
        return WITH_APPROVAL, ("the risk tier of the action is “approval”",)
    return ALONE, (f"the risk tier of the action is “{tier}”",)


def _field(index: PolicyIndex, entry: GrantEntry, name: str, most: str) -> FieldLine:
    plan = index.objects[entry.rule.connection, entry.rule.object].plan(name, Judged.AGENT)
    if plan is None:
        return FieldLine(field=name, label=name, how=NEVER, why=("the registry does not know it",))
    objections = [result for result in plan.results if result.outcome != PASS]
    why = [result.message for result in objections]
    if name not in entry.write_fields:
        why.append("no grant names it for writing")
    is_closed = name not in entry.write_fields or any(result.outcome == DENY for result in objections)
    if is_closed and plan.rule.suggestion_field and plan.redirected:
        why.append(f"its value goes to “{plan.rule.suggestion_field}” instead")
    how = NEVER if is_closed or most == NEVER else WITH_APPROVAL if objections or most == WITH_APPROVAL else ALONE
    return FieldLine(field=name, label=plan.rule.label, how=how, why=tuple(why) or ("nothing objects",))
