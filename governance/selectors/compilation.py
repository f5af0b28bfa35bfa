"""Compile: the rows that RevOps edits, as one frozen, sorted, deterministic PolicyDocument."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from audit.domain.canonical import canonical_bytes
from governance.domain.budget_table import family_key
from governance.domain.coherence import find_errors, name_field, name_grant
from governance.domain.compile_error import CompileError
from governance.domain.document import (
    ActionRule,
    AnomalyRule,
    BreakerRule,
    BudgetRule,
    FieldRule,
    FrequencyRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
    StageRule,
    TransitionRule,
)
from governance.domain.index import grant_key
from governance.models import (
    ActionTier,
    Agent,
    Anomaly,
    Breaker,
    Budget,
    FrequencyCap,
    Grant,
    Membership,
    ProvenanceFields,
    RegisteredField,
    StageRequirement,
    StageTransition,
    Workspace,
)
from governance.selectors.rule_compilation import compile_rules

# Plain columns: a few thousand rows as model instances with their relations would take three times as long.
_FIELD_COLUMNS = (
    "connection_id",
    "connection__name",
    "object_type",
    "name",
    "label",
    "field_type",
    "is_read_only",
    "is_required",
    "max_length",
    "options",
    "review_state",
    "classification",
    "is_sensitive",
    "revenue_field__name",
    "ownership__id",
    "ownership__permission_level",
    "ownership__allowed_writers",
    "ownership__is_golden",
    "ownership__review_required",
    "ownership__suggestion_field__name",
    "ownership__promote_on_approval",
    "ownership__refresh_after_days",
    "ownership__suggestion_field__connection_id",
    "ownership__suggestion_field__object_type",
    "ownership__owner_role",
    "ownership__owner_person_id",
    "ownership__source_of_truth",
    "ownership__rollback_method",
    "ownership__value_format",
    "ownership__min_value",
    "ownership__max_value",
    "ownership__components_field",
    "ownership__version_field",
)

_GRANT_COLUMNS = (
    "agent__name",
    "connection__name",
    "connection__environment",
    "connection__workspace_id",
    "object_type",
    "action",
    "read_fields",
    "write_fields",
)


class Compilation(msgspec.Struct, frozen=True):
    """A document and what keeps it from being published, sorted by row."""

    document: PolicyDocument
    errors: tuple[CompileError, ...]


def compile_policy(*, workspace_id: uuid.UUID) -> Compilation:
    """Read the workspace's rows into a document, in a number of queries that does not depend on theirs.

    Withdrawn grants are left out. Raises Workspace.DoesNotExist.
    """
    workspace = Workspace.objects.get(pk=workspace_id)
    fields, field_errors = _compile_fields(workspace)
    grants, grant_errors = _compile_grants(workspace)
    rules = compile_rules(workspace)
    document = PolicyDocument(
        workspace=workspace.slug,
        grants=grants,
        fields=fields,
        actions=_compile_actions(workspace),
        stages=_compile_stages(workspace),
        rules=rules.rules,
        lists=rules.lists,
        bases=rules.bases,
        budgets=_compile_budgets(workspace),
        breakers=_compile_breakers(workspace),
        frequency=_compile_frequency(workspace),
        anomalies=_compile_anomalies(workspace),
        transitions=_compile_transitions(workspace),
        provenance=_compile_provenance(workspace),
    )
    agents = set(Agent.objects.filter(workspace=workspace).values_list("name", flat=True))
    found = find_errors(document, get_group_members(workspace.pk), agents)
    errors = {*field_errors, *grant_errors, *rules.errors, *found}
    return Compilation(document, tuple(sorted(errors)))


def encode_document(document: PolicyDocument) -> bytes:
    """The canonical bytes that are hashed, stored and compared. Source: RFC 8785."""
    return canonical_bytes(msgspec.to_builtins(document))


def decode_document(document: bytes) -> PolicyDocument:
    """A document from its canonical bytes. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(document, type=PolicyDocument)


def _compile_fields(workspace: Workspace) -> tuple[tuple[FieldRule, ...], list[CompileError]]:
    rows = RegisteredField.objects.filter(connection__workspace=workspace).values(*_FIELD_COLUMNS)
    rules, errors = [], []
    for row in rows:
        rule = _field_rule(row)
        rules.append(rule)
        place = (row["ownership__suggestion_field__connection_id"], row["ownership__suggestion_field__object_type"])
        if rule.suggestion_field and place != (row["connection_id"], row["object_type"]):
            message = f"its suggestion field `{rule.suggestion_field}` belongs to another object"
            errors.append(CompileError(name_field(rule), "suggestion_elsewhere", message))
    return tuple(sorted(rules, key=lambda rule: (rule.connection, rule.object, rule.field))), errors


def _field_rule(row: Mapping[str, Any]) -> FieldRule:
    """A field that nobody put into the matrix stays blocked, with no writers (PRM-01)."""
    described = {
        "connection": row["connection__name"],
        "object": row["object_type"],
        "field": row["name"],
        "label": row["label"],
        "type": row["field_type"],
        "is_read_only": row["is_read_only"],
        "is_required": row["is_required"],
        "max_length": row["max_length"],
        "options": tuple(row["options"]),
        "review_state": row["review_state"],
        "classification": row["classification"],
        "is_sensitive": row["is_sensitive"],
        "revenue_field": row["revenue_field__name"] or "",
    }
    if row["ownership__id"] is None:
        return FieldRule(**described)
    return FieldRule(
        **described,
        permission_level=row["ownership__permission_level"],
        allowed_writers=_sorted_words(row["ownership__allowed_writers"]),
        is_golden=row["ownership__is_golden"],
        review_required=row["ownership__review_required"],
        suggestion_field=row["ownership__suggestion_field__name"] or "",
        promote_on_approval=row["ownership__promote_on_approval"],
        refresh_after_days=row["ownership__refresh_after_days"],
        owner=row["ownership__owner_role"],
        owner_person=str(row["ownership__owner_person_id"] or ""),
        source_of_truth=row["ownership__source_of_truth"],
        rollback_method=row["ownership__rollback_method"],
        value_format=row["ownership__value_format"],
        min_value=row["ownership__min_value"],
        max_value=row["ownership__max_value"],
        components_field=row["ownership__components_field"],
        version_field=row["ownership__version_field"],
    )


def _compile_grants(workspace: Workspace) -> tuple[tuple[GrantRule, ...], list[CompileError]]:
    rows = Grant.objects.filter(agent__workspace=workspace, is_withdrawn=False).values(*_GRANT_COLUMNS)
    rules, errors = [], []
    for row in rows:
        rule = GrantRule(
            agent=row["agent__name"],
            connection=row["connection__name"],
            environment=row["connection__environment"],
            object=row["object_type"],
            action=row["action"],
            read_fields=_sorted_words(row["read_fields"]),
            write_fields=_sorted_words(row["write_fields"]),
        )
        rules.append(rule)
        if row["connection__workspace_id"] != workspace.pk:
            message = "the connection belongs to another workspace"
            errors.append(CompileError(name_grant(rule), "foreign_connection", message))
    return tuple(sorted(rules, key=grant_key)), errors


def _compile_actions(workspace: Workspace) -> tuple[ActionRule, ...]:
    rows = ActionTier.objects.filter(workspace=workspace).prefetch_related("approver_groups")
    rules = [
        ActionRule(
            action=row.action,
            risk_tier=row.risk_tier,
            approver_groups=tuple(sorted(group.slug for group in row.approver_groups.all())),
            approvals_needed=row.approvals_needed,
            min_confidence=row.min_confidence,
            min_evidence=row.min_evidence,
            expires_after_seconds=row.expires_after_seconds,
            hold_seconds=row.hold_seconds,
            max_rows=row.max_rows,
        )
        for row in rows
    ]
    return tuple(sorted(rules, key=lambda rule: rule.action))


def _compile_stages(workspace: Workspace) -> tuple[StageRule, ...]:
    rows = StageRequirement.objects.filter(connection__workspace=workspace).select_related("connection")
    rules = [
        StageRule(
            connection=row.connection.name,
            object=row.object_type,
            stage_field=row.stage_field,
            stage=row.stage,
            required_fields=_sorted_words(row.required_fields),
        )
        for row in rows
    ]
    return tuple(sorted(rules, key=lambda rule: (rule.connection, rule.object, rule.stage_field, rule.stage)))


def _compile_budgets(workspace: Workspace) -> tuple[BudgetRule, ...]:
    rules = [
        BudgetRule(**row) for row in Budget.objects.filter(workspace=workspace).values(*BudgetRule.__struct_fields__)
    ]
    return tuple(sorted(rules, key=lambda rule: (*family_key(rule), rule.scope)))


def _compile_breakers(workspace: Workspace) -> tuple[BreakerRule, ...]:
    rules = [
        BreakerRule(
            name=row.name,
            signal=row.signal,
            environment=row.environment,
            agent=row.agent.name if row.agent is not None else "",
            actions=_sorted_words(row.actions),
            window_seconds=row.window_seconds,
            min_calls=row.min_calls,
            ratio=row.ratio,
            amount=row.amount,
            currency=row.currency,
            open_seconds=row.open_seconds,
            probes=row.probes,
            reason=row.reason,
            owner=row.owner.name,
        )
        for row in Breaker.objects.filter(workspace=workspace, is_active=True).select_related("agent", "owner")
    ]
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _compile_frequency(workspace: Workspace) -> tuple[FrequencyRule, ...]:
    rows = FrequencyCap.objects.filter(workspace=workspace, is_active=True).select_related("owner", "agent")
    return tuple(sorted((as_frequency(row) for row in rows), key=lambda rule: rule.key))


def as_frequency(row: FrequencyCap) -> FrequencyRule:
    """One row as the engine's value."""
    return FrequencyRule(
        key=row.key,
        name=row.name,
        owner=row.owner.name,
        reason=row.reason,
        agent=row.agent.name if row.agent is not None else "",
        environment=row.environment,
        channels=_sorted_words(row.channels),
        segment_field=row.segment_field,
        segment_value=row.segment_value,
        max_touches=row.max_touches,
        window_hours=row.window_hours,
        min_gap_hours=row.min_gap_hours,
        stops_after=_sorted_words(row.stops_after),
    )


def _compile_anomalies(workspace: Workspace) -> tuple[AnomalyRule, ...]:
    rules = [
        AnomalyRule(signal=row.signal, window=row.window, floor=row.floor, factor=row.factor, scope=row.scope)
        for row in Anomaly.objects.filter(workspace=workspace, is_active=True)
    ]
    return tuple(sorted(rules, key=lambda rule: (rule.signal, rule.window, rule.scope)))


def _compile_transitions(workspace: Workspace) -> tuple[TransitionRule, ...]:
    rows = StageTransition.objects.filter(connection__workspace=workspace).select_related("connection")
    rules = [
        TransitionRule(
            connection=row.connection.name,
            object=row.object_type,
            stage_field=row.stage_field,
            from_stage=row.from_stage,
            to_stages=_sorted_words(row.to_stages),
        )
        for row in rows
    ]
    return tuple(sorted(rules, key=lambda rule: (rule.connection, rule.object, rule.stage_field, rule.from_stage)))


def _compile_provenance(workspace: Workspace) -> tuple[ProvenanceRule, ...]:
    members = [name for name in ProvenanceRule.__struct_fields__ if name not in {"connection", "object"}]
    rows = ProvenanceFields.objects.filter(connection__workspace=workspace)
    rules = [
        ProvenanceRule(
            connection=row["connection__name"], object=row["object_type"], **{name: row[name] for name in members}
        )
        for row in rows.values("connection__name", "object_type", *members)
    ]
    return tuple(sorted(rules, key=lambda rule: (rule.connection, rule.object)))


def get_group_members(workspace_id: uuid.UUID) -> dict[str, set[str]]:
    """Approver group → active people, as ids. A group without any is left out."""
    members: dict[str, set[str]] = {}
    rows = Membership.objects.filter(group__workspace_id=workspace_id, person__is_active=True)
    for slug, person_id in rows.values_list("group__slug", "person_id"):
        members.setdefault(slug, set()).add(str(person_id))
    return members


def _sorted_words(values: object) -> tuple[str, ...]:
    """A set of names kept in a JSON column. What is no list becomes one odd name, which is then refused by its row."""
    return tuple(sorted({str(value) for value in values})) if isinstance(values, list) else (str(values),)
