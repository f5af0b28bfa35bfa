"""The stops page: what is in force, what was handed out before it was, and what waits (KIL-01/02/03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.recovery import RecoveryPoint
from approvals.domain.visible_text import reveal_as_text
from approvals.domain.wording import duration_words
from approvals.models import AgentActionRequest, Attempt
from approvals.selectors.stops import Listed, get_aftermath, list_recent_switches
from approvals.services.pages.rows import RequestRow, show_rows
from governance.domain.switch_words import switch_words
from governance.models import ChangeProposal, KillSwitch
from governance.selectors.changes import list_waiting_lifts
from governance.selectors.held import AgentScope
from governance.selectors.people import list_actor_names
from governance.services.switch_proposals import title_of

_POINTS = {
    RecoveryPoint.CLAIMED: "Taken by a worker; nothing is sent yet, and the stop is looked at once more before it is.",
    RecoveryPoint.BEFORE_READ: "The record is read; nothing is sent yet, and the stop is looked at once more first.",
    RecoveryPoint.SENT: "On its way to the CRM. It is not called back; take it back once it is done.",
    RecoveryPoint.VERIFIED: "Written and read back.",
    RecoveryPoint.RECORDED: "Written, read back and recorded.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStop:
    """One kill switch in words. `lifted` is empty while it is in force; `proposal` waits for a second person."""

    id: UUID
    title: str
    meaning: str
    reason: str
    by: str
    since: datetime
    age: str
    lifted: str
    proposal: ChangeProposal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownList:
    """Rows of one kind; `hints` by request id say where a row under way stands."""

    title: str
    empty: str
    count: int
    is_capped: bool
    rows: tuple[tuple[RequestRow, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsPage:
    """`lists` in the order in which somebody who has just stopped something asks for them."""

    in_force: tuple[ShownStop, ...]
    lifted: tuple[ShownStop, ...]
    lists: tuple[ShownList, ...]
    queued: int


def show_stops(*, workspace_id: UUID, now: datetime, agents: AgentScope = None) -> StopsPage:
    """Reads alone, in a constant number of queries."""
    found = get_aftermath(workspace_id=workspace_id, now=now, agents=agents)
    kinds = (
        ("Under way", "Nothing is on its way.", found.under_way),
        ("Nobody knows yet", "No outcome is unclear.", found.unclear),
        ("Waits", "Nothing is queued.", found.queued),
        ("Taken out by a stop in the last 15 minutes", "Nothing was cancelled or put away.", found.cancelled),
        ("Done in the last 15 minutes", "Nothing ran in the last 15 minutes.", found.just_done),
    )
    shown = _show([listed for _, _, listed in kinds], now)
    hints = _hints(found.under_way.rows)
    stops = _stops(workspace_id, list_recent_switches(workspace_id, agents), now)
    return StopsPage(
        in_force=tuple(stop for stop in stops if not stop.lifted),
        lifted=tuple(stop for stop in stops if stop.lifted),
        lists=tuple(
            ShownList(
                title=title,
                empty=empty,
                count=listed.count,
                is_capped=listed.is_capped,
                rows=tuple((row, hints.get(row.request.pk, "")) for row in rows),
            )
            for (title, empty, listed), rows in zip(kinds, shown, strict=True)
        ),
        queued=found.queued.count,
    )


def _show(lists: Sequence[Listed], now: datetime) -> list[tuple[RequestRow, ...]]:
    """All rows of all lists in one go, so that records and labels are read once."""
    rows = iter(show_rows([row for listed in lists for row in listed.rows], now=now))
    return [tuple(next(rows) for _ in listed.rows) for listed in lists]


def _hints(rows: Sequence[AgentActionRequest]) -> dict[UUID, str]:
    epochs = {row.pk: row.epoch for row in rows}
    attempts = Attempt.objects.filter(request__in=epochs).values_list("request_id", "epoch", "point") if rows else ()
    return {
        request_id: _POINTS[RecoveryPoint(point)]
        for request_id, epoch, point in attempts
        if epochs[request_id] == epoch
    }


def _stops(workspace_id: UUID, switches: Sequence[KillSwitch], now: datetime) -> tuple[ShownStop, ...]:
    names = list_actor_names({name for row in switches for name in _actors(row)})
    proposals = {proposal.payload["switch"]: proposal for proposal in list_waiting_lifts(workspace_id)}
    return tuple(_stop(row, names, proposals, now) for row in switches)


def _actors(row: KillSwitch) -> tuple[str, ...]:
    return tuple(name for name in (row.engaged_by, row.lift_proposed_by, row.lifted_by) if name)


def _lifted(row: KillSwitch, names: dict[str, str]) -> str:
    if row.lifted_at is None:
        return ""
    first = f"{names[row.lift_proposed_by]} and " if row.lift_proposed_by else ""
    return f"Lifted by {first}{names[row.lifted_by]}: {reveal_as_text(row.lift_reason)}"


def _stop(row: KillSwitch, names: dict[str, str], proposals: dict[str, ChangeProposal], now: datetime) -> ShownStop:
    return ShownStop(
        id=row.pk,
        title=title_of(row),
        meaning=switch_words(row.kind).meaning,
        reason=reveal_as_text(row.reason),
        by=names[row.engaged_by],
        since=row.engaged_at,
        age=duration_words(now - row.engaged_at),
        lifted=_lifted(row, names),
        proposal=proposals.get(str(row.pk)),
    )
