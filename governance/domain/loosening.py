"""Which changes allow more than before: going back to what allows no more may take one person (POL-03).

Only what is known to tighten counts as tightening; everything else, and every kind of row that this module does not
know, counts as loosening.
"""

from collections.abc import Callable, Iterator

from governance.domain.coherence import name_field, name_grant, name_stage
from governance.domain.diff import Change, diff_documents
from governance.domain.document import ActionRule, FieldRule, GrantRule, PolicyDocument, StageRule
from governance.domain.vocabulary import PermissionLevel, ReviewState, RiskTier

_LEVELS: tuple[str, ...] = (
    PermissionLevel.BLOCKED,
    PermissionLevel.ADMIN_ONLY,
    PermissionLevel.READ_ONLY,
    PermissionLevel.APPROVAL,
    PermissionLevel.SAFE_WRITE,
)
_TIERS: tuple[str, ...] = (RiskTier.BLOCKED, RiskTier.APPROVAL, RiskTier.GATED, RiskTier.AUTONOMOUS)

Judge = Callable[[object, object], bool]


def _is_raised(old: object, new: object) -> bool:
    return isinstance(old, int | float) and isinstance(new, int | float) and new >= old


def _is_lowered(old: object, new: object) -> bool:
    return isinstance(old, int) and isinstance(new, int) and new <= old


def _is_narrowed(old: object, new: object) -> bool:
    return isinstance(old, tuple) and isinstance(new, tuple) and set(new) <= set(old)


def _is_widened(old: object, new: object) -> bool:
    return isinstance(old, tuple) and isinstance(new, tuple) and set(new) >= set(old)


def _is_down(scale: tuple[str, ...]) -> Judge:
    return lambda old, new: old in scale and new in scale and scale.index(str(new)) <= scale.index(str(old))


def _is_empty(_old: object, new: object) -> bool:
    return new in ("", ())


def _is_shorter(old: object, new: object) -> bool:
    """A greatest length; None is none at all."""
    return isinstance(new, int) and (old is None or (isinstance(old, int) and new <= old))


def _never_mind(_old: object, _new: object) -> bool:
    return True


_FIELD: dict[str, Judge] = {
    "label": _never_mind,
    "owner": lambda old, _new: old == "",  # one more group is asked; another one may be an easier one
    "owner_person": _never_mind,
    "is_read_only": _is_raised,
    "is_required": _is_raised,
    "is_golden": _is_raised,
    "review_required": _is_raised,
    "is_sensitive": _is_raised,
    "max_length": _is_shorter,
    "review_state": lambda _old, new: new != ReviewState.REVIEWED,
    "permission_level": _is_down(_LEVELS),
    "allowed_writers": _is_narrowed,
    "suggestion_field": _is_empty,
}
_GRANT: dict[str, Judge] = {"read_fields": _is_narrowed, "write_fields": _is_narrowed}
_ACTION: dict[str, Judge] = {
    "risk_tier": _is_down(_TIERS),
    "approver_groups": _is_widened,
    "approvals_needed": _is_raised,
    "min_confidence": _is_raised,
    "min_evidence": _is_raised,
    "expires_after_seconds": _is_lowered,
}
_STAGE: dict[str, Judge] = {"required_fields": _is_widened}


def find_loosening(old: PolicyDocument | None, new: PolicyDocument) -> tuple[Change, ...]:
    """The changes from `old` to `new` that may allow what was not allowed; all of them without an old document."""
    changes = diff_documents(old, new)
    if old is None:
        return changes
    tightening = set(_tightening_rows(old, new))
    known = {"format", "workspace", "grants", "fields", "actions", "stages"}
    told = tuple(change for change in changes if change.row not in tightening)
    others = (name for name in new.__struct_fields__ if name not in known)
    unknown = {name for name in others if getattr(old, name) != getattr(new, name)}
    if unknown and not told:
        return tuple(Change(name, "changed", f"{name} differ") for name in sorted(unknown))
    return told


def _tightening_rows(old: PolicyDocument, new: PolicyDocument) -> Iterator[str]:
    grants = {name_grant(rule): rule for rule in new.grants}
    for grant in old.grants:
        if _is_tighter(_GRANT, grant, grants.get(name_grant(grant))):
            yield name_grant(grant)
    fields = {name_field(rule): rule for rule in new.fields}
    for field in old.fields:
        after = fields.get(name_field(field))
        if _is_tighter(_FIELD, field, after) and not (after is None and field.is_required):
            yield name_field(field)
    actions = {rule.action: rule for rule in new.actions}
    for action in old.actions:
        if _is_tighter(_ACTION, action, actions.get(action.action)):
            yield f"tier of `{action.action}`"
    yield from _tightening_stages(old, new)


def _tightening_stages(old: PolicyDocument, new: PolicyDocument) -> Iterator[str]:
    """A new requirement tightens, one that is gone loosens."""
    before = {name_stage(rule): rule for rule in old.stages}
    for stage in new.stages:
        earlier = before.get(name_stage(stage))
        if earlier is None or _is_tighter(_STAGE, earlier, stage):
            yield name_stage(stage)


def _is_tighter(
    judges: dict[str, Judge],
    old: GrantRule | FieldRule | ActionRule | StageRule,
    new: GrantRule | FieldRule | ActionRule | StageRule | None,
) -> bool:
    """Whether every member that differs is known to tighten; a row that is gone allows nothing."""
    if new is None:
        return True
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before != after and not (name in judges and judges[name](before, after)):
            return False
    return True
