"""What can change a place, and what changing it sets off, from the inventory and the matrix (REG-10)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.selectors.kept_query import KeptQuery
from governance.domain.blast_radius import Effect, PathRule, what_changes, what_follows
from governance.domain.check_result import REQUIRE_APPROVAL
from governance.domain.index import PolicyIndex
from governance.domain.judged import Judged
from governance.domain.vocabulary import Action, Lifecycle, RiskTier
from governance.models import Connection, Grant, RegisteredField, WritePath
from governance.selectors.policy import get_policy_indexes

LIVE, WITH_APPROVAL, REFUSED, DRAFTED = "", "with approval", "granted, but refused by policy", "once published"


@dataclass(frozen=True, slots=True, order=True)
class Granted:
    """An agent that is granted a place; `words` say how far that goes, nothing when it may."""

    agent: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who and what can change a place. `agents` as the policy in force has it, and then what the edited rows add;
    `people` says whether people may."""

    question: str
    place: str
    paths: tuple[PathRule, ...]
    agents: tuple[Granted, ...]
    people: bool
    effects: tuple[Effect, ...]


def list_paths(connection_id: UUID) -> tuple[PathRule, ...]:
    """The active paths of one connection. One query."""
    return tuple(
        PathRule(
            name=row.name,
            kind=row.kind,
            system=row.system.name if row.system is not None else "",
            triggers=tuple(sorted(map(str, row.triggers))),
            changes=tuple(sorted(map(str, row.changes))),
        )
        for row in _ACTIVE.fetch(connection_id)
    )


_ACTIVE = KeptQuery(lambda pk: WritePath.objects.filter(connection_id=pk, is_active=True).select_related("system"))


def list_effects(connection_id: UUID, places: Collection[str]) -> tuple[Effect, ...]:
    """What changes of these places set off. One query."""
    return what_follows(list_paths(connection_id), places)


def answer_places(connection: Connection, questions: Collection[tuple[str, str]]) -> tuple[Answer, ...]:
    """Answer each (question, place). Four queries once the policy is warm, whatever the number of questions."""
    paths = list_paths(connection.pk)
    grants = list(
        Grant.objects.filter(connection=connection)
        .exclude(agent__lifecycle=Lifecycle.RETIRED)
        .values_list("agent__name", "object_type", "action", "write_fields", "is_withdrawn")
    )
    index = get_policy_indexes(connection.workspace_id).get(connection.environment)
    fields = RegisteredField.objects.filter(connection=connection)
    writers = {
        f"{object_type}.{name}": words
        for object_type, name, words in fields.values_list("object_type", "name", "ownership__allowed_writers")
    }
    return tuple(
        Answer(
            question=question,
            place=place,
            paths=what_changes(paths, place),
            agents=_agents(connection, index, grants, place),
            people="." not in place or "human" in (writers.get(place) or ["human"]),
            effects=what_follows(paths, {place}),
        )
        for question, place in questions
    )


def _agents(
    connection: Connection,
    index: PolicyIndex | None,
    grants: Sequence[tuple[str, str, str, list[str], bool]],
    place: str,
) -> tuple[Granted, ...]:
    """Agents with a grant in the policy in force that nobody withdrew, then those that only the edited rows name."""
    at_place = (connection.name, connection.environment)
    found: dict[str, str] = {}
    kept = {(agent, object_type, action) for agent, object_type, action, _, is_withdrawn in grants if not is_withdrawn}
    for key, entry in index.grants.items() if index is not None else ():
        agent, *where, object_type, action = key
        is_kept = (agent, object_type, action) in kept and tuple(where) == at_place
        if index is not None and is_kept and _reaches(place, object_type, action, entry.write_fields):
            words = _how_far(index, connection.name, place, action)
            found[agent] = min(found.get(agent, words), words, key=_NEARNESS.index)
    for agent, object_type, action, write_fields, is_withdrawn in grants:
        if not is_withdrawn and _reaches(place, object_type, action, write_fields):
            found.setdefault(agent, DRAFTED)
    return tuple(Granted(agent, words) for agent, words in sorted(found.items()))


_NEARNESS = (LIVE, WITH_APPROVAL, REFUSED)


def _how_far(index: PolicyIndex, connection: str, place: str, action: str) -> str:
    """What the action's tier and the field's own checks leave of a grant."""
    object_type, _, field = place.partition(".")
    rule = index.actions.get(action)
    entry = index.objects.get((connection, object_type))
    plan = entry.plan(field, Judged.AGENT) if entry is not None and field else None
    if rule is None or rule.risk_tier == RiskTier.BLOCKED or entry is None or (field and plan is None):
        return REFUSED
    if plan is not None and plan.is_denied:
        return REFUSED
    is_asked = plan is not None and any(check.outcome == REQUIRE_APPROVAL for check in plan.results)
    return WITH_APPROVAL if is_asked or rule.risk_tier == RiskTier.APPROVAL else LIVE


def _reaches(place: str, object_type: str, action: str, write_fields: Collection[str]) -> bool:
    """Whether a grant names the place for writing; a place without a field is the making of records."""
    wanted, _, field = place.partition(".")
    if object_type != wanted:
        return False
    return field in write_fields if field else action == Action.CREATE
