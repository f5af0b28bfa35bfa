"""What the rule builder offers to choose from, and what is wrong with a rule while it is being written."""

import uuid
from typing import Any

import msgspec

from governance.domain.action_class import REQUESTABLE
from governance.domain.compile_error import CompileError
from governance.domain.rule import RiskRule
from governance.domain.rule_coherence import KnownNames, errors_among, rule_errors
from governance.domain.rule_terms import SUBJECTS, TAKES_LISTS, TAKES_NUMBERS, VALUE_COUNTS, Effect
from governance.domain.rule_words import (
    ACTION_WORDS,
    APPLIES_WORDS,
    EFFECT_WORDS,
    FINDING_WORDS,
    OPERATOR_WORDS,
    sentence,
)
from governance.models import Agent, ApproverGroup, Connection, Membership, Person, RegisteredField, RuleList, Workspace
from governance.selectors.rule_compilation import compile_rules

Choice = tuple[str, str]


class RuleAdvice(msgspec.Struct, frozen=True):
    """What is said about a rule while it is written: its sentence, what must be mended, what to think about."""

    sentence: str
    errors: tuple[CompileError, ...]
    warnings: tuple[str, ...]


def get_choices(workspace_id: uuid.UUID) -> dict[str, Any]:
    """Everything that the builder lets a person choose from, as JSON. Seven queries."""
    fields: dict[str, dict[str, dict[str, Any]]] = {}
    rows = RegisteredField.objects.filter(connection__workspace=workspace_id).order_by("object_type", "label")
    for object_type, name, label, kind, options in rows.values_list(
        "object_type", "name", "label", "field_type", "options"
    ):
        fields.setdefault(object_type, {})[name] = {"label": label, "type": kind, "options": options}
    return {
        "actions": [(name, ACTION_WORDS.get(name, name)) for name in sorted(REQUESTABLE)],
        "agents": _names(Agent, "name", workspace_id),
        "connections": _names(Connection, "name", workspace_id),
        "applies_to": list(APPLIES_WORDS.items()),
        "effects": list(EFFECT_WORDS.items()),
        "fields": fields,
        "findings": list(FINDING_WORDS.items()),
        "groups": list(
            ApproverGroup.objects.filter(workspace=workspace_id).order_by("name").values_list("slug", "name")
        ),
        "lists": list(
            RuleList.objects.filter(workspace=workspace_id).order_by("title").values_list("slug", "title", "kind")
        ),
        "operators": dict(OPERATOR_WORDS),
        "people": [
            (str(pk), name)
            for pk, name in Person.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
        ],
        "subjects": [_subject(name) for name in SUBJECTS],
        "takes_lists": sorted(TAKES_LISTS),
        "takes_numbers": sorted(TAKES_NUMBERS),
        "value_counts": dict(VALUE_COUNTS),
    }


def advise(workspace_id: uuid.UUID, rule: RiskRule) -> RuleAdvice:
    """Judge one rule beside the others of its workspace. Raises Workspace.DoesNotExist."""
    workspace = Workspace.objects.get(pk=workspace_id)
    compiled = compile_rules(workspace)
    others = tuple(other for other in compiled.rules if other.key != rule.key)
    fields: dict[str, set[str]] = {}
    for object_type, name in RegisteredField.objects.filter(connection__workspace=workspace).values_list(
        "object_type", "name"
    ):
        fields.setdefault(object_type, set()).add(name)
    groups: dict[str, set[str]] = {}
    members = Membership.objects.filter(group__workspace=workspace, person__is_active=True)
    for slug, person_id in members.values_list("group__slug", "person_id"):
        groups.setdefault(slug, set()).add(str(person_id))
    names = KnownNames(
        fields=fields,
        agents=set(Agent.objects.filter(workspace=workspace).values_list("name", flat=True)),
        connections=set(Connection.objects.filter(workspace=workspace).values_list("name", flat=True)),
        groups=groups,
        lists={item.name: item for item in compiled.lists},
    )
    errors = {*rule_errors(rule, names), *errors_among(rule, others)}
    return RuleAdvice(sentence(rule), tuple(sorted(errors)), _warnings(rule, others))


def _warnings(rule: RiskRule, others: tuple[RiskRule, ...]) -> tuple[str, ...]:
    said = []
    if not (rule.conditions or rule.fields or rule.actions or rule.objects):
        said.append("This matches everything. Name an action, an object or a condition unless you mean that.")
    said += [
        f"“{other.name}” refuses everything that this one matches already."
        for other in others
        if other.effect == Effect.DENY and _covers(other, rule)
    ]
    return tuple(said)


def _covers(wide: RiskRule, narrow: RiskRule) -> bool:
    """Whether every request that `narrow` matches is matched by `wide` too, as far as their words tell."""

    def within(inner: tuple[str, ...], outer: tuple[str, ...]) -> bool:
        return not outer or (bool(inner) and set(inner) <= set(outer))

    return (
        wide.applies_to in {narrow.applies_to, "everyone"}
        and within(narrow.actions, wide.actions)
        and within(narrow.objects, wide.objects)
        and within(narrow.fields, wide.fields)
        and set(wide.conditions) <= set(narrow.conditions)
    )


def _subject(name: str) -> dict[str, Any]:
    subject = SUBJECTS[name]
    return {
        "name": name,
        "words": subject.words,
        "operators": list(subject.operators),
        "has_field": subject.has_field,
        "choices": list(subject.choices),
        "list_kinds": list(subject.list_kinds),
    }


def _names(model: Any, column: str, workspace_id: uuid.UUID) -> list[str]:
    return list(model.objects.filter(workspace=workspace_id).order_by(column).values_list(column, flat=True))
