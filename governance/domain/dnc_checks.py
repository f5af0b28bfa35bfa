"""The check against the do-not-contact list, whatever the tier, the approval or the actor (DNC-01/05)."""

from collections.abc import Sequence

from governance.domain.action_class import REACHES_BY
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, needs_approval, passed
from governance.domain.decision import CheckResult
from governance.domain.dnc_key import DncKind
from governance.domain.facts import DncFacts, RecipientFacts
from governance.domain.text_fold import is_mixed_script

_NOBODY = passed("dnc", "the action reaches nobody")
_FREE = passed("dnc", "nobody whom it reaches is on the do-not-contact list")
_UNREADABLE = denied("dnc", "invalid_recipient", "an address cannot be compared with the do-not-contact list")
_MIXED = needs_approval("dnc", "recipient_lookalike", "an address mixes letters of scripts that look alike")
# What stops one way of reaching someone alone; every other kind of entry stops them all.
_CHANNELS = frozenset({DncKind.EMAIL, DncKind.PHONE})


def check_dnc(case: Case) -> CheckResult:
    """Denies for an entry about anyone whom the action reaches, and when the list could not be asked.

    An entry about an e-mail address or a phone number stops what goes that way, also where it is another one of the
    same person's; one about a domain, a person or a company stops every way. The message names kinds, no reasons.
    """
    return judge_dnc(case.request.action, case.facts.recipients, case.facts.dnc)


def judge_dnc(action: str, recipients: Sequence[RecipientFacts] | None, facts: DncFacts | None) -> CheckResult:
    """The same on its own, as it is asked once more right before a send."""
    way = REACHES_BY.get(action)
    if way is None:
        return _NOBODY
    if facts is None or recipients is None or facts.asked != len(recipients):
        return failed("dnc")
    kinds = sorted({hit.kind for hit in facts.hits if hit.kind not in _CHANNELS or hit.kind == way})
    if kinds:
        return denied("dnc", "dnc_blocked", f"on the do-not-contact list by {' and '.join(kinds)}")
    used = [recipient for recipient in recipients if recipient.kind == way]
    if any(recipients[position].kind == way for position in facts.unreadable):
        return _UNREADABLE
    if any(is_mixed_script(recipient.address) for recipient in used):
        return _MIXED
    return _FREE
