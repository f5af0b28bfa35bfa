"""The exception queue: pages by keyset, counts that stop at a thousand (EXC-02)."""

from bisect import bisect_left
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

from approvals.domain.exception_case import CaseState
from approvals.models import AgentActionRequest, ExceptionCase
from approvals.selectors.of_agents import of_agents
from governance.models import Agent
from governance.selectors.held import AgentScope

PAGE_SIZE = 50
MAX_COUNT = 1_000
VIEWS = ("open", "mine", "overdue", "snoozed", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """Empty means any. `view` is one of VIEWS; `owner` a person's id, or `nobody`."""

    view: str = "open"
    kind: str = ""
    agent: str = ""
    owner: str = ""
    code: str = ""
    field: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.agent or self.owner or self.code or self.field)

    @property
    def members(self) -> tuple[tuple[str, str], ...]:
        """What is said, for hidden fields of a form."""
        return tuple((item.name, value) for item in fields(self) if (value := getattr(self, item.name)))

    @property
    def query(self) -> str:
        """The query string that says the same."""
        return urlencode(self.members)


@dataclass(frozen=True, slots=True)
class CasePage:
    """`after` is the cursor of the next page, empty on the last one."""

    cases: tuple[ExceptionCase, ...]
    after: str


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Counted up to a thousand."""

    open: int
    overdue: int


def list_cases(
    *,
    workspace_id: UUID,
    filters: CaseFilters,
    person_id: UUID | None,
    after: str,
    now: datetime,
    limit: int = PAGE_SIZE,
    agents: AgentScope = None,
) -> CasePage:
    """Open ones by the end of the clock that runs, closed ones newest first. One query."""
    rows = _narrow(_view(workspace_id, filters.view, person_id, now), filters).filter(of_agents(agents))
    is_closed = filters.view == "closed"
    cursor = _read_cursor(after)
    if cursor is not None:
        due_at, id_ = cursor
        rows = (
            rows.filter(pk__lt=id_) if is_closed else rows.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=id_))
        )
        rows = rows if is_closed else rows.filter(due_at__gte=due_at)
    rows = rows.select_related("agent", "owner", "workspace").order_by(*(("-id",) if is_closed else ("due_at", "id")))
    found = tuple(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return CasePage(found[:limit], f"{last.due_at.isoformat()}_{last.pk}" if last is not None else "")


def count_cases(*, workspace_id: UUID, now: datetime, agents: AgentScope = None) -> CaseCounts:
    """One query, which reads no more than a thousand entries of an index."""
    rows = open_cases(workspace_id=workspace_id, agents=agents).order_by("due_at")
    ends = list(rows.values_list("due_at", flat=True)[:MAX_COUNT])
    return CaseCounts(len(ends), bisect_left(ends, now))


def open_cases(*, workspace_id: UUID, agents: AgentScope = None) -> QuerySet[ExceptionCase]:
    """Cases that are open, to be counted."""
    return ExceptionCase.objects.filter(of_agents(agents), workspace_id=workspace_id, state=CaseState.OPEN)


def list_case_agents(workspace_id: UUID, agents: AgentScope = None) -> tuple[str, ...]:
    """Names of the workspace's agents, for the filter."""
    rows = Agent.objects.filter(of_agents(agents, "pk"), workspace_id=workspace_id)
    return tuple(rows.order_by("name").values_list("name", flat=True))


def find_case(case_id: UUID) -> ExceptionCase | None:
    """One query."""
    rows = ExceptionCase.objects.select_related(
        "workspace", "agent", "owner", "closed_by", "duplicate_of__agent", "previous"
    )
    return rows.filter(pk=case_id).first()


def list_case_requests(case_id: UUID) -> list[AgentActionRequest]:
    """The sample of the requests behind a case, the newest first. One query."""
    rows = AgentActionRequest.objects.filter(cases__case_id=case_id).select_related("agent", "connection", "person")
    return list(rows.order_by("-id"))


def list_alike(case: ExceptionCase, limit: int = 10) -> list[ExceptionCase]:
    """Other cases that this one may be a duplicate of: open ones of the same agent. One query."""
    rows = ExceptionCase.objects.filter(workspace_id=case.workspace_id, state=CaseState.OPEN, agent=case.agent)
    return list(rows.exclude(pk=case.pk).select_related("agent").order_by("-id")[:limit])


def find_case_of(request_id: UUID) -> UUID | None:
    """The newest case that has this request in its sample."""
    rows = ExceptionCase.objects.filter(links__request_id=request_id).order_by("-id")
    return rows.values_list("pk", flat=True).first()


def _view(workspace_id: UUID, view: str, person_id: UUID | None, now: datetime) -> QuerySet[ExceptionCase]:
    rows = ExceptionCase.objects.filter(workspace_id=workspace_id)
    if view == "closed":
        return rows.filter(state=CaseState.CLOSED)
    rows = rows.filter(state=CaseState.OPEN)
    match view:
        case "snoozed":
            return rows.filter(snoozed_until__gt=now)
        case "overdue":
            return rows.filter(due_at__lt=now)
        case "mine":
            return rows.filter(owner_id=person_id) if person_id is not None else rows.none()
        case _:
            return rows.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now))


def _narrow(rows: QuerySet[ExceptionCase], filters: CaseFilters) -> QuerySet[ExceptionCase]:
    wanted = {"kind": filters.kind, "agent__name": filters.agent, "code": filters.code, "field": filters.field}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if filters.owner == "nobody":
        return rows.filter(owner__isnull=True)
    return rows.filter(owner_id=UUID(filters.owner)) if filters.owner else rows


def _read_cursor(text: str) -> tuple[datetime, UUID] | None:
    """None for anything that is no cursor: the first page."""
    due_at, _, id_ = text.partition("_")
    try:
        return datetime.fromisoformat(due_at), UUID(id_)
    except ValueError:
        return None
