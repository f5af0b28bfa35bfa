"""Checks on the record as the CRM holds it: existence, the exact patch, what a stage requires (REG-08)."""

from collections.abc import Mapping

from governance.domain.action_class import MAKES_RECORD, NEEDS_CHANGES, NEEDS_RECORD
from governance.domain.case import Case
from governance.domain.check_result import NOT_RUN, denied, not_run, passed
from governance.domain.decision import CheckResult, FieldChange
from governance.domain.drift import is_empty, is_same
from governance.domain.facts import JsonValue
from governance.domain.redirect import Placement

_PRESENT = passed("record", "the record exists")
_NO_RECORD_NEEDED = passed("record", "the action works on no existing record")
_NOT_FOUND = denied("record", "record_not_found", "the record does not exist")
_NOT_READ = denied("record", "check_failed", "the record could not be read, and what cannot be checked is denied")
_NO_ID = denied("record", "record_id_missing", "the request names no record")
_CHANGES = passed("diff", "the request changes something")
_CHANGES_NOTHING = denied("diff", "empty_diff", "no field would change")
_NOT_COMPARED = CheckResult("diff", NOT_RUN, "nothing_to_compare", "there is no whole patch to compare with a record")
_REQUIRED_FILLED = passed("required", "every required field is given")
_STAGE_COMPLETE = passed("stage", "every field that the stage requires is filled")


def needs_record(case: Case) -> bool:
    return case.request.action in NEEDS_RECORD


def check_record(case: Case) -> CheckResult:
    """An update of what is not there is denied, and so is one of what could not be read."""
    if not needs_record(case):
        return _NO_RECORD_NEEDED
    if not case.request.record_id:
        return _NO_ID
    if case.facts.record is None:
        return _NOT_READ
    return _PRESENT if case.facts.record.exists else _NOT_FOUND


def make_patch(case: Case, targets: Mapping[str, JsonValue]) -> tuple[FieldChange, ...]:
    """The exact changes, by field name, without those that change nothing.

    Raises KeyError for a field that was not read: its before-value is unknown, and a patch must not guess.
    """
    if not needs_record(case):
        return tuple(
            FieldChange(field, None, targets[field]) for field in sorted(targets) if not is_empty(targets[field])
        )
    if case.facts.record is None or not case.facts.record.exists:
        return ()
    held = case.facts.record.values
    return tuple(
        FieldChange(field, held[field], targets[field])
        for field in sorted(targets)
        if not is_same(held[field], targets[field])
    )


def judge_unread(case: Case) -> list[CheckResult]:
    """What can be said before the record is read: that none is named, or that nothing is asked to change.

    What reaches a person works on no record, but is complete only once the recipient's addresses are read.
    """
    is_pointless = case.request.action in NEEDS_CHANGES and not case.request.changes
    is_record_named = not_run("record") if case.request.record_id else _NO_ID
    return [
        is_record_named if needs_record(case) else _NO_RECORD_NEEDED,
        _CHANGES_NOTHING if is_pointless else not_run("diff"),
        not_run("required"),
        not_run("stage"),
        not_run("transition"),
        not_run("score"),
    ]


def check_diff(case: Case, patch: tuple[FieldChange, ...], *, is_whole: bool) -> CheckResult:
    """Something changes, or there is nothing to do. `is_whole` is false when fields were refused: then an empty patch
    proves nothing, and the refusals have denied already."""
    if patch or case.request.action not in NEEDS_CHANGES:
        return _CHANGES
    record = case.facts.record
    is_comparable = not needs_record(case) or (record is not None and record.exists)
    if case.request.changes and not (is_whole and is_comparable):
        return _NOT_COMPARED
    return _CHANGES_NOTHING


def check_required(case: Case, placement: Placement) -> CheckResult:
    """A record is made with every field that its object requires. One that was given and refused is not missing: its
    refusal says why; one that was redirected is, for its value stands elsewhere."""
    if case.request.action not in MAKES_RECORD or case.object_entry is None:
        return _REQUIRED_FILLED
    redirected = {redirect.field for redirect in placement.redirects}
    for field in case.object_entry.required_fields:
        is_refused = field not in placement.targets and field not in redirected
        given = case.request.changes.get(field) if is_refused else placement.targets.get(field)
        if is_empty(given):
            return denied("required", "validation_failed", f"`{field}` is required and must be given", field)
    return _REQUIRED_FILLED


def check_stage(case: Case, patch: tuple[FieldChange, ...]) -> CheckResult:
    """REG-08: a patch that enters a stage, or empties a field while in it, leaves all its required fields filled.

    What was missing before and is not touched does not hold up other changes. Raises KeyError for a field not read.
    """
    if not patch or case.object_entry is None or not case.object_entry.stages:
        return _STAGE_COMPLETE
    held = case.facts.record.values if needs_record(case) and case.facts.record is not None else None
    after = {change.field: change.after for change in patch}
    for stage_field, stages in case.object_entry.stages.items():
        stage = _value_after(stage_field, after, held)
        required = stages.get(stage, ()) if isinstance(stage, str) else ()
        for field in required:
            is_touched = stage_field in after or field in after
            if is_touched and is_empty(_value_after(field, after, held)):
                message = f"`{stage_field}` cannot be `{stage}` while `{field}` is empty"
                return denied("stage", "validation_failed", message, field)
    return _STAGE_COMPLETE


def _value_after(field: str, after: Mapping[str, JsonValue], held: Mapping[str, JsonValue] | None) -> JsonValue:
    """The field's value once the patch is applied; a record that is being made (`held` None) starts empty."""
    if field in after:
        return after[field]
    return held[field] if held is not None else None
