"""Patch: ordered field changes with before and after, as laws: applied and inverted, it changes nothing (RVT-01)."""

from collections.abc import Iterable, Mapping, Sequence

from governance.domain.decision import FieldChange
from governance.domain.drift import is_same
from governance.domain.facts import JsonValue

Patch = tuple[FieldChange, ...]


class PatchMismatchError(ValueError):
    """A field does not hold what the patch says it holds. `field` names it."""

    code = "patch_mismatch"

    def __init__(self, field: str) -> None:
        super().__init__(f"`{field}` does not hold the patch's before-value")
        self.field = field


def apply_patch(patch: Sequence[FieldChange], values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """`values` with every change made. None is the port's word for an empty field, so a field not in `values` counts as
    None. Raises PatchMismatchError.
    """
    result = dict(values)
    for change in patch:
        if not is_same(change.before, result.get(change.field)):
            raise PatchMismatchError(change.field)
        result[change.field] = change.after
    return result


def invert_patch(patch: Sequence[FieldChange]) -> Patch:
    """The patch that takes this one back: last change first, before and after exchanged."""
    return tuple(FieldChange(change.field, change.after, change.before) for change in reversed(patch))


def read_patch(stored: Iterable[Mapping[str, JsonValue]]) -> Patch:
    """A patch from its stored JSON."""
    return tuple(FieldChange(item["field"], item["before"], item["after"]) for item in stored)


def dump_patch(patch: Sequence[FieldChange]) -> list[dict[str, JsonValue]]:
    """A patch as JSON, in order."""
    return [{"field": change.field, "before": change.before, "after": change.after} for change in patch]


def after_values(patch: Sequence[FieldChange]) -> dict[str, JsonValue]:
    return {change.field: change.after for change in patch}


def before_values(patch: Sequence[FieldChange]) -> dict[str, JsonValue]:
    return {change.field: change.before for change in patch}
