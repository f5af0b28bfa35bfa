"""The checks on one field that depend on policy alone: made once per field and kept as ready results."""

from collections.abc import Callable

from governance.domain.check_result import denied, needs_approval, passed
from governance.domain.commitment import is_guarded, is_human_commitment
from governance.domain.decision import CheckResult
from governance.domain.document import FieldRule
from governance.domain.judged import FIELD_CHECKS, Judged
from governance.domain.vocabulary import (
    AGENT_WRITABLE,
    Classification,
    PermissionLevel,
    ReviewState,
    RollbackMethod,
    Writer,
)

# A value refused for one of these reasons may go to the field's suggestion field instead (REG-05/06). Not among them:
# fields nobody reviewed, the CRM's own fields, and compliance, where even a suggestion would mislead.
REDIRECTABLE = frozenset(
    {
        "level_blocked",
        "level_read_only",
        "level_admin_only",
        "human_commitment",
        "class_not_writable",
        "writer_not_allowed",
        "golden_field",
        "truth_elsewhere",
        "field_not_granted",
    }
)


def judge_field(rule: FieldRule, judged: Judged) -> tuple[CheckResult, ...]:
    """Every static check on this field that applies to this actor, in the table's order."""
    return tuple(_CHECKS[name](rule, judged) for name in FIELD_CHECKS[judged])


def _review(rule: FieldRule, judged: Judged) -> CheckResult:
    if rule.review_state == ReviewState.REVIEWED:
        return passed("review", f"`{rule.field}` is reviewed", rule.field)
    if rule.review_state == ReviewState.UNREVIEWED and judged is not Judged.AGENT:
        return passed("review", f"`{rule.field}` is not reviewed yet; people may write it", rule.field)
    if rule.review_state == ReviewState.GONE:
        return denied("review", "field_gone", f"`{rule.field}` is gone from the CRM's schema", rule.field)
    return denied(
        "review", "field_unreviewed", f"`{rule.field}` came or changed and nobody has reviewed it yet", rule.field
    )


def _read_only(rule: FieldRule, _: Judged) -> CheckResult:
    if rule.is_read_only:
        return denied("read_only", "field_read_only", f"`{rule.field}` is written by the CRM itself", rule.field)
    return passed("read_only", f"`{rule.field}` can be written at the CRM", rule.field)


def _permission_level(rule: FieldRule, _: Judged) -> CheckResult:
    match rule.permission_level:
        case PermissionLevel.SAFE_WRITE if is_guarded(rule):
            return needs_approval(
                "permission_level", "level_approval", f"`{rule.field}` never changes without a person", rule.field
            )
        case PermissionLevel.SAFE_WRITE:
            return passed("permission_level", f"`{rule.field}` is safe for agents to write", rule.field)
        case PermissionLevel.APPROVAL:
            return needs_approval(
                "permission_level", "level_approval", f"agents write `{rule.field}` with approval only", rule.field
            )
        case PermissionLevel.READ_ONLY:
            return denied("permission_level", "level_read_only", f"agents may only read `{rule.field}`", rule.field)
        case PermissionLevel.ADMIN_ONLY:
            return denied(
                "permission_level",
                "level_admin_only",
                f"`{rule.field}` is for administrators, never agents",
                rule.field,
            )
        case _:
            return denied("permission_level", "level_blocked", f"`{rule.field}` is blocked for agents", rule.field)


def _human_commitment(rule: FieldRule, _: Judged) -> CheckResult:
    if is_human_commitment(rule):
        return denied(
            "human_commitment",
            "human_commitment",
            f"`{rule.field}` is a human commitment, which no agent writes, whatever it is granted",
            rule.field,
        )
    return passed("human_commitment", f"`{rule.field}` is no human commitment", rule.field)


def _classification(rule: FieldRule, _: Judged) -> CheckResult:
    if rule.classification == Classification.COMPLIANCE:
        return denied(
            "classification",
            "compliance_field",
            f"`{rule.field}` records compliance; agents never write it",
            rule.field,
        )
    if rule.classification == Classification.HUMAN_COMMITMENT:
        return denied(
            "classification", "class_not_writable", f"`{rule.field}` is classified as a human commitment", rule.field
        )
    if rule.classification in AGENT_WRITABLE:
        return passed("classification", f"`{rule.field}` is of a class that agents write", rule.field)
    return denied(
        "classification",
        "class_not_writable",
        f"`{rule.field}` is classified `{rule.classification}`, which agents do not write",
        rule.field,
    )


def _allowed_writers(rule: FieldRule, judged: Judged) -> CheckResult:
    writer = Writer.AGENT if judged is Judged.AGENT else Writer.HUMAN
    if writer in rule.allowed_writers:
        return passed("allowed_writers", f"`{rule.field}` may be written by {_PLURAL[writer]}", rule.field)
    if not rule.allowed_writers and writer is Writer.HUMAN:
        return passed("allowed_writers", f"`{rule.field}` names no writers; people may write it", rule.field)
    return denied(
        "allowed_writers",
        "writer_not_allowed",
        f"{_PLURAL[writer]} are not among the writers of `{rule.field}`",
        rule.field,
    )


def _golden_field(rule: FieldRule, _: Judged) -> CheckResult:
    if rule.is_golden:
        return denied(
            "golden_field",
            "golden_field",
            f"`{rule.field}` is golden: it changes by its one named path only",
            rule.field,
        )
    return passed("golden_field", f"`{rule.field}` is not golden", rule.field)


def _review_required(rule: FieldRule, _: Judged) -> CheckResult:
    if rule.review_required:
        return needs_approval(
            "review_required", "review_required", f"every change of `{rule.field}` is looked at by a person", rule.field
        )
    return passed("review_required", f"`{rule.field}` asks for no review of its own", rule.field)


def _source_of_truth(rule: FieldRule, _: Judged) -> CheckResult:
    """REG-03: what another system states is written there; here it would be overwritten, or worse, believed."""
    if is_true_here(rule):
        return passed("source_of_truth", f"the truth of `{rule.field}` is kept here", rule.field)
    return denied(
        "source_of_truth",
        "truth_elsewhere",
        f"the truth of `{rule.field}` is kept in {rule.source_of_truth}, and is changed there",
        rule.field,
    )


def is_true_here(rule: FieldRule) -> bool:
    """Whether the field's source of truth is this CRM or the agents themselves; saying nothing means this CRM."""
    return rule.source_of_truth.strip().casefold() in {"", "crm", "agent", rule.connection.casefold()}


def _rollback(rule: FieldRule, _: Judged) -> CheckResult:
    """APR-11: what cannot be taken back by one click never changes without a person."""
    match rule.rollback_method:
        case RollbackMethod.REVERT:
            return passed("rollback", f"a write to `{rule.field}` can be taken back", rule.field)
        case RollbackMethod.BY_HAND:
            message = f"a write to `{rule.field}` can only be put right by hand"
            return needs_approval("rollback", "rollback_by_hand", message, rule.field)
        case _:
            return needs_approval("rollback", "irreversible", f"`{rule.field}` cannot be taken back", rule.field)


_PLURAL = {Writer.AGENT: "agents", Writer.HUMAN: "people"}

_CHECKS: dict[str, Callable[[FieldRule, Judged], CheckResult]] = {
    "review": _review,
    "read_only": _read_only,
    "permission_level": _permission_level,
    "human_commitment": _human_commitment,
    "classification": _classification,
    "allowed_writers": _allowed_writers,
    "golden_field": _golden_field,
    "review_required": _review_required,
    "source_of_truth": _source_of_truth,
    "rollback": _rollback,
}
