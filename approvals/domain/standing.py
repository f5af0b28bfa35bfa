"""What a standing approval may cover, and whether it covers a request. Pure (APR-11)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from approvals.domain.patch import Patch
from governance.domain.action_class import IRREVERSIBLE, OUTWARD
from governance.domain.commitment import is_guarded, is_human_commitment
from governance.domain.decision import CheckOutcome, Decision, Requirement
from governance.domain.document import FieldRule
from governance.domain.drift import is_same
from governance.domain.facts import JsonValue

MAX_DAYS = 90
MAX_USES = 1000
LONGEST = timedelta(days=MAX_DAYS)
BREAK_GLASS = "break_glass"


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """The signature: exactly these fields, these new values (None: any), and no less confidence than this."""

    fields: tuple[str, ...]
    allowed_values: Mapping[str, Sequence[JsonValue] | None]
    min_confidence: float


def why_not(action: str, patch: Patch, requirement: Requirement, fields: Mapping[str, FieldRule]) -> str:
    """Why nobody may approve the likes of this beforehand, in words; empty when a person may."""
    if action in IRREVERSIBLE | OUTWARD:
        return "what cannot be taken back, or leaves the house, is looked at each time"
    if requirement.count > 1 or len(requirement.groups) + len(requirement.alternatives) > 1:
        return "more than one group or person must agree to this, so nobody can do it alone beforehand"
    if not patch:
        return "nothing would change"
    for change in patch:
        rule = fields.get(change.field)
        if rule is None or is_human_commitment(rule) or is_guarded(rule):
            return f"`{change.field}` is looked at each time"
    return ""


def asked_reasons(decision: Decision | None) -> frozenset[tuple[str, str, str]]:
    """Why a person was asked: check, code and field of everything that asked for an approval."""
    checks = decision.checks if decision is not None else ()
    asking = (check for check in checks if check.outcome == CheckOutcome.REQUIRE_APPROVAL)
    return frozenset((check.check, check.code, check.field) for check in asking)


def is_asked_as_before(given: Decision | None, decision: Decision | None) -> bool:
    """Whether nothing asks for a person that did not ask when they approved beforehand: a rule, a flag of the agent or
    a finding that came since was not seen by anybody. What break-glass opens is looked at each time."""
    reasons = asked_reasons(decision)
    return reasons <= asked_reasons(given) and not any(code == BREAK_GLASS for _, code, _ in reasons)


def covers(covered: Covered, patch: Patch, confidence: float) -> bool:
    """Whether a patch is within the signature: the same fields, allowed values, confidence enough."""
    if tuple(sorted(change.field for change in patch)) != tuple(sorted(covered.fields)):
        return False
    if not confidence >= covered.min_confidence:
        return False
    for change in patch:
        allowed = covered.allowed_values.get(change.field, ())
        if allowed is not None and not any(is_same(value, change.after) for value in allowed):
            return False
    return True
