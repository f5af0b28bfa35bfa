"""Routing by the matrix: the owners of the fields that ask for a person are asked (APR-05, REG-03)."""

from collections.abc import Iterable

from governance.domain.case import Case
from governance.domain.check_result import REQUIRE_APPROVAL
from governance.domain.decision import CheckResult


def field_owners(case: Case, checks: Iterable[CheckResult]) -> tuple[str, ...]:
    """The owner groups of every field with a check that asks for approval."""
    if case.object_entry is None:
        return ()
    fields = case.object_entry.fields
    asking = {check.field for check in checks if check.outcome == REQUIRE_APPROVAL and check.field}
    return tuple({fields[name].owner for name in asking if name in fields and fields[name].owner})
