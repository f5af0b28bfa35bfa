"""Reading a CRM's schema again because somebody asked: the job and its life (REG-01)."""

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.registry_sync import SchemaChange
from governance.models import Connection, SchemaSync, User
from governance.models.schema_sync import OPEN
from governance.selectors.access import ensure_may

LEASE = timedelta(minutes=5)
PERMISSION = "edit_policy"


class SyncUnderWayError(ValueError):
    """One sync of a connection at a time."""

    code = "sync_under_way"


def start_sync(*, connection_id: uuid.UUID, user_id: int, now: datetime) -> uuid.UUID:
    """Queue a look at the CRM's schema; a worker does it. Returns the job's id.

    Commits the row and `schema.sync_started`. Raises SyncUnderWayError, NotAllowedError (needs `edit_policy`),
    Connection.DoesNotExist, LedgerUnavailableError.
    """
    connection = Connection.objects.select_related("workspace").get(pk=connection_id)
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=connection.workspace_id)
    user = User.objects.get(pk=user_id)
    row = SchemaSync(connection=connection, started_by_id=user.person_id, created_at=now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise SyncUnderWayError(f"`{connection.name}` is being read already: wait for it") from error
        actor = Actor("human", str(user.person_id or user.username))
        append_event(_event("schema.sync_started", row, actor, {}), now=now)
    return row.pk


def take_sync(*, now: datetime) -> SchemaSync | None:
    """The oldest due job, taken for LEASE; None when nothing is due or another worker was faster."""
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    rows = SchemaSync.objects.filter(free, state__in=OPEN)
    row = rows.select_related("connection__workspace").order_by("created_at").first()
    if row is None or not rows.filter(pk=row.pk).update(state="asking", taken_until=now + LEASE):
        return None
    row.state, row.taken_until = "asking", now + LEASE
    return row


def note_asked(row: SchemaSync) -> None:
    """The CRM has answered; the registry is compared with it now."""
    SchemaSync.objects.filter(pk=row.pk, taken_until=row.taken_until).update(state="comparing")


def finish_sync(row: SchemaSync, *, change: SchemaChange, now: datetime) -> None:
    """Keep what it changed. Commits the row and `schema.sync_ended`."""
    parts = ("added", "changed", "gone", "relabelled")
    _end(row, state="done", now=now, counts={name: len(getattr(change, name)) for name in parts})


def fail_sync(row: SchemaSync, *, code: str, problem: str, now: datetime) -> None:
    """End it without a result: the registry stays as it was. Commits the row and `schema.sync_ended`."""
    _end(row, state="failed", now=now, problem_code=code[:60], problem=problem[:300])


def _end(row: SchemaSync, *, state: str, now: datetime, **columns: object) -> None:
    with transaction.atomic():
        ours = SchemaSync.objects.filter(pk=row.pk, taken_until=row.taken_until, state__in=OPEN)
        if ours.update(state=state, finished_at=now, taken_until=None, **columns):
            data = {"state": state, "counts": columns.get("counts", {}), "code": columns.get("problem_code", "")}
            append_event(_event("schema.sync_ended", row, Actor("system", "schema_sync"), data), now=now)


def _event(type_: str, row: SchemaSync, actor: Actor, data: dict[str, object]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=row.connection.workspace.slug,
        actor=actor,
        subject=Subject("connection", str(row.connection_id)),
        correlation_id=f"schema-{row.connection_id}",
        data={"connection": row.connection.name, "sync": str(row.pk), **data},
    )
