"""Short makers of check results. Results that never vary are made once and shared: a decision keeps some fifty."""

from governance.domain.decision import CheckOutcome, CheckResult

PASS = CheckOutcome.PASS.value
REDIRECT = CheckOutcome.REDIRECT.value
REQUIRE_APPROVAL = CheckOutcome.REQUIRE_APPROVAL.value
DENY = CheckOutcome.DENY.value
NOT_RUN = CheckOutcome.NOT_RUN.value


def passed(check: str, message: str, field: str = "") -> CheckResult:
    return CheckResult(check, PASS, "ok", message, field)


def denied(check: str, code: str, message: str, field: str = "") -> CheckResult:
    return CheckResult(check, DENY, code, message, field)


def needs_approval(check: str, code: str, message: str, field: str = "") -> CheckResult:
    return CheckResult(check, REQUIRE_APPROVAL, code, message, field)


def not_run(check: str) -> CheckResult:
    return CheckResult(
        check, NOT_RUN, "record_not_read", "the record was not read: nothing in it could lift the denial"
    )


def not_asked(check: str) -> CheckResult:
    return CheckResult(check, NOT_RUN, "not_asked", "not looked up: nothing there could lift the denial")


def failed(check: str, field: str = "") -> CheckResult:
    """An error inside a check denies. Its text stays out of the answer: it may hold anything."""
    return denied(
        check, "check_failed", f"the check `{check}` could not be made, and what cannot be checked is denied", field
    )
