"""The form in which a reviewer corrects proposed values, each in the control that fits its field (APR-12)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from approvals.domain.correction import MAX_INPUT, input_kind, is_correctable, show_input
from approvals.models import AgentActionRequest
from approvals.services.correction import seen_digest
from approvals.services.pages.labels import Fields, fields_of, label_of
from approvals.services.pages.records import RecordNow, place_of
from approvals.services.provenance import signed_fields
from approvals.services.review_errors import CorrectionRefusedError
from governance.domain.document import FieldRule

_QUOTED = re.compile(r"`([^`]*)`")
LONG_LINE = 80
"""Characters: a longer text is not read whole in a control of one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownInput:
    """One control. `kind`: textarea, number, date, select, boolean or text; `seen` stands for what the record holds
    beside it on the page; `problem` is why the last try was refused."""

    field: str
    label: str
    kind: str
    value: str
    seen: str
    options: tuple[str, ...] = ()
    max_length: int = MAX_INPUT
    is_left_out: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditForm:
    """`inputs` is what can be corrected, `fixed` the labels of what cannot; `problems` are about the whole.

    `may_leave_out`: there is more than one field, so one may stay as it is."""

    inputs: tuple[ShownInput, ...]
    fixed: tuple[str, ...]
    problems: tuple[str, ...] = ()
    reason: str = ""
    is_open: bool = False

    @property
    def may_leave_out(self) -> bool:
        return len(self.inputs) + len(self.fixed) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a reviewer had typed when it was refused, and why it was."""

    values: Mapping[str, str]
    left_out: Collection[str]
    reason: str
    refusal: CorrectionRefusedError


def show_edit(request: AgentActionRequest, record: RecordNow, typed: Typed | None = None) -> EditForm | None:
    """None where nothing can be corrected: what a person asked for, or what has no patch. No query once the policy is
    cached."""
    if request.agent_id is None or not request.patch:
        return None
    fields, signed = fields_of(request, request.object_type), signed_fields(request)
    items = [item for item in request.patch if item["field"] not in signed]
    open_items = [item for item in items if is_correctable(request.action, fields.get(item["field"]), item["after"])]
    problems = _problems(typed)
    inputs = tuple(
        _input(fields, item, seen_digest(_current(request, record, item)), typed, problems) for item in open_items
    )
    if not inputs:
        return None
    names = {item["field"] for item in open_items}
    known = {item.field for item in inputs}
    return EditForm(
        inputs=inputs,
        fixed=tuple(label_of(fields, item["field"]) for item in items if item["field"] not in names),
        problems=tuple(words for field, found in problems.items() if field not in known for words in found),
        reason=typed.reason if typed else "",
        is_open=typed is not None,
    )


def _problems(typed: Typed | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, words in typed.refusal.reasons if typed else ():
        found.setdefault(field, []).append(_QUOTED.sub(r"“\1”", f"{words[:1].upper()}{words[1:]}"))
    return found


def _input(
    fields: Fields,
    item: Mapping[str, object],
    seen: str,
    typed: Typed | None,
    problems: Mapping[str, list[str]],
) -> ShownInput:
    field = str(item["field"])
    rule = fields[field]
    value = show_input(item["after"])
    options = rule.options if not value or value in rule.options else (value, *rule.options)
    return ShownInput(
        field=field,
        label=label_of(fields, field),
        kind=_kind(rule, value),
        value=typed.values.get(field, value) if typed else value,
        seen=seen,
        options=options,
        max_length=rule.max_length or MAX_INPUT,
        is_left_out=typed is not None and field in typed.left_out,
        problem=" ".join(problems.get(field, ())),
    )


def _kind(rule: FieldRule, value: str) -> str:
    kind = input_kind(rule)
    is_long = "\n" in value or (kind == "text" and len(value) > LONG_LINE)
    return "textarea" if is_long else kind


def _current(request: AgentActionRequest, record: RecordNow, item: Mapping[str, object]) -> object:
    """What the page shows as the field's value now: the record's where it was read, else what the patch says."""
    is_same_record = bool(request.record_id) and place_of(request) == (request.object_type, request.record_id)
    if is_same_record and record.exists and str(item["field"]) in record.values:
        return record.values[str(item["field"])]
    return item["before"]
