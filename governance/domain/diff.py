"""What differs between two documents, in words that a person reads before publishing (POL-03)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from governance.domain.anomaly_coherence import name_anomaly
from governance.domain.breaker_coherence import name_breaker
from governance.domain.budget_coherence import name_budget
from governance.domain.coherence import name_field, name_grant, name_stage, name_transition
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
from governance.domain.frequency_coherence import name_frequency
from governance.domain.provenance_coherence import name_provenance
from governance.domain.rule import BasisRule, NamedList, RiskRule
from governance.domain.rule_coherence import name_basis, name_list, name_rule
from governance.domain.rule_words import sentence

Rule = TypeVar(
    "Rule",
    GrantRule,
    FieldRule,
    ActionRule,
    StageRule,
    TransitionRule,
    NamedList,
    BasisRule,
    BudgetRule,
    BreakerRule,
    ProvenanceRule,
    FrequencyRule,
    AnomalyRule,
)

MEMBER_WORDS = {
    "agent_field": "agent into",
    "at_field": "time into",
    "confidence_field": "confidence into",
    "reason_field": "reason into",
    "request_field": "request into",
    "source_field": "source into",
    "trace_address": "trace address",
    "actions": "actions",
    "agent": "agent",
    "amount": "amount",
    "factor": "times the usual",
    "floor": "never unusual up to",
    "min_calls": "least calls",
    "open_seconds": "seconds open",
    "probes": "probes",
    "ratio": "share",
    "signal": "watches",
    "window_seconds": "window in seconds",
    "allowed_writers": "writers",
    "basis": "basis",
    "because": "because",
    "entries": "entries",
    "includes": "includes",
    "channels": "channels",
    "max_touches": "touches at most",
    "min_gap_hours": "hours between two",
    "segment_field": "segment field",
    "segment_value": "segment",
    "stops_after": "stops after",
    "window_hours": "hours counted in",
    "kind": "holds",
    "says": "says",
    "approvals_needed": "people needed",
    "approver_groups": "approver groups",
    "expires_after_seconds": "seconds until expiry",
    "is_golden": "golden",
    "is_read_only": "read-only at the CRM",
    "is_required": "required",
    "is_sensitive": "sensitive",
    "limit": "limit",
    "components_field": "components field",
    "max_length": "greatest length",
    "max_value": "greatest value",
    "min_value": "least value",
    "min_confidence": "least confidence",
    "min_evidence": "least entries of evidence",
    "owner": "owner group",
    "owner_person": "owning person",
    "permission_level": "permission level",
    "promote_on_approval": "approval promotes",
    "read_fields": "fields to read",
    "refresh_after_days": "fresh for days",
    "required_fields": "required fields",
    "revenue_field": "revenue field",
    "review_required": "review required",
    "review_state": "review state",
    "risk_tier": "risk tier",
    "rollback_method": "rollback",
    "source_of_truth": "source of truth",
    "suggestion_field": "suggestion field",
    "to_stages": "next stages",
    "value_format": "format",
    "version_field": "version field",
    "write_fields": "fields to write",
}


class Change(msgspec.Struct, frozen=True, order=True):
    """One row that differs. `kind` is `added`, `removed` or `changed`; `message` says how."""

    row: str
    kind: str
    message: str


def diff_documents(old: PolicyDocument | None, new: PolicyDocument) -> tuple[Change, ...]:
    """Every difference, sorted by row. Without an old document everything is added."""
    before = _rows(old) if old is not None else {}
    after = _rows(new)
    changes = [Change(row, "removed", f"{row} is gone") for row in before.keys() - after.keys()]
    changes += [Change(row, "added", f"{row} is new: {_describe(after[row])}") for row in after.keys() - before.keys()]
    for row in before.keys() & after.keys():
        differences = tuple(_differences(before[row], after[row]))
        if differences:
            changes.append(Change(row, "changed", f"{row}: {'; '.join(differences)}"))
    if old is not None and old.workspace != new.workspace:
        changes.append(Change("workspace", "changed", f"workspace: `{old.workspace}` → `{new.workspace}`"))
    return tuple(sorted(changes))


def _rows(document: PolicyDocument) -> dict[str, dict[str, Any]]:
    """Row name → its members."""
    rows: dict[str, dict[str, Any]] = {}
    rows.update(_named(document.grants, name_grant))
    rows.update(_named(document.fields, name_field))
    rows.update(_named(document.actions, lambda rule: f"tier of `{rule.action}`"))
    rows.update(_named(document.stages, name_stage))
    rows.update(_named(document.transitions, name_transition))
    rows.update({name_rule(rule): _told(rule) for rule in document.rules})
    rows.update(_named(document.lists, name_list))
    rows.update(_named(document.bases, name_basis))
    rows.update(_named(document.budgets, name_budget))
    rows.update(_named(document.breakers, name_breaker))
    rows.update(_named(document.provenance, name_provenance))
    rows.update(_named(document.frequency, name_frequency))
    rows.update(_named(document.anomalies, name_anomaly))
    return rows


def _told(rule: RiskRule) -> dict[str, Any]:
    """A rule is compared and shown as the sentence that it makes."""
    return {"says": sentence(rule), "because": rule.reason, "owner": rule.owner}


def _named(rules: tuple[Rule, ...], name: Callable[[Rule], str]) -> Mapping[str, dict[str, Any]]:
    return {name(rule): msgspec.structs.asdict(rule) for rule in rules}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for member, new in after.items():
        old = before[member]
        if old == new:
            continue
        word = MEMBER_WORDS.get(member, member)
        if isinstance(new, tuple) and set(old) != set(new):
            added, removed = sorted(set(new) - set(old)), sorted(set(old) - set(new))
            yield word + "".join(f" +`{item}`" for item in added) + "".join(f" -`{item}`" for item in removed)
        else:
            yield f"{word} {_show(old)} → {_show(new)}"


def _describe(members: dict[str, Any]) -> str:
    """The members that people decide on, as far as they say anything."""
    told = (
        f"{MEMBER_WORDS[member]} {_show(value)}"
        for member, value in members.items()
        if member in MEMBER_WORDS and value not in (None, "", (), False)
    )
    return "; ".join(told) or "nothing more said"


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value not in (None, "") else "none"
