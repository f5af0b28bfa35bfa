"""Checks on whom an action would touch: an address that is there, that can be read, and that can be used."""

from governance.domain.action_class import REACHES_BY
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult
from governance.domain.recipient_address import address_problem

_NOBODY = passed("recipients", "the action reaches nobody")
_REACHABLE = passed("recipients", "every address of everyone it reaches is known")
_MISSING = denied("recipients", "recipient_missing", "the record holds no address that the action could use")


def check_recipients(case: Case) -> CheckResult:
    """Addresses that could not be read deny, and so does one of the kind in use that cannot be understood: what cannot
    be compared with a list is never taken as not listed."""
    kind = REACHES_BY.get(case.request.action)
    if kind is None:
        return _NOBODY
    recipients = case.facts.recipients
    if recipients is None:
        return failed("recipients")
    used = [recipient for recipient in recipients if recipient.kind == kind]
    if not used:
        return _MISSING
    for recipient in used:
        if problem := address_problem(recipient.kind, recipient.address):
            return denied("recipients", "recipient_invalid", f"an address of the recipient {problem}")
    return _REACHABLE
