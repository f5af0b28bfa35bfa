"""Filling a sandbox with masked copies of chosen records (SBX-02).

Copies are the embedded CRM's own seed data, no write at a foreign system: the target is an embedded connection of a
sandbox, which is asked again under its row's lock before every page, and nothing here can send anywhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from crm_connectors.domain.record import JsonValue
from crm_connectors.models import SandboxCopy
from crm_connectors.models.sandbox_copy import OPEN, TARGET_KIND
from governance.domain.vocabulary import Environment
from governance.models import Connection, RegisteredField, User
from governance.selectors.access import ensure_may

PERMISSION = "manage_agents"
MOST = 5_000
LEASE = timedelta(minutes=5)


class SandboxCopyError(ValueError):
    """Nothing was copied, or no more is; the words say why."""

    code = "sandbox_copy_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which records: by id, or those whose fields equal `filters`; `most` of them at most."""

    object_type: str
    record_ids: Sequence[str] = ()
    filters: Mapping[str, JsonValue] = field(default_factory=dict)
    most: int = 100


def start_copy(*, source_id: UUID, target_id: UUID, chosen: Chosen, user_id: int, now: datetime) -> UUID:
    """Queue a copy; a worker does it. Takes `manage_agents`. Commits the row and `sandbox_copy.started`, which says who
    and how many at most, and names the fields of the filter without their values.

    Raises NotAllowedError, SandboxCopyError for a target that is no embedded sandbox of the same workspace,
    LedgerUnavailableError.
    """
    source = Connection.objects.select_related("workspace").get(pk=source_id)
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=source.workspace_id)
    target = Connection.objects.get(pk=target_id)
    ensure_sandbox(source, target)
    _ensure_chosen(source, chosen)
    user = User.objects.get(pk=user_id)
    row = SandboxCopy(
        source=source,
        target=target,
        object_type=chosen.object_type,
        record_ids=list(dict.fromkeys(chosen.record_ids)),
        filters=dict(chosen.filters),
        most=chosen.most,
        asked_by_id=user.person_id,
        asked_at=now,
        not_before=now,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        data = {"most": chosen.most, "by_ids": bool(chosen.record_ids), "filter_fields": sorted(chosen.filters)}
        _append(row, "started", Actor("human", str(user.person_id or user.username)), data, now)
    return row.pk


def stop_copy(*, copy_id: UUID, user_id: int, now: datetime) -> None:
    """What was copied stays. Takes `manage_agents`. Raises NotAllowedError, SandboxCopyError."""
    row = SandboxCopy.objects.select_related("source__workspace", "target").get(pk=copy_id)
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=row.source.workspace_id)
    user = User.objects.get(pk=user_id)
    if not end_copy(row, state="stopped", code="", actor=Actor("human", str(user.person_id or user.username)), now=now):
        raise SandboxCopyError("it has ended already")


def ensure_sandbox(source: Connection, target: Connection) -> None:
    """INVARIANT: copies go into an embedded connection of a sandbox, of the same workspace, and nowhere else. Raises
    SandboxCopyError."""
    if target.kind != TARGET_KIND:
        raise SandboxCopyError("copies go into an embedded CRM only: this connection leads to another system")
    if target.environment != Environment.SANDBOX:
        raise SandboxCopyError("copies go into a sandbox only: this connection is of production")
    if target.workspace_id != source.workspace_id or target.pk == source.pk:
        raise SandboxCopyError("copies go into another connection of the same workspace")
    if not (target.is_active and source.is_active):
        raise SandboxCopyError("both connections are to be active")


def end_copy(row: SandboxCopy, *, state: str, code: str, actor: Actor, now: datetime) -> bool:
    """End it once, and forget whom it spoke of. Commits the row and `sandbox_copy.ended`, which counts."""
    with transaction.atomic():
        ours = SandboxCopy.objects.select_for_update().filter(pk=row.pk, state__in=OPEN)
        found = ours.first()
        if found is None:
            return False
        ours.update(state=state, problem_code=code[:60], record_ids=[], filters={}, after="", finished_at=now)
        data = {"state": state, "code": code, "copied": found.copied_count, "seen": found.seen_count}
        _append(row, "ended", actor, data, now)
    return True


def _ensure_chosen(source: Connection, chosen: Chosen) -> None:
    if not 1 <= chosen.most <= MOST:
        raise SandboxCopyError(f"1 to {MOST:,} records at once")
    if chosen.record_ids and chosen.filters:
        raise SandboxCopyError("name records or a filter, not both")
    known = RegisteredField.objects.filter(connection=source, object_type=chosen.object_type)
    names = set(known.exclude(review_state="gone").values_list("name", flat=True))
    if not names:
        raise SandboxCopyError("the field registry knows no such object of this connection: sync its schema first")
    if not names.issuperset(chosen.filters):
        raise SandboxCopyError("the filter names a field that the registry does not know")


def _append(row: SandboxCopy, name: str, actor: Actor, data: dict[str, object], now: datetime) -> None:
    event = NewEvent(
        type=f"sandbox_copy.{name}",
        workspace=row.source.workspace.slug,
        actor=actor,
        subject=Subject("connection", str(row.target_id)),
        correlation_id=f"sandbox-copy-{row.pk}",
        data={
            "copy": str(row.pk),
            "source": row.source.name,
            "target": row.target.name,
            "object": row.object_type,
            **data,
        },
    )
    append_event(event, now=now)


def _named(row: SandboxCopy) -> dict[str, str]:
    told = {"copy": str(row.pk), "object": row.object_type}
    return {**told, "source": row.source.name, "target": row.target.name}
