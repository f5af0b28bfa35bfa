"""What can change a field, and what a change sets off: the write paths followed both ways (REG-10)."""

from collections import deque
from collections.abc import Collection, Sequence

import msgspec


class PathRule(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One way by which something other than a person's hand writes. Places are `object.field`, or `object` for its
    records' creation; it runs when one of `triggers` changes and then changes `changes`."""

    name: str
    kind: str
    system: str = ""
    triggers: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def kind_words(self) -> str:
        return self.kind.replace("_", " ")


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One path that would run, set off by `because`; `depth` is 1 for what the change itself sets off."""

    path: PathRule
    because: str
    depth: int


def what_changes(paths: Sequence[PathRule], place: str) -> tuple[PathRule, ...]:
    """Every path that changes this place, by name."""
    return tuple(sorted(path for path in paths if place in path.changes))


def what_follows(paths: Sequence[PathRule], changed: Collection[str]) -> tuple[Effect, ...]:
    """Every path that changes of these places set off, and what those set off in turn. Each path once, nearest first;
    paths that feed each other end where they began."""
    effects: list[Effect] = []
    ran: set[PathRule] = set()
    seen = set(changed)
    waiting = deque((place, 1) for place in sorted(changed))
    while waiting:
        place, depth = waiting.popleft()
        for path in sorted(paths):
            if path in ran or place not in path.triggers:
                continue
            ran.add(path)
            effects.append(Effect(path=path, because=place, depth=depth))
            fresh = sorted(set(path.changes) - seen)
            seen.update(fresh)
            waiting.extend((step, depth + 1) for step in fresh)
    return tuple(effects)
