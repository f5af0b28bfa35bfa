"""A person reviews what came, changed or went at the CRM, many fields at once (REG-01)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from simple_history.utils import bulk_update_with_history

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.review_answer import LEVELS, ReviewAnswer, drafted_cells, is_tighter
from governance.domain.vocabulary import ReviewState
from governance.models import FieldOwnership, RegisteredField, User
from governance.selectors.access import ensure_may
from governance.selectors.matrix_sheet import list_sheet_rows
from governance.services.config_changes import ConfigChange, record_config_changes
from governance.services.registry import ReviewError, review_fields

PERMISSION = "edit_policy"
MAX_FIELDS = 10_000
_NAMES_SHOWN = 200


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """What a review did. `drafts` are matrix cells that the answer asks for and that a person has yet to save, as field
    → column → text. `tightened` rows of the matrix left agents more than the answer and leave them less now."""

    reviewed: int
    gone: int
    tightened: int
    drafts: dict[str, dict[str, str]]


def review_schema(
    *,
    workspace_id: UUID,
    field_ids: Collection[UUID],
    answer: str,
    classification: str,
    user_id: int,
    now: datetime,
) -> Reviewed:
    """These fields are reviewed; what is gone is noted as seen, and stays closed.

    The answer never waits where it takes something from agents: a matrix row that leaves them more is tightened here.
    What it gives is returned as drafts. Commits the fields, the tightened rows, their history, and an event for each
    connection, or nothing. Raises ReviewError, NotAllowedError (needs `edit_policy`), LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    if answer not in set(ReviewAnswer):
        raise ReviewError("say what agents may do with these fields")
    if not field_ids:
        raise ReviewError("choose the fields first")
    if len(field_ids) > MAX_FIELDS:
        raise ReviewError(f"review at most {MAX_FIELDS:,} fields at once")
    user = User.objects.get(pk=user_id)
    actor = Actor("human", str(user.person_id or user.username))
    with transaction.atomic():
        live, gone = _lock(workspace_id, field_ids)
        for rows in _by_connection(live):
            review_fields(
                field_ids=[row.pk for row in rows],
                state=ReviewState.REVIEWED,
                classification=classification or None,
                actor=actor,
                now=now,
            )
        _see_gone(gone, actor, user, now)
        wanted = ReviewAnswer(answer)
        tightened = _tighten(workspace_id, live, wanted, actor=actor, user=user, now=now)
        drafts = _drafts(workspace_id, {str(row.pk) for row in live}, wanted)
    return Reviewed(reviewed=len(live), gone=len(gone), tightened=tightened, drafts=drafts)


def _lock(workspace_id: UUID, field_ids: Collection[UUID]) -> tuple[list[RegisteredField], list[RegisteredField]]:
    """The fields of this workspace, those that the CRM has and those that it has not."""
    rows = RegisteredField.objects.select_for_update(of=("self",)).select_related("connection__workspace")
    found = list(rows.filter(connection__workspace_id=workspace_id, pk__in=field_ids).order_by("pk"))
    if len(found) != len(set(field_ids)):
        raise ReviewError("some of these fields are not of this workspace: load the page again")
    gone = [row for row in found if row.review_state == ReviewState.GONE]
    return [row for row in found if row.review_state != ReviewState.GONE], gone


def _by_connection(rows: Collection[RegisteredField]) -> list[list[RegisteredField]]:
    found: defaultdict[UUID, list[RegisteredField]] = defaultdict(list)
    for row in rows:
        found[row.connection_id].append(row)
    return list(found.values())


def _see_gone(rows: Collection[RegisteredField], actor: Actor, user: User, now: datetime) -> None:
    for row in rows:
        row.gone_seen_at = now
    if rows:
        bulk_update_with_history(list(rows), RegisteredField, ["gone_seen_at"], batch_size=500, default_user=user)
    for group in _by_connection(rows):
        names = sorted(f"{row.object_type}.{row.name}" for row in group)
        connection = group[0].connection
        event = NewEvent(
            type="fields.reviewed",
            workspace=connection.workspace.slug,
            actor=actor,
            subject=Subject("connection", str(connection.pk)),
            correlation_id=f"review-{connection.pk}",
            data={"state": "gone", "classification": "", "count": len(group), "fields": names[:_NAMES_SHOWN]},
        )
        append_event(event, now=now)


def _tighten(
    workspace_id: UUID,
    fields: Collection[RegisteredField],
    answer: ReviewAnswer,
    *,
    actor: Actor,
    user: User,
    now: datetime,
) -> int:
    level = LEVELS.get(answer)
    if level is None:
        return 0
    held = FieldOwnership.objects.select_for_update(of=("self",)).filter(field__in=[row.pk for row in fields])
    rows = [row for row in held if is_tighter(level, row.permission_level)]
    for row in rows:
        row.permission_level = level
    if rows:
        bulk_update_with_history(rows, FieldOwnership, ["permission_level"], batch_size=500, default_user=user)
        changes = [ConfigChange(row, "updated", ["permission_level"]) for row in rows]
        record_config_changes(workspace_id=workspace_id, changes=changes, actor=actor, now=now)
    return len(rows)


def _drafts(workspace_id: UUID, ids: set[str], answer: ReviewAnswer) -> dict[str, dict[str, str]]:
    if answer is ReviewAnswer.KEEP:
        return {}
    rows = (row for row in list_sheet_rows(workspace_id) if row.id in ids)
    drafted = {row.id: drafted_cells(answer, row.cells) for row in rows}
    return {field_id: cells for field_id, cells in drafted.items() if cells}
