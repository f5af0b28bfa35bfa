"""What the engine answers: the outcome, every check's result, the exact patch, and what a review needs."""

from enum import StrEnum

import msgspec

from governance.domain.facts import JsonValue


class Outcome(StrEnum):
    ALLOW = "allow"
    REQUIRE_APPROVAL = "require_approval"
    DENY = "deny"


class CheckOutcome(StrEnum):
    """How one check ended. `not_run` marks a check that waits for the record of a request denied without it."""

    PASS = "pass"  # noqa: S105 - a verdict
    REDIRECT = "redirect"
    REQUIRE_APPROVAL = "require_approval"
    DENY = "deny"
    NOT_RUN = "not_run"


class CheckResult(msgspec.Struct, frozen=True):
    """One check on one thing. `code` is stable (docs/reason-codes.md), `message` is for people and agents.

    `field` is empty for a check on the request as a whole.
    """

    check: str
    outcome: str
    code: str
    message: str
    field: str = ""


class FieldChange(msgspec.Struct, frozen=True):
    """One field of a patch: what it holds now, what it shall hold."""

    field: str
    before: JsonValue
    after: JsonValue


class Redirect(msgspec.Struct, frozen=True):
    """REG-05/06: a forbidden write that goes to the suggestion field instead."""

    field: str
    suggestion_field: str
    code: str


class Requirement(msgspec.Struct, frozen=True):
    """What a review needs: one vote from every group in `groups` (AND), one from any group of each of `alternatives`
    (OR), at least `count` distinct people in all."""

    groups: tuple[str, ...] = ()
    count: int = 1
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Every group whose members may vote, sorted."""
        return tuple(sorted({*self.groups, *(group for choice in self.alternatives for group in choice)}))


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one proposal under one policy version. `patch` is what will be voted on and executed.

    `retry_after_seconds` says when a budget that denied begins anew, None when waiting is of no use.
    """

    outcome: str
    policy_version: str
    risk_tier: str
    checks: tuple[CheckResult, ...]
    patch: tuple[FieldChange, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    requirement: Requirement | None = None
    expires_after_seconds: int = 86_400
    hold_seconds: int = 0
    retry_after_seconds: int | None = None

    @property
    def reasons(self) -> tuple[CheckResult, ...]:
        """The checks that shaped the outcome: all that ran and did not simply pass."""
        return tuple(check for check in self.checks if check.outcome not in {"pass", "not_run"})
