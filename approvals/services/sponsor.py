"""The monthly sponsor review: meetings booked, pipeline, risk incidents, next write scopes (REP-02).

Source: "Monthly 45-minute sponsor review" of the operating model (day 27).
"""

from dataclasses import dataclass
from uuid import UUID

from approvals.domain.measures import MEANING, PARTS, Measure, Together
from approvals.domain.months import Month
from approvals.domain.report_keys import BREAKERS_OPENED, STOPS_ENGAGED
from approvals.domain.statistics import Share, share_of
from approvals.models import Incident
from approvals.selectors.sponsor import list_incidents_of, sum_agents, sum_months
from governance.models import Agent, ChangeProposal, Workspace
from governance.selectors.changes import list_waiting_changes

TREND_MONTHS = 6
IMPACT = (Measure.MEETING, Measure.SENT, Measure.BOUNCED, Measure.COMPLAINED, Measure.EXECUTED)
RISK = (Measure.REVERTED, Measure.EXCEPTION, Measure.DNC_BLOCKED)
HEADLINES = (Measure.MEETING, Measure.EXECUTED, Measure.REVERTED, Measure.EXCEPTION)
_STOPS = (
    (STOPS_ENGAGED, "Stops", "Kill switches that people engaged in the month.", "switch.engaged"),
    (BREAKERS_OPENED, "Breakers tripped", "Circuit breakers that opened in the month.", "breaker.opened"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One number and that of the month before. `rows` names what its requests count as, `events` its ledger events."""

    key: str
    name: str
    meaning: str
    value: int
    before: int
    rows: Measure | None = None
    events: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecord:
    """What the sponsor decides the next scope by: how far the agent may go, and how it did in the month."""

    name: str
    level: str
    received: int
    executed: int
    reverted: int
    acceptance: Share | None
    exceptions: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorReview:
    """`meetings` are those of the last months, this one last. `waiting` are proposals that two people decide."""

    month: Month
    lines: tuple[MonthLine, ...]
    meetings: tuple[tuple[Month, int], ...]
    incidents: tuple[Incident, ...]
    agents: tuple[AgentRecord, ...]
    waiting: tuple[ChangeProposal, ...]

    def part(self, measures: tuple[Measure, ...]) -> tuple[MonthLine, ...]:
        return tuple(line for line in self.lines if line.rows in measures)

    @property
    def risks(self) -> tuple[MonthLine, ...]:
        return tuple(line for line in self.lines if line.rows in RISK or line.events)


def make_sponsor_review(*, workspace: Workspace, month: Month) -> SponsorReview:
    """Five queries, however many requests there are."""
    months = _months_to(month)
    measures = (*IMPACT, *RISK)
    names = [*(measure.value for measure in measures), *(key for key, *_ in _STOPS)]
    sums = sum_months(workspace_id=workspace.pk, months=months, measures=names)
    now, before = sums[month], sums[month.before]
    counted = [
        MonthLine(
            key=measure.value,
            name=MEANING[measure][0],
            meaning=MEANING[measure][1].replace("the week", "the month"),
            value=now[measure],
            before=before[measure],
            rows=measure,
        )
        for measure in measures
    ]
    stops = [
        MonthLine(key=key, name=name, meaning=meaning, value=now[key], before=before[key], events=event)
        for key, name, meaning, event in _STOPS
    ]
    return SponsorReview(
        month=month,
        lines=(*counted, *stops),
        meetings=tuple((one, sums[one][Measure.MEETING]) for one in months),
        incidents=tuple(list_incidents_of(workspace_id=workspace.pk, month=month)),
        agents=_records(workspace.pk, month),
        waiting=tuple(list_waiting_changes([workspace.pk])),
    )


def _months_to(month: Month) -> tuple[Month, ...]:
    months = [month]
    while len(months) < TREND_MONTHS:
        months.append(months[-1].before)
    return tuple(reversed(months))


def _records(workspace_id: UUID, month: Month) -> tuple[AgentRecord, ...]:
    """Each agent that asked for something in the month, by name."""
    wanted = {Measure.RECEIVED, Measure.REVERTED, Measure.EXCEPTION, Measure.APPROVED_BY_PEOPLE, Measure.REVIEWED}
    sums = sum_agents(workspace_id=workspace_id, month=month, measures={*wanted, *PARTS[Together.SETTLED]})
    agents = Agent.objects.filter(workspace=workspace_id, pk__in=sums).order_by("name")
    return tuple(_record(agent, sums[agent.pk]) for agent in agents)


def _record(agent: Agent, counts: dict[str, int]) -> AgentRecord:
    settled = sum(counts[end] for end in PARTS[Together.SETTLED])
    return AgentRecord(
        name=agent.name,
        level=agent.autonomy_level.replace("_", " "),
        received=counts[Measure.RECEIVED],
        executed=counts[Measure.EXECUTED],
        reverted=counts[Measure.REVERTED],
        acceptance=share_of(counts[Measure.APPROVED_BY_PEOPLE], counts[Measure.REVIEWED]),
        exceptions=share_of(counts[Measure.EXCEPTION], settled),
    )
