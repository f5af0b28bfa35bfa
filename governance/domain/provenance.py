"""Provenance: with each agent write go the fields that say when, by whom, from what and why (REG-07).

They are part of the patch: what is approved, hashed and read back holds them. Agents never write them by themselves,
and what policy judges is the agent's own change alone.
"""

from governance.domain.action_class import PREPARATIONS
from governance.domain.case import Case
from governance.domain.decision import FieldChange
from governance.domain.document import FieldRule, ProvenanceRule
from governance.domain.drift import is_empty, is_same
from governance.domain.facts import JsonValue, ProvenanceFacts
from governance.domain.judged import Judged
from governance.domain.vocabulary import Action, FieldType

SIGNED_ACTIONS = frozenset({Action.UPDATE, Action.CREATE, *PREPARATIONS})


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
    closed = {field.name for field in case.facts.closed_fields}
    said = _say(case, entry.provenance, case.facts.provenance)
    changes = [
        FieldChange(name, held.get(name), _fitting(entry.fields[name], said[member]))
        for member, name in entry.signatures
        if name not in closed
    ]
    return (*patch, *(change for change in changes if not is_same(change.before, change.after)))


def _say(case: Case, rule: ProvenanceRule, facts: ProvenanceFacts) -> dict[str, JsonValue]:
    """What there is to say for each member of the mapping."""
    request = case.request
    sources = ", ".join(request.evidence.vendors) or request.source_workflow
    return {
        "at_field": facts.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "source_field": sources or None,
        "confidence_field": float(request.confidence),
        "reason_field": facts.reason or request.reason_code,
        "agent_field": case.agent.name if case.agent is not None else None,
        "request_field": f"{rule.trace_address}{facts.request}",
    }


def _fitting(rule: FieldRule, value: JsonValue) -> JsonValue:
    """As much of a text as the field holds; line breaks only where it takes them."""
    if not isinstance(value, str):
        return value
    text = value if rule.type == FieldType.TEXT else " ".join(value.split())
    fitting = text[: rule.max_length] if rule.max_length is not None else text
    return None if is_empty(fitting) else fitting
