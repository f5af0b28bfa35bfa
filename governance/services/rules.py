"""Writing rules: one saved rule, its groups and its ledger event, or nothing (POL-04)."""

import uuid
from datetime import datetime

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from audit.domain.event import Actor
from governance.domain.compile_error import CompileError
from governance.domain.rule import RiskRule
from governance.models import ApproverGroup, Person, Rule
from governance.selectors.rule_desk import advise
from governance.services.config_changes import record_config_change

_FIELDS = ["actions", "applies_to", "conditions", "count", "effect", "fields", "groups", "name", "objects", "reason"]


class RuleRefusedError(ValueError):
    """The rule cannot be saved. `errors` say why, in words."""

    code = "rule_refused"

    def __init__(self, errors: tuple[CompileError, ...]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the builder sends: a rule whose `owner` is a person's id, and whether it is switched on."""

    rule: RiskRule
    is_active: bool = True


def read_draft(body: bytes) -> RuleDraft:
    """The builder's JSON. Raises RuleRefusedError for anything else."""
    try:
        return msgspec.json.decode(body, type=RuleDraft)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RuleRefusedError((CompileError("rule", "unreadable", "the rule could not be read"),)) from error


def save_rule(
    *,
    rule_id: uuid.UUID | None,
    workspace_id: uuid.UUID,
    draft: RuleDraft,
    actor: Actor,
    now: datetime,
    origin: str = "",
) -> uuid.UUID:
    """Add a rule (`rule_id` None) or change one; nothing is enforced before the next publishing.

    `origin` names what it is made for, as `exception:ID`; the event keeps it for whoever follows the ledger.
    Commits the row, its groups, its history and `config.changed`. The key is made from the first name and stays.
    Raises RuleRefusedError, Rule.DoesNotExist, LedgerUnavailableError.
    """
    row = Rule(workspace_id=workspace_id)
    if rule_id is not None:
        row = Rule.objects.get(pk=rule_id, workspace_id=workspace_id)
    key = row.key or _free_key(workspace_id, draft.rule.name)
    rule = msgspec.structs.replace(draft.rule, key=key)
    _require_sound(workspace_id, rule)
    _fill(row, rule, is_active=draft.is_active)
    with transaction.atomic():
        row.save()
        groups = {group.slug: group for group in ApproverGroup.objects.filter(workspace_id=workspace_id)}
        row.groups.set([groups[slug] for slug in rule.groups])
        row.any_groups.set([groups[slug] for slug in rule.any_groups])
        operation = "created" if rule_id is None else "updated"
        record_config_change(
            workspace_id=workspace_id,
            row=row,
            operation=operation,
            fields=_FIELDS,
            actor=actor,
            now=now,
            origin=origin,
        )
    return row.pk


def _require_sound(workspace_id: uuid.UUID, rule: RiskRule) -> None:
    errors = advise(workspace_id, rule).errors
    if not rule.name.strip():
        errors = (CompileError("rule", "name_missing", "give the rule a name"), *errors)
    if not _is_person(rule.owner):
        errors = (CompileError("rule", "owner_missing", "say who owns the rule"), *errors)
    if errors:
        raise RuleRefusedError(errors)


def _is_person(owner: str) -> bool:
    try:
        return Person.objects.filter(pk=uuid.UUID(owner), is_active=True).exists()
    except ValueError:
        return False


def _fill(row: Rule, rule: RiskRule, *, is_active: bool) -> None:
    row.key, row.name, row.reason = rule.key, rule.name.strip(), rule.reason.strip()
    row.owner_id, row.is_active, row.applies_to = uuid.UUID(rule.owner), is_active, rule.applies_to
    row.actions, row.objects_named, row.fields_named = list(rule.actions), list(rule.objects), list(rule.fields)
    row.conditions = msgspec.to_builtins(rule.conditions)
    row.effect, row.count, row.tier = rule.effect, rule.count, rule.tier
    try:
        row.full_clean()
    except ValidationError as error:
        raise RuleRefusedError(tuple(CompileError("rule", "invalid", message) for message in error.messages)) from error


def _free_key(workspace_id: uuid.UUID, name: str) -> str:
    wanted = slugify(name)[:50] or "rule"
    taken = set(Rule.objects.filter(workspace_id=workspace_id, key__startswith=wanted).values_list("key", flat=True))
    if wanted not in taken:
        return wanted
    return next(key for number in range(2, len(taken) + 3) if (key := f"{wanted}-{number}") not in taken)
