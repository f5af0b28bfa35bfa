"""Provenance: with each agent write go the fields that say when, by whom, from what and why (REG-07).

They are part of the patch: what is approved, hashed and read back holds them. Agents never write them by themselves,
and what policy judges is the agent's own change alone.
"""

from collections.abc import Iterator

from governance.domain.action_class import PREPARATIONS
from governance.domain.case import Case
from governance.domain.decision import FieldChange
from governance.domain.document import FieldRule, ProvenanceRule
from governance.domain.drift import is_empty, is_same
from governance.domain.facts import JsonValue
from governance.domain.judged import Judged
from governance.domain.vocabulary import Action, FieldType

SIGNED_ACTIONS = frozenset({Action.UPDATE, Action.CREATE, *PREPARATIONS})
_TEXTS = frozenset({FieldType.STRING, FieldType.TEXT})
MEMBER_TYPES: dict[str, frozenset[FieldType]] = {
    "at_field": frozenset({FieldType.DATETIME}),
    "source_field": _TEXTS | {FieldType.URL},
    "confidence_field": frozenset({FieldType.NUMBER}),
    "reason_field": _TEXTS,
    "agent_field": _TEXTS,
    "request_field": _TEXTS | {FieldType.URL},
}
"""What each may be mapped to."""


def mapped_fields(rule: ProvenanceRule) -> tuple[tuple[str, str], ...]:
    """(member, field) of everything that the rule maps."""
    return tuple((member, name) for member in MEMBER_TYPES if (name := getattr(rule, member)))


def sign_patch(case: Case, patch: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    """The agent's patch with the provenance behind it; as it is where nothing is mapped or nothing changes.

    Facts of before the mapping, or without their request (replay), leave it as it is: whoever writes has them.
    """
    entry = case.object_entry
    if not patch or entry is None or entry.provenance is None or case.facts.provenance is None:
        return patch
    if case.judged is not Judged.AGENT or case.request.action not in SIGNED_ACTIONS:
        return patch
    record = case.facts.record
    held = record.values if record is not None and case.request.record_id else {}
    values = dict(_values(case, entry.provenance))
    closed = {field.name for field in case.facts.closed_fields}
    changes = (
        FieldChange(name, held.get(name), _fitting(entry.fields[name], value))
        for name, value in sorted(values.items())
        if name in entry.fields and name not in closed
    )
    return (*patch, *(change for change in changes if not is_same(change.before, change.after)))


def _values(case: Case, rule: ProvenanceRule) -> Iterator[tuple[str, JsonValue]]:
    facts, request = case.facts, case.request
    if facts.provenance is None:
        return
    sources = ", ".join(request.evidence.vendors) or request.source_workflow
    said: dict[str, JsonValue] = {
        "at_field": facts.provenance.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "source_field": sources or None,
        "confidence_field": float(request.confidence),
        "reason_field": facts.provenance.reason or request.reason_code,
        "agent_field": case.agent.name if case.agent is not None else None,
        "request_field": f"{rule.trace_address}{facts.provenance.request}",
    }
    for member, name in mapped_fields(rule):
        yield name, said[member]


def _fitting(rule: FieldRule, value: JsonValue) -> JsonValue:
    """As much of a text as the field holds; line breaks only where it takes them."""
    if not isinstance(value, str):
        return value
    text = value if rule.type == FieldType.TEXT else " ".join(value.split())
    fitting = text[: rule.max_length] if rule.max_length is not None else text
    return None if is_empty(fitting) else fitting
