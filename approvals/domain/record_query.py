"""What an agent sends to search records."""

from typing import Annotated

from msgspec import Meta

from approvals.domain.envelope import SCALAR, FieldName, Strict

MAX_PAGE = 200

Fields = Annotated[list[FieldName], Meta(min_length=1, max_length=200)]


class RecordQuery(Strict, frozen=True, kw_only=True):
    """Records whose fields equal `filters` (null: empty), by id; `after` is the last page's cursor."""

    filters: Annotated[dict[FieldName, SCALAR], Meta(max_length=20)] = {}
    fields: Fields | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100
    after: Annotated[str, Meta(max_length=200)] = ""
