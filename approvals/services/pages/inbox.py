"""The inbox at a glance: like requests as one group, what differs beside it, what needs a look of its own alone."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.domain.diff_shape import MIN_ALIKE, Cluster, DiffShape, Member, cluster
from approvals.domain.outlier import find_outliers
from approvals.domain.own_look import own_look_reason
from approvals.domain.shown_value import ShownValue
from approvals.domain.wording import action_words
from approvals.models import AgentActionRequest
from approvals.services.pages.changes import ShownChange
from approvals.services.pages.rows import RequestRow, show_rows
from governance.domain.decision import CheckOutcome

FOLDED_FROM = 4
SHOWN_VALUES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLine:
    """One request. `own_look` says why a batch cannot approve it, `reasons` how it differs from its group."""

    row: RequestRow
    own_look: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """The agent's own risk flags, without those that the reasons name already."""
        told = " ".join(self.reasons)
        return tuple(flag for flag in self.row.flags if flag.replace("_", " ") not in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxValue:
    """One of the values that a group writes, and by how many of them."""

    value: ShownValue
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxField:
    """What a group writes into one field: the commonest values first; `more` are not shown."""

    label: str
    values: tuple[InboxValue, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """A group (`fields` say what all of it writes; `lines` are alike, `outliers` apart), or a line of its own."""

    lines: tuple[InboxLine, ...]
    outliers: tuple[InboxLine, ...] = ()
    is_group: bool = False
    words: str = ""
    fields: tuple[InboxField, ...] = ()
    confidence: str = ""
    is_folded: bool = False

    @property
    def first(self) -> RequestRow:
        """The oldest of those that are alike."""
        return self.lines[0].row

    @property
    def soonest(self) -> RequestRow:
        """Which of those that are alike expires first."""
        rows = [line.row for line in self.lines if line.row.request.expires_at is not None]
        return min(rows, key=lambda row: row.request.expires_at or row.request.created_at, default=self.first)


def show_inbox(requests: Sequence[AgentActionRequest], *, now: datetime) -> tuple[InboxEntry, ...]:
    """Groups and single lines, each where its oldest request stands. As many queries as `show_rows`."""
    rows = {str(row.request.pk): row for row in show_rows(requests, now=now)}
    members = [_member(row) for row in rows.values()]
    return tuple(entry for part in cluster(members) for entry in _entries(part, rows))


def show_lines(requests: Sequence[AgentActionRequest], *, now: datetime) -> tuple[InboxLine, ...]:
    """The same lines one by one, in the order given, with what differs among them said."""
    rows = show_rows(requests, now=now)
    found: dict[str, tuple[str, ...]] = {}
    for part in cluster([_member(row) for row in rows]):
        found |= find_outliers(part)
    return tuple(_line(row, found.get(str(row.request.pk), ())) for row in rows)


def _entries(part: Cluster, rows: dict[str, RequestRow]) -> list[InboxEntry]:
    outliers = find_outliers(part)
    lines = {member.key: _line(rows[member.key], outliers.get(member.key, ())) for member in part.members}
    alike = tuple(line for key, line in lines.items() if key not in outliers)
    if len(alike) < MIN_ALIKE:
        return [InboxEntry(lines=(line,)) for line in lines.values()]
    return [
        InboxEntry(
            lines=alike,
            outliers=tuple(lines[key] for key in outliers),
            is_group=True,
            words=_group_words(alike),
            fields=_fields(alike),
            confidence=_confidence(alike),
            is_folded=len(alike) >= FOLDED_FROM,
        )
    ]


def _line(row: RequestRow, reasons: tuple[str, ...]) -> InboxLine:
    return InboxLine(row=row, own_look=own_look_reason(row.request.action, row.request.risk_tier), reasons=reasons)


def _member(row: RequestRow) -> Member:
    request = row.request
    stored: Any = request.decision.get("requirement") or {}
    checks = request.decision.get("checks", ())
    asked = (item["check"] for item in checks if item["outcome"] == CheckOutcome.REQUIRE_APPROVAL)
    told_apart = {"risk_flags", "confidence"}
    return Member(
        key=str(request.pk),
        shape=DiffShape(
            requester=f"{request.agent_id}:{request.person_id}",
            action=request.action,
            object_type=request.object_type,
            fields=tuple(sorted(change.field for change in row.all_changes)),
            risk_tier=request.risk_tier,
            requirement=json.dumps(stored, sort_keys=True),
        ),
        after={change.label: _after(request, change) for change in row.all_changes},
        confidence=_confidence_of(request),
        environment=request.connection.environment,
        risk_flags=frozenset(row.flags),
        asked_by=frozenset(asked) - told_apart,
        is_drifted=row.is_drifted,
        has_hidden=any(piece.is_mark for change in row.all_changes for piece in change.after.pieces),
        own_look=own_look_reason(request.action, request.risk_tier),
    )


def _after(request: AgentActionRequest, change: ShownChange) -> Any:
    return next((item["after"] for item in request.patch if item["field"] == change.field), None)


def _confidence_of(request: AgentActionRequest) -> float | None:
    told = request.body.get("confidence")
    return float(told) if isinstance(told, int | float) else None


def _group_words(alike: tuple[InboxLine, ...]) -> str:
    row = alike[0].row
    labels = [change.label for change in row.all_changes]
    return action_words(action=row.request.action, target=f"{len(alike)} {row.request.object_type}", labels=labels)


def _fields(alike: tuple[InboxLine, ...]) -> tuple[InboxField, ...]:
    """The first two fields, as a row shows them."""
    return tuple(_field(change, alike) for change in alike[0].row.changes)


def _field(first: ShownChange, alike: tuple[InboxLine, ...]) -> InboxField:
    counts = Counter(change.after for line in alike for change in line.row.all_changes if change.field == first.field)
    shown = tuple(InboxValue(value=value, count=count) for value, count in counts.most_common(SHOWN_VALUES))
    return InboxField(label=first.label, values=shown, more=len(counts) - len(shown))


def _confidence(alike: tuple[InboxLine, ...]) -> str:
    told = [value for line in alike if (value := _confidence_of(line.row.request)) is not None]
    if not told:
        return ""
    low, high = min(told), max(told)
    return f"confidence {low:.2f}" if low == high else f"confidence {low:.2f} to {high:.2f}"
