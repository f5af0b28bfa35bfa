"""What a mail provider reports about a message (LIM-04)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from approvals.domain.envelope import Strict


class DeliveryNews(Strict, frozen=True, kw_only=True):
    """One bounce or complaint, about the message of our `request` or with the receipt that `connection` gave for it."""

    kind: Literal["bounce", "complaint"]
    request: UUID | None = None
    connection: Annotated[str, Meta(max_length=60)] = ""
    message: Annotated[str, Meta(max_length=120)] = ""
