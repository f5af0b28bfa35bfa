"""The rota: who looks after exceptions on a day, with stand-ins; who cannot is skipped (EXC-02)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the rota: for a date, or for every such weekday (0 is Monday). `people` in the order of asking."""

    people: tuple[UUID, ...]
    weekday: int | None = None
    on_date: date | None = None


def on_duty(rota: Sequence[Duty], day: date, able: Collection[UUID]) -> UUID | None:
    """The first able person of the line for the date, else of the weekday's; None when nobody is."""
    dated = [duty for duty in rota if duty.on_date == day]
    weekly = [duty for duty in rota if duty.on_date is None and duty.weekday == day.weekday()]
    return next((person for duty in (*dated, *weekly) for person in duty.people if person in able), None)
