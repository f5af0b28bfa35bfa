"""The walk along the ledger that draws samples: one for the follower and for the check afterwards (QAS-01).

It is given events in the tree's order and keeps what they say: which period is in force, who did what first, what was
taken back. So the same events give the same samples whoever walks, in whatever steps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from approvals.domain.sampling import Choice, Past, Rates, choose, commitment
from approvals.models import AgentActionRequest, SamplingPeriod
from approvals.selectors.sampling import done_of, list_executed, rates_of
from approvals.services.provenance import signed_fields
from audit.selectors.events import LedgerEntry

OPENED, EXECUTED, REVERTED = "sampling.opened", "request.executed", "request.reverted"
TYPES = frozenset({OPENED, EXECUTED, REVERTED})

Key = tuple[UUID, str, str]
"""Agent, kind (agent, version or field), name."""


@dataclass(slots=True)
class FirstTime:
    """Since when, and until when last taken back."""

    first_at: datetime
    reverted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One choice on one request, drawn or not."""

    request: AgentActionRequest
    period: SamplingPeriod
    choice: Choice
    fields: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class Sampler:
    """What the walk knows. `periods` by id, `current` by workspace slug, `first` whatever was done before."""

    periods: dict[str, SamplingPeriod]
    current: dict[str, SamplingPeriod] = field(default_factory=dict)
    first: dict[Key, FirstTime] = field(default_factory=dict)
    changed: set[Key] = field(default_factory=set)

    def walk(self, entries: Sequence[LedgerEntry], rows: dict[UUID, AgentActionRequest]) -> Iterator[Drawn]:
        """Every choice that these events lead to. `rows` are their requests."""
        for entry in entries:
            if entry.type == OPENED:
                self._open(entry)
                continue
            row = rows.get(UUID(entry.subject.id))
            if row is None:
                continue
            if entry.type == REVERTED:
                self._take_back(row, entry.at)
                continue
            drawn = self._judge(row, entry)
            if drawn is not None:
                yield drawn

    def _open(self, entry: LedgerEntry) -> None:
        """A period begins; one whose seed is not the published one, or that is no row any more, draws nothing."""
        period = self.periods.get(str(entry.data["period"]))
        if period is not None and commitment(bytes(period.seed)) == entry.data["commitment"]:
            period.first_leaf = entry.leaf_index
            self.current[entry.workspace] = period
        else:
            self.current.pop(entry.workspace, None)

    def _take_back(self, row: AgentActionRequest, at: datetime) -> None:
        for key in field_keys(row):
            self._since(key, at).reverted_at = at
            self.changed.add(key)

    def _judge(self, row: AgentActionRequest, entry: LedgerEntry) -> Drawn | None:
        past = self._past(row, entry.at)
        period = self.current.get(entry.workspace)
        if period is None:
            return None
        rates = rates_of(period)
        choice = self._choose(row, rates, period, past, entry.at)
        return Drawn(row, period, choice, written_fields(row), entry.at)

    def _choose(
        self, row: AgentActionRequest, rates: Rates, period: SamplingPeriod, past: Past, at: datetime
    ) -> Choice:
        return choose(rates, bytes(period.seed), done_of(row, rates, at), past)

    def _past(self, row: AgentActionRequest, at: datetime) -> Past:
        agent, version, *fields = (self._since(key, at) for key in keys_of(row))
        reverted = [item.reverted_at for item in fields if item.reverted_at is not None]
        return Past(
            agent_since=agent.first_at,
            version_since=version.first_at,
            newest_field_since=max(item.first_at for item in fields),
            reverted_at=max(reverted, default=None),
        )

    def _since(self, key: Key, at: datetime) -> FirstTime:
        if key not in self.first:
            self.first[key] = FirstTime(at)
            self.changed.add(key)
        return self.first[key]


def keys_of(row: AgentActionRequest) -> list[Key]:
    """The agent, its version, then each field."""
    agent_id = _agent_of(row)
    return [(agent_id, "agent", ""), (agent_id, "version", str(row.agent_version_id or "")), *field_keys(row)]


def field_keys(row: AgentActionRequest) -> list[Key]:
    return [(_agent_of(row), "field", f"{row.object_type}.{name}"[:200]) for name in written_fields(row)]


def written_fields(row: AgentActionRequest) -> tuple[str, ...]:
    """The fields that the agent wrote, without those that we add to say who did; one empty name where there is none."""
    signed = signed_fields(row) if row.patch else frozenset[str]()
    return tuple(item["field"] for item in row.patch if item["field"] not in signed) or ("",)


def load_rows(entries: Sequence[LedgerEntry]) -> dict[UUID, AgentActionRequest]:
    """The agents' requests that these events are about. One query."""
    ids = {UUID(entry.subject.id) for entry in entries if entry.type != OPENED}
    return list_executed(ids) if ids else {}


def _agent_of(row: AgentActionRequest) -> UUID:
    if row.agent_id is None:
        raise ValueError("a person's request is not sampled")
    return row.agent_id
