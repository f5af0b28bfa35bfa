"""What every door answers: compact JSON in UTF-8, encoded at once. There is nothing to negotiate, so nothing to render
later (a fortieth of a proposal's work)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse

MEDIA_TYPE = "application/json"


class Response(HttpResponse):
    """`data` is anything that msgspec encodes."""

    def __init__(
        self, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, content_type: str = MEDIA_TYPE
    ) -> None:
        super().__init__(msgspec.json.encode(data), status=status, content_type=content_type)
        for name, value in (headers or {}).items():
            self.headers[name] = value
