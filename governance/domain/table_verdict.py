"""What a set of edits to a table would do: which cells change, which cannot, which rows someone else changed."""

from collections.abc import Callable, Sequence

import msgspec


class RowEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Cells of one row as a person typed them. `version` is the row's when it was last seen; empty asks nothing."""

    id: str
    version: str = ""
    cells: dict[str, str]


class CellChange(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    row: str
    column: str
    before: str
    after: str


class SheetError(msgspec.Struct, frozen=True, kw_only=True):
    """One cell, or with an empty `column` one row, that cannot be as asked. `message` says how to mend it."""

    id: str
    row: str
    column: str
    code: str
    message: str


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A row that someone else changed meanwhile, as it is now."""

    id: str
    row: str
    version: str
    cells: dict[str, str]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of it is done yet. With an error or a conflict nothing is, unless the good rows are asked for."""

    changes: tuple[CellChange, ...] = ()
    errors: tuple[SheetError, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not (self.errors or self.conflicts)

    @property
    def bad_rows(self) -> frozenset[str]:
        return frozenset(item.id for item in self.errors) | frozenset(item.id for item in self.conflicts)


def sound_changes(
    edits: Sequence[RowEdit], verdict: Verdict, judge: Callable[[Sequence[RowEdit]], Verdict]
) -> tuple[CellChange, ...]:
    """The changes of the rows that are sound without the others. Leaving one out can spoil another, so it is asked
    again until nothing is left to leave out."""
    while not verdict.is_clean:
        kept = [edit for edit in edits if edit.id not in verdict.bad_rows]
        if len(kept) == len(edits):
            return ()  # what is wrong lies outside the edited rows
        edits = kept
        verdict = judge(edits)
    return verdict.changes
