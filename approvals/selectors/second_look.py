"""What a claim rests on, looked at under the kill lock: the stops, and what was withdrawn since it was judged (EXE-01).

One statement for all requests of a workspace that are about one agent.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    Expression,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from approvals.domain import withdrawn
from approvals.domain.bulk_revert import BulkState
from approvals.domain.withdrawn import Standing
from approvals.models import AgentActionRequest, BulkRevertItem, Suggestion
from approvals.selectors.bulk_releases import with_releases
from approvals.selectors.of_agents import concerned_agents
from audit.selectors.kept_query import KeptQuery
from governance.domain.facts import SwitchFacts
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, Membership
from governance.selectors.closed_fields import closed_rows
from governance.selectors.holders import logins_that_may
from governance.selectors.live_grants import list_live_grants
from governance.selectors.switches import read_switch_rows, switch_rows

_LOST, _AUTONOMY, _ROLE, _CLOSED = "lost", "autonomy", "role", "closed"
_TEXT = CharField()
_NOTHING = Value("", output_field=_TEXT)
_NEVER = Value(None, output_field=DateTimeField())
_REVERT, _PROMOTE = "revert_requests", "promote_suggestions"

Place = tuple[str, UUID, UUID | None, UUID | None]
"""What a person who asks must hold, the workspace, the agent that asks, and the one that it is about."""

_Told = defaultdict[str, list[tuple[str, str]]]
"""What the rows tell, kind and name, by whom or what it is about; of all under the empty text."""


class SecondLook(NamedTuple):
    """The switches in force for one request, and how all else stands that it rests on."""

    switches: SwitchFacts
    standing: Standing


def look_again(requests: Sequence[AgentActionRequest]) -> dict[UUID, SecondLook]:
    """Of each request, by id; `reverses` joined. One query for each agent that they are about, one for each promotion,
    and what it takes to know whose reverts of reverts are; where a stop would hold reverts two more for each workspace.
    """
    concerned = concerned_agents(requests)
    places: defaultdict[Place, list[AgentActionRequest]] = defaultdict(list)
    for request in requests:
        places[_right_for(request, concerned[request.pk])].append(request)
    switches: dict[UUID, SwitchFacts] = {}
    standings: dict[UUID, Standing] = {}
    for (right, *place), members in places.items():
        rows = _LOOKS[right].fetch(*place, tuple(request.pk for request in members))
        facts = read_switch_rows(rows, agent_id=members[0].agent_id)
        told: _Told = defaultdict(list)
        for kind, name, whose, _ in rows:
            told[_plain(whose)].append((kind, name))
        for request in members:
            switches[request.pk], standings[request.pk] = facts, _standing(request, told)
    in_force = with_releases(requests, switches)
    return {pk: SecondLook(in_force[pk], standing) for pk, standing in standings.items()}


def _right_for(request: AgentActionRequest, concerned_id: UUID | None) -> Place:
    """What a person asks for that takes nothing back promotes a suggestion, by their right to its agent's."""
    if request.person_id is None or request.reverses_id is not None:
        return _REVERT, request.workspace_id, request.agent_id, concerned_id
    suggested = Suggestion.objects.filter(promotion=request).values_list("agent_id", flat=True)
    return _PROMOTE, request.workspace_id, None, suggested.first()


def _standing(request: AgentActionRequest, told: _Told) -> Standing:
    keys = ("", _plain(request.pk), _plain(request.person_id), _place(request))
    own = [one for key in keys for one in told.get(key, ())]
    return Standing(
        code=next((name for kind, name in own if kind == _LOST), ""),
        autonomy=next((name for kind, name in own if kind == _AUTONOMY), ""),
        roles=frozenset(name for kind, name in own if kind == _ROLE),
        closed=frozenset(name for kind, name in own if kind == _CLOSED),
    )


def _plain(text: UUID | str | None) -> str:
    """SQLite keeps ids without dashes."""
    return str(text).replace("-", "") if text is not None else "-"


def _place(request: AgentActionRequest) -> str:
    return _plain(f"{request.connection_id}:{request.object_type}")


def _look(
    right: str, workspace_id: UUID, agent_id: UUID | None, concerned_id: UUID | None, request_ids: Sequence[UUID]
) -> QuerySet[Any]:
    requests = AgentActionRequest.objects.filter(pk__in=request_ids)
    able = logins_that_may(right, workspace_id=workspace_id, agent_id=concerned_id)
    lost = requests.annotate(lost=_lost(able))
    agents = Agent.objects.filter(pk=agent_id) if agent_id is not None else Agent.objects.none()
    roles = Membership.objects.filter(group__workspace=workspace_id, person__in=requests.values("person"))
    closed = closed_rows(
        Exists(requests.filter(connection=OuterRef("connection"), object_type=OuterRef("object_type")))
    )
    first, *others = switch_rows(workspace_id, agent_id)
    rows: QuerySet[Any] = first.union(
        *others,
        lost.values_list(_kind(_LOST), "lost", Cast("pk", _TEXT), _NEVER),
        agents.values_list(_kind(_AUTONOMY), Cast("autonomy_level", _TEXT), _NOTHING, _NEVER),
        roles.values_list(_kind(_ROLE), Cast("group__slug", _TEXT), Cast("person_id", _TEXT), _NEVER),
        closed.values_list(
            _kind(_CLOSED),
            Cast("name", _TEXT),
            Concat(Cast("connection_id", _TEXT), Value(":"), "object_type", output_field=_TEXT),
            _NEVER,
        ),
        all=True,
    )
    return rows


_LOOKS = {right: KeptQuery(partial(_look, right)) for right in (_REVERT, _PROMOTE)}


def _kind(word: str) -> Value:
    return Value(word, output_field=_TEXT)


def _lost(able: QuerySet[Any]) -> Case:
    """The first thing that is gone, as a code."""
    asker = able.filter(person=OuterRef("person"))
    items = BulkRevertItem.objects.filter(revert=OuterRef("pk"))
    grants = list_live_grants().filter(
        **{name: OuterRef(name) for name in ("agent", "connection", "object_type", "action")}
    )
    gone: tuple[tuple[Q | Expression, str], ...] = (
        (Q(agent__isnull=False) & ~Q(agent__lifecycle=Lifecycle.ACTIVE), withdrawn.AGENT_INACTIVE),
        (Q(credential__revoked_at__isnull=False), withdrawn.CREDENTIAL_REVOKED),
        (Q(person__is_active=False), withdrawn.PERSON_INACTIVE),
        (Q(person__isnull=False) & ~Q(Exists(asker)), withdrawn.RIGHT_LOST),
        (Q(Exists(_of_jobs(items, BulkState.STOPPING, BulkState.STOPPED))), withdrawn.BULK_STOPPED),
        (Q(Exists(_of_jobs(items, BulkState.PAUSED))), withdrawn.BULK_PAUSED),
        (Q(connection__is_active=False), withdrawn.CONNECTION_INACTIVE),
        (Q(agent__isnull=False) & ~Q(Exists(grants)), withdrawn.GRANT_WITHDRAWN),
    )
    return Case(*(When(case, then=Value(code)) for case, code in gone), default=_NOTHING, output_field=_TEXT)


def _of_jobs(items: QuerySet[BulkRevertItem], *states: BulkState) -> QuerySet[BulkRevertItem]:
    return items.filter(bulk_revert__state__in=[state.value for state in states])
