"""The sheet as the page gets it: columns with their choices, rows as short lists (REG-03)."""

from typing import Any
from uuid import UUID

from governance.domain.matrix_sheet import COLUMNS, NO, YES, Choices, Column
from governance.domain.table_verdict import Verdict
from governance.selectors.matrix_sheet import get_choices, list_sheet_rows


def show_sheet(*, workspace_id: UUID, is_editable: bool) -> dict[str, Any]:
    """Columns and rows. A row is id, ownership id, version, key, information and cells in the columns' order."""
    rows = list_sheet_rows(workspace_id)
    choices = get_choices(workspace_id, rows)
    return {
        "is_editable": is_editable,
        "columns": [
            {
                "name": column.name,
                "title": column.title,
                "kind": column.kind,
                "help": column.help,
                "options": _options(column, choices),
            }
            for column in COLUMNS
        ],
        "rows": [
            [
                row.id,
                row.ownership_id,
                row.version,
                [*row.key, row.label, row.type, row.review_state],
                [row.cells[column.name] for column in COLUMNS],
            ]
            for row in rows
        ],
    }


def show_saved(*, workspace_id: UUID, verdict: Verdict) -> dict[str, Any]:
    """What became of a save: the saved rows as they are now, or what to mend."""
    ids = {change.id for change in verdict.changes}
    rows = [row for row in list_sheet_rows(workspace_id) if row.id in ids] if ids else []
    return {
        "rows": [{"id": row.id, "version": row.version, "cells": row.cells} for row in rows],
        "errors": verdict.errors,
        "conflicts": verdict.conflicts,
    }


def _options(column: Column, choices: Choices) -> list[str]:
    """What the cell's list offers; suggestion fields are too many to offer, and are typed."""
    match column.kind:
        case "flag":
            return [YES, NO]
        case "group":
            return ["", *sorted(choices.groups)]
        case "person":
            return ["", *sorted(choices.people)]
        case _:
            return list(column.options)
