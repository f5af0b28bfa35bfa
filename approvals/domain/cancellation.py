"""What an agent may say when it takes a request back."""

from typing import Annotated

from msgspec import Meta

from approvals.domain.envelope import Strict


class Cancellation(Strict, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(max_length=1_000)] = ""
