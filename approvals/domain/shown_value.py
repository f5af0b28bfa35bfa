"""Shown values: one field's value as a person reads it, exact and never shortened for good (APR-03)."""

import json
from dataclasses import dataclass

from approvals.domain.visible_text import Piece, reveal
from governance.domain.facts import JsonValue

PREVIEW_LENGTH = 240


@dataclass(frozen=True, slots=True)
class ShownValue:
    """`kind`: empty, unread, text, other. `pieces` are the whole value; `preview` its beginning when it is long;
    `label` what people read for a picklist's stored value, which then stands beside it."""

    kind: str
    pieces: tuple[Piece, ...]
    preview: tuple[Piece, ...] = ()
    length: int = 0
    label: tuple[Piece, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.kind == "empty"


UNREAD = ShownValue("unread", ())
"""A value that nobody looked up: policy settled the matter without it."""


def show_value(value: JsonValue, label: str = "") -> ShownValue:
    """A JSON value: None is empty, text is itself, everything else is its JSON; `label` is its option's, if any."""
    if value is None:
        return ShownValue("empty", ())
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    kind = "text" if isinstance(value, str) else "other"
    preview = reveal(text[:PREVIEW_LENGTH]) if len(text) > PREVIEW_LENGTH else ()
    return ShownValue(kind, reveal(text), preview, len(text), reveal(label))
