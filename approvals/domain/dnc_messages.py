"""What is said at the do-not-contact doors: a question about many, and one new entry (DNC-04)."""

from typing import Annotated, Literal

from msgspec import Meta

from approvals.domain.envelope import Moment, Strict

MAX_RECIPIENTS = 1_000
MAX_CHECK_BYTES = 1_200_000

Address = Annotated[str, Meta(min_length=1, max_length=1_000, description="As you hold it; it is folded here")]


class DncRecipient(Strict, frozen=True, kw_only=True):
    """One address."""

    kind: Literal["email", "phone"]
    address: Address


class DncCheck(Strict, frozen=True, kw_only=True):
    """Whom to look up. `connection` names the brand that would speak; without it every brand's entries count."""

    recipients: Annotated[list[DncRecipient], Meta(min_length=1, max_length=MAX_RECIPIENTS)]
    connection: Annotated[str, Meta(max_length=60)] = ""


class DncCovered(Strict, frozen=True, kw_only=True):
    """A further address of a person or a company."""

    kind: Literal["email", "domain", "phone"]
    value: Annotated[str, Meta(min_length=1, max_length=300)]


class NewDnc(Strict, frozen=True, kw_only=True):
    """One entry. In force at once or from `effective_from`, until `effective_until` or until two people end it."""

    kind: Literal["email", "domain", "phone", "person", "company"]
    value: Annotated[str, Meta(min_length=1, max_length=300, description="`jane@example.com`, `embedded/contacts/101`")]
    reason: Annotated[str, Meta(min_length=1, max_length=300)]
    source: Annotated[str, Meta(min_length=1, max_length=60, description="`opt_out`, `bounce`, `complaint` …")]
    brand: Annotated[str, Meta(max_length=60)] = ""
    effective_from: Moment | None = None
    effective_until: Moment | None = None
    covers: Annotated[list[DncCovered], Meta(max_length=200)] = []
