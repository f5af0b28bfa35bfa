"""Checks on what a patch says as a whole: the way from stage to stage, and what explains a score (REG-08, REG-11)."""

from collections.abc import Mapping, Sequence

from governance.domain.action_class import NEEDS_RECORD
from governance.domain.case import Case
from governance.domain.check_result import denied, passed
from governance.domain.decision import CheckResult, FieldChange
from governance.domain.drift import is_empty
from governance.domain.facts import JsonValue
from governance.domain.judged import Judged

_ALLOWED = passed("transition", "every stage is reached by a way that policy allows")
_EXPLAINED = passed("score", "every score comes with what explains it")


def check_transition(case: Case, patch: Sequence[FieldChange]) -> CheckResult:
    """A stage field with transitions moves along them alone, also out of and into emptiness."""
    if case.object_entry is None or not case.object_entry.transitions:
        return _ALLOWED
    for change in patch:
        moves = case.object_entry.transitions.get(change.field)
        if moves is None:
            continue
        before = "" if case.request.action not in NEEDS_RECORD or is_empty(change.before) else str(change.before)
        after = "" if is_empty(change.after) else str(change.after)
        if after not in moves.get(before, ()):
            ways = ", ".join(f"`{way or 'empty'}`" for way in moves.get(before, ())) or "nowhere"
            message = (
                f"`{change.field}` does not go from `{before or 'empty'}` to `{after or 'empty'}`: from there to {ways}"
            )
            return denied("transition", "transition_not_allowed", message, change.field)
    return _ALLOWED


def check_score(case: Case, patch: Sequence[FieldChange], targets: Mapping[str, JsonValue]) -> CheckResult:
    """REG-11: whoever computes a score says of what, and with what version. People may set one as they see it."""
    if case.object_entry is None or not case.object_entry.scores or case.judged is not Judged.AGENT:
        return _EXPLAINED
    for change in patch:
        for name in case.object_entry.scores.get(change.field, ()):
            if is_empty(targets.get(name)) and not is_empty(change.after):
                message = f"`{change.field}` is a score: give `{name}` with it, which says how it came about"
                return denied("score", "score_unexplained", message, change.field)
    return _EXPLAINED
