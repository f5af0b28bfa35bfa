"""Imports for people: how far one is, what it would add, what was wrong with its rows (DNC-04)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from audit.services.rows import uuid_value
from governance.domain.dnc_import_state import DncImportState
from governance.models import DncImport, DncImportError, DncStagedRow

PAGE = 50
SHOWN_GOOD, SHOWN_BAD = 10, 20
MOST_COUNTED = 100_000
_ERRORS_A_QUERY = 5_000

# The mirror of what `dnc_apply` inserts.
_KNOWN = """
SELECT COUNT(*) FROM (
    SELECT t.*, ROW_NUMBER() OVER (
        PARTITION BY t.digest, t.brand, t.effective_from, t.effective_until ORDER BY t.line) AS nth
    FROM governance_dncstagedrow t WHERE t.import_id = %s) s
WHERE s.nth > 1 OR EXISTS (
    SELECT 1 FROM governance_dncentry e
    WHERE e.digest = s.digest AND e.brand = s.brand AND e.removed_at IS NULL AND e.effective_from <= s.effective_from
      AND (e.effective_until IS NULL OR e.effective_until >= s.effective_until))
"""


@dataclass(frozen=True, slots=True)
class DncImportPreview:
    """`known` counts rows that the list holds already or the file repeats; None where counting would take too long."""

    good: tuple[DncStagedRow, ...]
    bad: tuple[DncImportError, ...]
    known: int | None


def list_imports(workspace_id: UUID, *, before: UUID | None) -> list[DncImport]:
    """Newest first, PAGE and one more when there is a next page."""
    rows = DncImport.objects.filter(workspace_id=workspace_id)
    rows = rows.filter(id__lt=before) if before is not None else rows
    return list(rows.order_by("-id")[: PAGE + 1])


def preview_import(row: DncImport) -> DncImportPreview:
    """The first rows of either kind, and the duplicates of up to MOST_COUNTED rows. Three queries."""
    of_it = {"import_id": row.pk}
    return DncImportPreview(
        good=tuple(DncStagedRow.objects.filter(**of_it).order_by("line")[:SHOWN_GOOD]),
        bad=tuple(DncImportError.objects.filter(**of_it).order_by("line")[:SHOWN_BAD]),
        known=_count_known(row),
    )


def per_cent_done(row: DncImport) -> int:
    """Of reading, or of applying."""
    match row.state:
        case DncImportState.READING:
            return 100 * row.offset // max(row.size_bytes, 1)
        case DncImportState.APPLYING:
            return 100 * row.applied_line // max(row.line, 1)
    return 100


def iterate_errors(import_id: UUID) -> Iterator[tuple[str, str, str]]:
    """(line, what is wrong, how the row began), in the file's order, however many."""
    rows = DncImportError.objects.filter(import_id=import_id).order_by("line")
    page = list(rows.values_list("line", "problem", "value")[:_ERRORS_A_QUERY])
    while page:
        yield from ((str(line), problem, value) for line, problem, value in page)
        page = list(rows.filter(line__gt=page[-1][0]).values_list("line", "problem", "value")[:_ERRORS_A_QUERY])


def _count_known(row: DncImport) -> int | None:
    if row.state != DncImportState.READY or row.rows_good > MOST_COUNTED:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [uuid_value(row.pk)])
        (count,) = cursor.fetchone()
    return int(count)
