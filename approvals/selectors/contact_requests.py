"""The requests to contact somebody, each with what the ledger says of it and the list it was judged by (DNC-07)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.certificate import TOLD
from approvals.models import AgentActionRequest
from audit.domain.body import format_time
from audit.models import LedgerEvent
from governance.models import DncEntry, Workspace
from governance.selectors.dnc_secret import get_dnc_keys

_LIST_CHANGES = ("dnc.added", "dnc.import_ended", "dnc.removed")


@dataclass(frozen=True, slots=True)
class SentEvent:
    """A `request.sent` with the day it began on (UTC) and the labels of whom it reached."""

    id: UUID
    day: date
    labels: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEvents:
    """One request, oldest event first. `list_version` is the newest change of the do-not-contact list before it was
    decided (event and time), None when there was none."""

    request_id: UUID
    action: str
    status: str
    events: tuple[LedgerEvent, ...]
    sent: tuple[SentEvent, ...]
    list_version: dict[str, Any] | None


def list_attempts(
    workspace: Workspace, request_ids: Collection[UUID], days: Collection[date], *, limit: int
) -> list[AttemptEvents]:
    """Those of the requests to which something happened on one of the days, oldest first, with all their events.

    Two queries, and up to three for each request (which list it was judged by).
    """
    rows = (
        AgentActionRequest.objects.filter(pk__in=request_ids, workspace=workspace)
        .order_by("pk")
        .only("action", "status")
    )
    events: dict[str, list[LedgerEvent]] = {}
    found = LedgerEvent.objects.filter(subject_id__in=[str(pk) for pk in request_ids], subject_type="request")
    for event in found.filter(type__in=TOLD, workspace=workspace.slug).order_by("id"):
        events.setdefault(event.subject_id, []).append(event)
    attempts = []
    for row in rows.only("action", "status"):
        own = events.get(str(row.pk), [])
        if any(_day(event) in days for event in own):
            attempts.append(_attempt(workspace, row, own))
        if len(attempts) == limit:
            break
    return attempts


def list_entries(workspace: Workspace, names: Iterable[str]) -> list[dict[str, Any]]:
    """The do-not-contact entries about any of the names, ended ones too, oldest first: ids, kinds and times."""
    keys = get_dnc_keys()
    digests = [keys.digest(workspace.pk, name) for name in names]
    rows = DncEntry.objects.filter(workspace=workspace, digest__in=digests).order_by("pk")
    return [
        {
            "entry": str(row.pk),
            "kind": row.kind,
            "from": format_time(row.effective_from),
            "until": format_time(row.effective_until) if row.effective_until else None,
            "removed": format_time(row.removed_at) if row.removed_at else None,
        }
        for row in rows
    ]


def _attempt(workspace: Workspace, row: AgentActionRequest, events: Sequence[LedgerEvent]) -> AttemptEvents:
    decided = next((event for event in reversed(events) if event.type == "request.decided"), None)
    return AttemptEvents(
        request_id=row.pk,
        action=row.action,
        status=row.status,
        events=tuple(events),
        sent=tuple(_sent(event) for event in events if event.type == "request.sent"),
        list_version=_list_version(workspace, decided) if decided is not None else None,
    )


def _sent(event: LedgerEvent) -> SentEvent:
    labels = msgspec.json.decode(bytes(event.body))["data"].get("labels", ())
    return SentEvent(event.pk, _day(event), tuple(bytes.fromhex(label) for label in labels))


def _list_version(workspace: Workspace, decided: LedgerEvent) -> dict[str, Any] | None:
    """Each type walks its own index from the decision backwards."""
    rows = LedgerEvent.objects.filter(workspace=workspace.slug, pk__lt=decided.pk)
    newest = [rows.filter(type=name).order_by("-id").values_list("pk", "at").first() for name in _LIST_CHANGES]
    known = sorted(item for item in newest if item is not None)
    return {"event": str(known[-1][0]), "at": format_time(known[-1][1])} if known else None


def _day(event: LedgerEvent) -> date:
    return event.at.astimezone(UTC).date()
