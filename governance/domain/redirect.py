"""Which field each asked-for value really goes to: itself, its suggestion field, or none (REG-05/06)."""

from dataclasses import dataclass, field

from governance.domain.case import Case
from governance.domain.check_result import denied, failed
from governance.domain.decision import CheckResult, Redirect
from governance.domain.facts import JsonValue
from governance.domain.field_plan import FieldPlan
from governance.domain.index import ObjectEntry
from governance.domain.judged import IS_GRANT_NEEDED, IS_VALUE_JUDGED, Judged


@dataclass(slots=True)
class Placement:
    """What became of the changes: `targets` is field → value as it would be written, `is_whole` whether every field has
    one, `wait_seconds` how long until every field that is still fresh may be refreshed."""

    checks: list[CheckResult]
    targets: dict[str, JsonValue] = field(default_factory=dict)
    redirects: list[Redirect] = field(default_factory=list)
    is_whole: bool = True
    wait_seconds: int | None = None


def place_changes(case: Case, placement: Placement) -> None:
    """Judge every field in the order of names. An error on one field denies that field and so the whole."""
    for name in sorted(case.request.changes):
        try:
            _place_change(case, name, case.request.changes[name], placement)
        except Exception:  # noqa: BLE001 - an error while deciding denies
            placement.checks.append(failed("field", name))
            placement.is_whole = False


def _place_change(case: Case, name: str, value: JsonValue, placement: Placement) -> None:
    entry = case.object_entry
    plan = entry.plan(name, case.judged) if entry is not None else None
    if entry is None or plan is None:
        placement.is_whole = False
        placement.checks.append(denied("field", "unknown_field", f"`{name}` is not a registered field", name))
        return
    if case.judged is Judged.AGENT and name in entry.signed:
        placement.is_whole = False
        message = f"`{name}` is filled with each agent write; no agent writes it itself"
        placement.checks.append(denied("provenance", "provenance_field", message, name))
        return
    is_granted = _is_granted(case, name)
    if is_granted and not plan.is_denied:
        _accept(case, plan, value, placement)
        return
    suggestion = _open_suggestion(case, entry, plan)
    if suggestion is None:
        _refuse(plan, value, placement, judged=case.judged, is_granted=is_granted)
        return
    placement.checks.extend(plan.redirected)
    placement.checks.append(plan.granted if is_granted else plan.not_granted_redirected)
    placement.checks.extend(plan.promoting)
    placement.redirects.append(Redirect(name, plan.rule.suggestion_field, plan.redirect_code))
    _accept(case, suggestion, value, placement)


def _is_granted(case: Case, name: str) -> bool:
    return not IS_GRANT_NEEDED[case.judged] or (case.grant is not None and name in case.grant.write_fields)


def _open_suggestion(case: Case, entry: ObjectEntry, plan: FieldPlan) -> FieldPlan | None:
    """The plan of the suggestion field, when the value may go there: granted itself and denied by nothing."""
    if not plan.redirected or plan.rule.suggestion_field in entry.signed:
        return None
    suggestion = entry.plan(plan.rule.suggestion_field, case.judged)
    if suggestion is None or suggestion.is_denied or not _is_granted(case, suggestion.rule.field):
        return None
    return suggestion


def _accept(case: Case, plan: FieldPlan, value: JsonValue, placement: Placement) -> None:
    """A field takes one value: two that meet there, by redirect or by request, are refused both."""
    name = plan.rule.field
    complaint = plan.validate(value) if IS_VALUE_JUDGED[case.judged] else ""
    if complaint:
        placement.checks += plan.results
        placement.checks += (plan.granted, denied("validation", "validation_failed", complaint, name))
    else:
        placement.checks += plan.accepted
    if name in placement.targets:
        message = f"two values of one request would go to `{name}`"
        placement.checks.append(denied("redirect", "redirect_collision", message, name))
    placement.targets[name] = value


def _refuse(plan: FieldPlan, value: JsonValue, placement: Placement, *, judged: Judged, is_granted: bool) -> None:
    placement.is_whole = False
    complaint = plan.validate(value) if IS_VALUE_JUDGED[judged] else ""
    placement.checks += plan.results
    placement.checks.append(plan.granted if is_granted else plan.not_granted)
    placement.checks.append(
        denied("validation", "validation_failed", complaint, plan.rule.field) if complaint else plan.valid
    )
    if plan.redirected:
        placement.checks.append(plan.no_suggestion)
