"""Sequences: what their steps say and when each of them is due."""

from datetime import datetime, timedelta

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One message, `days` after the enrolment."""

    days: int
    subject: str
    body: str


def read_steps(text: str) -> tuple[Step, ...]:
    """The steps of a sequence, one a line: `days | subject | text`, by day. Raises ValueError naming the line."""
    steps = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        parts = [part.strip() for part in line.split("|", 2)]
        if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit()) or not parts[1]:
            msg = f"step {number} is not `days | subject | text`"
            raise ValueError(msg)
        steps.append(Step(int(parts[0]), parts[1], parts[2]))
    return tuple(sorted(steps, key=lambda step: step.days))


def next_due(steps: tuple[Step, ...], done: int, enrolled_at: datetime) -> datetime | None:
    """When the step after `done` of them is due, None after the last one."""
    return enrolled_at + timedelta(days=steps[done].days) if done < len(steps) else None
