"""Sinks of the ledger as a person handles them: added, paused, resumed, one event skipped; each on record (AUD-05)."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.adapters.ledger_sinks import split_host
from approvals.models import LedgerSink
from approvals.models.ledger_sink import KINDS
from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.tree import get_tree_size
from audit.services.append import append_event
from crm_connectors.adapters.address_guard import AddressRefusedError, ensure_address
from governance.models import Workspace
from governance.selectors.access import ensure_may

PERMISSION = "manage_agents"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_NO_ADDRESS = frozenset({"file", "stdout"})


class LedgerSinkError(ValueError):
    """What cannot be done with a sink. The words are for people."""

    code = "ledger_sink_refused"


def add_sink(
    *,
    workspace: Workspace,
    name: str,
    kind: str,
    address: str,
    is_from_start: bool,
    person_id: UUID,
    user_id: int,
    now: datetime,
) -> UUID:
    """Send the workspace's events on, from the ledger's first or from the next one; returns the sink's id.

    Commits the row and `sink.added`. Raises LedgerSinkError, NotAllowedError, LedgerUnavailableError.
    """
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace.pk)
    _ensure_sound(workspace, name, kind, address)
    with transaction.atomic():
        sink = LedgerSink.objects.create(
            workspace=workspace,
            name=name,
            kind=kind,
            address="" if kind in _NO_ADDRESS else address,
            next_leaf=0 if is_from_start else get_tree_size(),
            created_at=now,
        )
        append_event(_event(sink, "sink.added", person_id, {"kind": kind, "next_leaf": sink.next_leaf}), now=now)
    return sink.pk


def pause_sink(*, sink_id: UUID, workspace: Workspace, person_id: UUID, user_id: int, now: datetime) -> None:
    """Nothing more goes there; it stays where it is. Commits it with `sink.paused`. Raises as `add_sink`."""
    _switch(sink_id, workspace, person_id, user_id, now, is_paused=True)


def resume_sink(*, sink_id: UUID, workspace: Workspace, person_id: UUID, user_id: int, now: datetime) -> None:
    """Go on where it stayed, at once. Commits it with `sink.resumed`. Raises as `add_sink`."""
    _switch(sink_id, workspace, person_id, user_id, now, is_paused=False)


def skip_event(
    *, sink_id: UUID, leaf_index: int, workspace: Workspace, person_id: UUID, user_id: int, now: datetime
) -> None:
    """Leave out one event that the other side refuses, the very one that was seen. Commits it with `sink.skipped`.

    Raises LedgerSinkError when the other side did not refuse that very event by itself at last, and as `add_sink`.
    """
    with transaction.atomic():
        sink = _lock(sink_id, workspace, user_id)
        if leaf_index != sink.next_leaf or leaf_index != sink.refused_leaf:
            raise LedgerSinkError("it is past that event already, or nothing is refused")
        sink.next_leaf, sink.refused_leaf, sink.error = leaf_index + 1, None, ""
        sink.failures, sink.not_before, sink.epoch = 0, None, sink.epoch + 1
        sink.save(update_fields=["next_leaf", "refused_leaf", "error", "failures", "not_before", "epoch"])
        append_event(_event(sink, "sink.skipped", person_id, {"leaf_index": leaf_index}), now=now)


def _switch(
    sink_id: UUID, workspace: Workspace, person_id: UUID, user_id: int, now: datetime, *, is_paused: bool
) -> None:
    with transaction.atomic():
        sink = _lock(sink_id, workspace, user_id)
        if sink.is_paused == is_paused:
            return
        sink.is_paused, sink.not_before, sink.taken_until = is_paused, None, None
        sink.save(update_fields=["is_paused", "not_before", "taken_until"])
        event_type = "sink.paused" if is_paused else "sink.resumed"
        append_event(_event(sink, event_type, person_id, {"next_leaf": sink.next_leaf}), now=now)


def _lock(sink_id: UUID, workspace: Workspace, user_id: int) -> LedgerSink:
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace.pk)
    rows = LedgerSink.objects.select_for_update(of=("self",)).select_related("workspace")
    sink = rows.filter(pk=sink_id, workspace=workspace).first()
    if sink is None:
        raise LedgerSinkError("there is no such sink")
    return sink


def _ensure_sound(workspace: Workspace, name: str, kind: str, address: str) -> None:
    if not _NAME.fullmatch(name):
        raise LedgerSinkError("give it a name of small letters, digits and hyphens")
    if kind not in dict(KINDS):
        raise LedgerSinkError("choose one of the kinds")
    if LedgerSink.objects.filter(workspace=workspace, name=name).exists():
        raise LedgerSinkError("another one has this name")
    try:
        if kind == "otlp":
            ensure_address(address)
        elif kind not in _NO_ADDRESS:
            split_host(address)
    except AddressRefusedError as error:
        raise LedgerSinkError(str(error)) from error


def _event(sink: LedgerSink, type_: str, person_id: UUID, data: dict[str, object]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=sink.workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=Subject("ledger_sink", str(sink.pk)),
        correlation_id=f"ledger-sink-{sink.pk}",
        data={"name": sink.name, **data},
    )
