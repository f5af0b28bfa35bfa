"""Fields that changed or went at the CRM since a review: they deny before the next publishing (REG-01)."""

from governance.domain.case import Case
from governance.domain.check_result import denied
from governance.domain.decision import CheckResult
from governance.domain.judged import FIELD_CHECKS, Judged
from governance.domain.redirect import Placement
from governance.domain.vocabulary import ReviewState


def check_closed(case: Case, placement: Placement) -> tuple[CheckResult, ...]:
    """A denial for each field, asked for or written instead, that is closed; nothing for all others.

    A changed field is closed to agents, a gone one to everybody. What the published policy itself holds unreviewed has
    its denial from there.
    """
    closed = {field.name: field.state for field in case.facts.closed_fields}
    if not closed or "review" not in FIELD_CHECKS[case.judged]:
        return ()
    names = sorted({*case.request.changes, *placement.targets} & closed.keys())
    return tuple(check for name in names if (check := _judge(case, name, closed[name])) is not None)


def _judge(case: Case, name: str, state: str) -> CheckResult | None:
    rule = case.object_entry.fields.get(name) if case.object_entry is not None else None
    if rule is None or rule.review_state != ReviewState.REVIEWED:
        return None
    if state == ReviewState.GONE:
        return denied("review", "field_gone", f"`{name}` is gone from the CRM's schema", name)
    if case.judged is not Judged.AGENT:
        return None
    return denied("review", "field_changed", f"`{name}` changed at the CRM and nobody has reviewed it since", name)
