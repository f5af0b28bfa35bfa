"""What a mail provider reports about a message (LIM-04)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from approvals.domain.envelope import Strict


class DeliveryNews(Strict, frozen=True, kw_only=True):
    """One bounce, complaint or reply, about the message of our `request` or by the receipt that `connection` gave."""

    kind: Literal["bounce", "complaint", "reply"]
    request: UUID | None = None
    connection: Annotated[str, Meta(max_length=60)] = ""
    message: Annotated[str, Meta(max_length=120)] = ""
