"""Edits of governed rows in the console: each is in the ledger, and each can be taken back (AUD-02, REG-03)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event, append_events
from governance.models import Workspace


class RevertError(ValueError):
    """The row cannot be set back to that version."""

    code = "revert_refused"


def record_config_change(
    *,
    workspace_id: UUID | None,
    row: models.Model,
    operation: str,
    fields: Collection[str],
    actor: Actor,
    now: datetime,
    origin: str = "",
) -> None:
    """Append `config.changed`: which row, which fields, by whom. Call it in the transaction of the change itself.

    `operation` is `created`, `updated` or `deleted`. Values are not repeated: the row's history holds them.
    `origin` names what the change was made for.
    Rows of no workspace (people) are recorded under `*`. Raises OutsideTransactionError, LedgerUnavailableError.
    """
    data: dict[str, Any] = {"model": row._meta.model_name, "operation": operation, "fields": sorted(fields)}
    if origin:
        data["for"] = origin
    append_event(_event("config.changed", workspace_id, row, data, actor), now=now)


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One edited row: `operation` is `created`, `updated` or `deleted`."""

    row: models.Model
    operation: str
    fields: Collection[str]


def record_config_changes(*, workspace_id: UUID, changes: Sequence[ConfigChange], actor: Actor, now: datetime) -> None:
    """Append one `config.changed` for every row, in one statement; else as `record_config_change`."""
    slug = _slug(workspace_id)
    events = [
        _make_event(
            "config.changed",
            slug,
            change.row,
            {
                "model": change.row._meta.model_name,
                "operation": change.operation,
                "fields": sorted(change.fields),
            },
            actor,
        )
        for change in changes
    ]
    append_events(events, now=now)


def revert_config(
    *, model: type[models.Model], history_id: int, workspace_id: UUID | None, actor: Actor, now: datetime
) -> None:
    """Set a row back to how it was in one version of its history. Commits row, new history entry and `config.reverted`.

    The row need not exist any more. Uniqueness and constraints hold as for any edit.
    Raises RevertError, LedgerUnavailableError.
    """
    history: models.Manager[Any] = model.history  # type: ignore[attr-defined]  # every governed model keeps one
    with transaction.atomic():
        version = history.filter(pk=history_id).first()
        if version is None:
            raise RevertError("no such version")
        row = version.instance
        before = model._default_manager.select_for_update().filter(pk=row.pk).first()
        row._state.adding = before is None  # noqa: SLF001  # else Django inserts: keys have defaults
        _keep_own_way(row, before)
        wanted = _related_ids(version, model)
        fields = _differing(before, row, model) + _differing_related(before, wanted)
        if before is not None and not fields:
            raise RevertError("the row is as it was in that version")
        row.full_clean()
        row.save()
        for name, ids in wanted.items():
            getattr(row, name).set(ids)
        data = {"model": model._meta.model_name, "fields": fields, "version": history_id}
        append_event(_event("config.reverted", workspace_id, row, data, actor), now=now)


def _keep_own_way(row: models.Model, before: models.Model | None) -> None:
    """Columns that change by a service of their own (`OWN_WAY` of the model) stay as they are."""
    for name in getattr(row, "OWN_WAY", ()):
        if before is not None:
            setattr(row, name, getattr(before, name))


def _differing(before: models.Model | None, after: models.Model, model: type[models.Model]) -> list[str]:
    names = [field.attname for field in model._meta.concrete_fields]
    return sorted(name for name in names if before is None or getattr(before, name) != getattr(after, name))


def _related_ids(version: Any, model: type[models.Model]) -> dict[str, list[Any]]:
    """Many-to-many relations that the history keeps: field → ids as they were in that version."""
    return {
        field.name: list(getattr(version, field.name).values_list(f"{field.m2m_reverse_field_name()}_id", flat=True))
        for field in model._meta.many_to_many
        if hasattr(version, field.name)
    }


def _differing_related(before: models.Model | None, wanted: dict[str, list[Any]]) -> list[str]:
    if before is None:
        return sorted(wanted)
    return sorted(
        name for name, ids in wanted.items() if set(getattr(before, name).values_list("pk", flat=True)) != set(ids)
    )


def _event(type_: str, workspace_id: UUID | None, row: models.Model, data: dict[str, Any], actor: Actor) -> NewEvent:
    return _make_event(type_, _slug(workspace_id), row, data, actor)


def _slug(workspace_id: UUID | None) -> str:
    if workspace_id is None:
        return "*"
    return Workspace.objects.filter(pk=workspace_id).values_list("slug", flat=True).first() or "*"


def _make_event(type_: str, slug: str, row: models.Model, data: dict[str, Any], actor: Actor) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=slug,
        actor=actor,
        subject=Subject(str(row._meta.model_name), str(row.pk)),
        correlation_id=f"config-{row.pk}",
        data=data,
    )
