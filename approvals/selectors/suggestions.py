"""Open suggestions: what waits to be promoted or dismissed (REG-06)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from approvals.domain.suggestion import SuggestionState
from approvals.models import Suggestion
from approvals.selectors.of_agents import of_agents
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    """`after` is the cursor of the next page, empty on the last one."""

    rows: tuple[Suggestion, ...]
    after: str


@dataclass(frozen=True, slots=True)
class SuggestionChoices:
    """What the filters offer: only what is open."""

    agents: tuple[str, ...]
    objects: tuple[str, ...]
    fields: tuple[str, ...]


def list_suggestions(
    *,
    workspace_id: UUID,
    after: str = "",
    limit: int = 25,
    agent: str = "",
    object_type: str = "",
    field: str = "",
    agents: AgentScope = None,
) -> SuggestionPage:
    """Open suggestions, oldest first, by keyset. One query."""
    narrowed = {"agent__name": agent, "object_type": object_type, "field": field}
    rows = _open(workspace_id, agents).filter(**{name: value for name, value in narrowed.items() if value})
    if after:
        rows = rows.filter(pk__gt=UUID(after))
    rows = rows.select_related("agent", "request__connection", "promotion").order_by("id")
    found = tuple(rows[: limit + 1])
    return SuggestionPage(found[:limit], str(found[limit - 1].pk) if len(found) > limit else "")


def list_suggestion_choices(*, workspace_id: UUID, agents: AgentScope = None) -> SuggestionChoices:
    """One query."""
    found = set(_open(workspace_id, agents).values_list("agent__name", "object_type", "field").distinct())
    columns = ({row[place] for row in found} for place in range(3))
    names, objects, fields = (tuple(sorted(column)) for column in columns)
    return SuggestionChoices(names, objects, fields)


def count_suggestions(*, workspace_id: UUID) -> int:
    return _open(workspace_id, None).count()


def _open(workspace_id: UUID, agents: AgentScope) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(of_agents(agents), workspace_id=workspace_id, state=SuggestionState.OPEN)
