"""Who handed a request on to the backups, and what they wrote (APR-09)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.domain.visible_text import Piece, reveal
from approvals.selectors.desk_news import DeskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    person: str
    note: tuple[Piece, ...]
    at: datetime


def show_handed_on(news: Iterable[DeskRow]) -> tuple[HandedOn, ...]:
    """Oldest first."""
    return tuple(HandedOn(person=row.person, note=reveal(row.note), at=row.at) for row in news if row.kind == "note")
