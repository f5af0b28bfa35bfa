"""Whether a document makes sense as a whole: nothing dangling, nothing that contradicts itself (POL-03).

What does not is refused at publishing, with the row named, instead of being silently ignored or denied for ever.
"""

from collections.abc import Collection, Iterator, Mapping

from governance.domain.action_class import PREPARED_OBJECTS, REQUESTABLE
from governance.domain.anomaly_coherence import anomaly_errors
from governance.domain.breaker_coherence import breaker_errors
from governance.domain.budget_coherence import budget_errors
from governance.domain.commitment import is_guarded, is_human_commitment
from governance.domain.compile_error import CompileError
from governance.domain.document import ActionRule, FieldRule, GrantRule, PolicyDocument, StageRule, TransitionRule
from governance.domain.frequency_coherence import frequency_errors
from governance.domain.provenance_coherence import provenance_errors
from governance.domain.rule_coherence import find_rule_errors
from governance.domain.vocabulary import (
    Action,
    Classification,
    FieldType,
    PermissionLevel,
    ReviewState,
    RiskTier,
    RollbackMethod,
    ValueFormat,
    Writer,
)

FieldKey = tuple[str, str, str]
"""connection, object, field"""

_WRITABLE_LEVELS = frozenset({PermissionLevel.SAFE_WRITE, PermissionLevel.APPROVAL})
_FIELD_TYPES = frozenset(FieldType)
_REVIEW_STATES = frozenset(ReviewState)
_CLASSIFICATIONS = frozenset(Classification)
_PERMISSION_LEVELS = frozenset(PermissionLevel)
_ROLLBACK_METHODS = frozenset(RollbackMethod)
_VALUE_FORMATS = frozenset(ValueFormat)
_WRITERS = frozenset(Writer)
_MOST_DAYS = 3_650
_READS = frozenset({Action.READ, Action.SEARCH})


def find_errors(
    document: PolicyDocument,
    group_members: Mapping[str, Collection[str]],
    agents: Collection[str] | None = None,
) -> tuple[CompileError, ...]:
    """Every contradiction and loose end, sorted. `group_members` is approver group → active people in it, `agents` the
    names of all agents (None: not checked)."""
    fields = {(rule.connection, rule.object, rule.field): rule for rule in document.fields}
    objects = {(rule.connection, rule.object) for rule in document.fields}
    errors: list[CompileError] = []
    for rule in document.fields:
        errors += _field_errors(rule, fields)
        errors += _owner_errors(rule, group_members)
        errors += _value_errors(rule, fields)
    for grant in document.grants:
        errors += _grant_errors(grant, fields, objects)
    for action in document.actions:
        errors += _action_errors(action, group_members)
    for stage in document.stages:
        errors += _stage_errors(stage, fields)
    for transition in document.transitions:
        errors += _transition_errors(transition, fields)
    errors += _sharing_errors(document)
    errors += find_rule_errors(document, group_members, agents)
    errors += budget_errors(document)
    errors += breaker_errors(document)
    errors += provenance_errors(document, fields)
    errors += frequency_errors(document, agents)
    errors += anomaly_errors(document)
    return tuple(sorted(set(errors)))


def name_field(rule: FieldRule) -> str:
    return f"field `{rule.object}.{rule.field}` of `{rule.connection}`"


def name_grant(grant: GrantRule) -> str:
    return (
        f"grant of `{grant.agent}` to `{grant.action}` `{grant.object}` on `{grant.connection}` ({grant.environment})"
    )


def name_stage(stage: StageRule) -> str:
    return f"stage rule `{stage.object}.{stage.stage_field}` = `{stage.stage}` of `{stage.connection}`"


def name_transition(rule: TransitionRule) -> str:
    start = rule.from_stage or "empty"
    return f"transition of `{rule.object}.{rule.stage_field}` from `{start}` of `{rule.connection}`"


def _field_errors(rule: FieldRule, fields: Mapping[FieldKey, FieldRule]) -> Iterator[CompileError]:
    row = name_field(rule)
    closed = (
        ("type", rule.type, _FIELD_TYPES),
        ("review state", rule.review_state, _REVIEW_STATES),
        ("classification", rule.classification, _CLASSIFICATIONS),
        ("permission level", rule.permission_level, _PERMISSION_LEVELS),
        ("rollback method", rule.rollback_method, _ROLLBACK_METHODS),
    )
    for word, value, vocabulary in closed:
        if value not in vocabulary:
            yield CompileError(row, "unknown_value", f"the {word} `{value}` does not exist")
    for writer in sorted(set(rule.allowed_writers) - _WRITERS):
        yield CompileError(row, "unknown_writer", f"the writer `{writer}` does not exist")
    if rule.permission_level in _WRITABLE_LEVELS and is_human_commitment(rule):
        yield CompileError(row, "commitment_writable", "a human commitment is never written by agents: lower its level")
    if rule.permission_level in _WRITABLE_LEVELS and rule.is_golden:
        yield CompileError(row, "golden_writable", "a golden field is not written by agents: lower its level")
    if rule.permission_level == PermissionLevel.SAFE_WRITE and is_guarded(rule):
        yield CompileError(row, "guarded_safe_write", "this field can be raised to `approval`, never higher")
    if rule.suggestion_field:
        yield from _suggestion_errors(rule, fields)
    elif rule.promote_on_approval:
        message = "approval can promote a suggestion only where the field has a suggestion field"
        yield CompileError(row, "promotion_without_suggestion", message)


def _value_errors(rule: FieldRule, fields: Mapping[FieldKey, FieldRule]) -> Iterator[CompileError]:
    """Formats belong to texts, ranges to numbers, and what explains a score is a field of the same object."""
    row = name_field(rule)
    if rule.refresh_after_days is not None and not 0 < rule.refresh_after_days <= _MOST_DAYS:
        yield CompileError(
            row, "freshness_out_of_range", f"a field stays fresh for 0 to {_MOST_DAYS:,} days, more than none"
        )
    is_number = rule.type in (FieldType.INTEGER, FieldType.NUMBER)
    low, high = rule.min_value, rule.max_value
    if rule.value_format not in _VALUE_FORMATS:
        yield CompileError(row, "unknown_value", f"the format `{rule.value_format}` does not exist")
    elif rule.value_format and (is_number or rule.type == FieldType.BOOLEAN):
        yield CompileError(row, "format_without_text", "only a text has a format")
    if (low is not None or high is not None) and not is_number:
        yield CompileError(row, "range_without_number", "only a number has a least and a greatest value")
    if low is not None and high is not None and low > high:
        yield CompileError(row, "range_empty", "the least value is above the greatest")
    for name in (rule.components_field, rule.version_field):
        if name and (name == rule.field or (rule.connection, rule.object, name) not in fields):
            yield CompileError(row, "companion_unknown", f"`{name}` is no other field of the same object")


def _owner_errors(rule: FieldRule, group_members: Mapping[str, Collection[str]]) -> Iterator[CompileError]:
    """APR-05: the owner is a group that can answer, and a named person answers as a member of it, so that their absence
    leaves nobody waiting."""
    row = name_field(rule)
    members = group_members.get(rule.owner, ()) if rule.owner else ()
    if rule.owner and not members:
        message = f"nobody active is in an approver group `{rule.owner}`, and it reviews changes of this field"
        yield CompileError(row, "owner_unknown", message)
    elif rule.owner_person and rule.owner_person not in members:
        message = "the owning person is not an active member of the owner group, which reviews changes of this field"
        yield CompileError(row, "owner_person_outside", message)


def _suggestion_errors(rule: FieldRule, fields: Mapping[FieldKey, FieldRule]) -> Iterator[CompileError]:
    """A suggestion field is another registered field of the same object; following the pairs never comes back."""
    row = name_field(rule)
    if rule.suggestion_field == rule.field:
        yield CompileError(row, "suggestion_itself", "a field cannot be its own suggestion field")
        return
    seen = {rule.field}
    step = rule
    while step.suggestion_field:
        found = fields.get((rule.connection, rule.object, step.suggestion_field))
        if found is None:
            if step is rule:
                yield CompileError(row, "suggestion_unknown", f"`{rule.suggestion_field}` is not registered there")
            return
        if found.field in seen:
            yield CompileError(row, "suggestion_cycle", "its suggestion fields lead round in a circle")
            return
        seen.add(found.field)
        step = found


def _sharing_errors(document: PolicyDocument) -> Iterator[CompileError]:
    """Two fields with one suggestion field could not be told apart when a person promotes it."""
    taken: dict[FieldKey, str] = {}
    for rule in document.fields:
        if not rule.suggestion_field:
            continue
        key = (rule.connection, rule.object, rule.suggestion_field)
        other = taken.setdefault(key, rule.field)
        if other != rule.field:
            message = f"`{rule.suggestion_field}` is the suggestion field of `{other}` already"
            yield CompileError(name_field(rule), "suggestion_shared", message)


def _grant_errors(
    grant: GrantRule, fields: Mapping[FieldKey, FieldRule], objects: Collection[tuple[str, str]]
) -> Iterator[CompileError]:
    row = name_grant(grant)
    if grant.action not in REQUESTABLE | _READS:
        yield CompileError(row, "unknown_value", f"the action `{grant.action}` does not exist")
    if (grant.connection, grant.object) not in objects:
        yield CompileError(row, "unknown_object", f"the object `{grant.object}` is not registered")
        return
    if grant.object != PREPARED_OBJECTS.get(grant.action, grant.object):
        made = PREPARED_OBJECTS[grant.action]
        yield CompileError(row, "wrong_object", f"`{grant.action}` makes a record of `{made}`: grant it there")
    for field in sorted({*grant.read_fields, *grant.write_fields}):
        if (grant.connection, grant.object, field) not in fields:
            yield CompileError(row, "unknown_field", f"the field `{field}` is not registered")
    if grant.action in _READS and grant.write_fields:
        yield CompileError(row, "read_writes", "a grant to read cannot name fields to write")


def _action_errors(rule: ActionRule, group_members: Mapping[str, Collection[str]]) -> Iterator[CompileError]:
    row = f"tier of `{rule.action}`"
    if rule.action not in REQUESTABLE:
        yield CompileError(row, "unknown_value", f"the action `{rule.action}` cannot be requested")
    if rule.risk_tier not in set(RiskTier):
        yield CompileError(row, "unknown_value", f"the tier `{rule.risk_tier}` does not exist")
    if not 0 <= rule.min_confidence <= 1:
        yield CompileError(row, "confidence_out_of_range", "the least confidence lies between 0 and 1")
    if rule.expires_after_seconds < 1:
        yield CompileError(row, "expires_at_once", "a request must be open for a second at least")
    if rule.risk_tier == RiskTier.APPROVAL and not rule.approver_groups:
        yield CompileError(row, "approval_without_group", "the tier asks for approval and names no group to give it")
    for group in rule.approver_groups:
        if not group_members.get(group):
            yield CompileError(row, "empty_group", f"nobody active is in the group `{group}`")
    yield from _count_errors(rule, row, group_members)


def _count_errors(rule: ActionRule, row: str, group_members: Mapping[str, Collection[str]]) -> Iterator[CompileError]:
    if rule.approvals_needed < 1:
        yield CompileError(row, "no_approvals_needed", "an approval takes at least one person")
    people = {person for group in rule.approver_groups for person in group_members.get(group, ())}
    if rule.approver_groups and people and len(people) < rule.approvals_needed:
        message = f"it asks for {rule.approvals_needed} people and its groups hold {len(people)}"
        yield CompileError(row, "too_few_approvers", message)


def _stage_errors(stage: StageRule, fields: Mapping[FieldKey, FieldRule]) -> Iterator[CompileError]:
    row = name_stage(stage)
    holder = fields.get((stage.connection, stage.object, stage.stage_field))
    if holder is None:
        yield CompileError(row, "unknown_field", f"the field `{stage.stage_field}` is not registered")
    elif stage.stage not in holder.options:
        yield CompileError(row, "unknown_option", f"`{stage.stage}` is not an option of `{stage.stage_field}`")
    for field in stage.required_fields:
        if (stage.connection, stage.object, field) not in fields:
            yield CompileError(row, "unknown_field", f"the field `{field}` is not registered")


def _transition_errors(rule: TransitionRule, fields: Mapping[FieldKey, FieldRule]) -> Iterator[CompileError]:
    row = name_transition(rule)
    holder = fields.get((rule.connection, rule.object, rule.stage_field))
    if holder is None:
        yield CompileError(row, "unknown_field", f"the field `{rule.stage_field}` is not registered")
        return
    for stage in sorted({rule.from_stage, *rule.to_stages} - {"", *holder.options}):
        yield CompileError(row, "unknown_option", f"`{stage}` is not an option of `{rule.stage_field}`")
    if rule.from_stage in rule.to_stages:
        yield CompileError(row, "transition_nowhere", "a stage that leads to itself leads nowhere: leave it out")
