"""Putting the staged rows of an import onto the list, some thousand lines at a time (DNC-04)."""

from datetime import datetime

from django.db import connection

from audit.services.rows import time_value, uuid_value
from governance.models import DncImport, DncStagedRow

LINES_A_STEP = 50_000

# A row that the list holds already for as long, or that the file repeats, is known: it is not added again.
_INSERT = """
INSERT INTO governance_dncentry (id, workspace_id, kind, brand, digest, value, reason, source, import_id,
                                 effective_from, effective_until, added_by, added_at)
SELECT s.entry_id, %s, s.kind, s.brand, s.digest, s.value, s.reason, s.source, s.import_id,
       s.effective_from, s.effective_until, %s, %s
FROM (SELECT t.*, ROW_NUMBER() OVER (
          PARTITION BY t.digest, t.brand, t.effective_from, t.effective_until ORDER BY t.line) AS nth
      FROM governance_dncstagedrow t WHERE t.import_id = %s AND t.line > %s AND t.line <= %s) s
WHERE s.nth = 1 AND NOT EXISTS (
    SELECT 1 FROM governance_dncentry e
    WHERE e.digest = s.digest AND e.brand = s.brand AND e.removed_at IS NULL AND e.effective_from <= s.effective_from
      AND (e.effective_until IS NULL OR e.effective_until >= s.effective_until))
"""


def apply_rows(row: DncImport, *, now: datetime) -> None:
    """Add the next LINES_A_STEP lines; moves `applied_line` and the counts. In the caller's transaction."""
    until = min(row.applied_line + LINES_A_STEP, row.line)
    staged = DncStagedRow.objects.filter(import_id=row.pk, line__gt=row.applied_line, line__lte=until).count()
    parameters = [
        uuid_value(row.workspace_id),
        row.started_by,
        time_value(now),
        uuid_value(row.pk),
        row.applied_line,
        until,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, parameters)
        added = cursor.rowcount
    row.rows_added += added
    row.rows_known += staged - added
    row.applied_line = until
