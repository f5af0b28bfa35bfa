"""A person's correction of what an agent proposed: it is looked at like any change, by no fewer people (APR-12)."""

from governance.domain.check_result import needs_approval
from governance.domain.decision import Requirement
from governance.domain.facts import CorrectionFacts

CORRECTED = needs_approval(
    "correction", "corrected_by_person", "a person corrected this; it takes the approvals that were asked for before"
)


def ask_no_less(asked: Requirement | None, correction: CorrectionFacts | None, *, is_asked: bool) -> Requirement | None:
    """What policy asks for now together with what it asked for before the correction.

    `asked` is None when policy names nobody; with `is_asked` something else than the correction wants an approval, and
    then nobody can give it: earlier groups do not answer for that.
    """
    if correction is None or (asked is None and is_asked):
        return asked
    now = asked or Requirement()
    groups = {*now.groups, *correction.groups}
    alternatives = {choice for choice in (*now.alternatives, *correction.alternatives) if groups.isdisjoint(choice)}
    if not (groups or alternatives):
        return None
    return Requirement(tuple(sorted(groups)), max(now.count, correction.count, 1), tuple(sorted(alternatives)))
