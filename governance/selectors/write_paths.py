"""What can change a place, and what changing it sets off, from the inventory and the matrix (REG-10)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from governance.domain.blast_radius import Effect, PathRule, what_changes, what_follows
from governance.domain.vocabulary import Action, Lifecycle
from governance.models import Connection, Grant, RegisteredField, WritePath

MAKING = (Action.CREATE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who and what can change a place. `agents` are granted it by the edited rows; `people` says whether people may."""

    question: str
    place: str
    paths: tuple[PathRule, ...]
    agents: tuple[str, ...]
    people: bool
    effects: tuple[Effect, ...]


def list_paths(connection_id: UUID) -> tuple[PathRule, ...]:
    """The active paths of one connection. One query."""
    rows = WritePath.objects.filter(connection_id=connection_id, is_active=True).select_related("system")
    return tuple(
        PathRule(
            name=row.name,
            kind=row.kind,
            system=row.system.name if row.system is not None else "",
            triggers=tuple(sorted(map(str, row.triggers))),
            changes=tuple(sorted(map(str, row.changes))),
        )
        for row in rows
    )


def list_effects(connection_id: UUID, places: Collection[str]) -> tuple[Effect, ...]:
    """What changes of these places set off. One query."""
    return what_follows(list_paths(connection_id), places)


def answer_places(connection: Connection, questions: Collection[tuple[str, str]]) -> tuple[Answer, ...]:
    """Answer each (question, place). Three queries, whatever the number of questions."""
    paths = list_paths(connection.pk)
    grants = list(
        Grant.objects.filter(connection=connection, is_withdrawn=False)
        .exclude(agent__lifecycle=Lifecycle.RETIRED)
        .values_list("agent__name", "object_type", "action", "write_fields")
    )
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
            agents=tuple(sorted({agent for agent, *grant in grants if _reaches(place, *grant)})),
            people="." not in place or "human" in (writers.get(place) or ["human"]),
            effects=what_follows(paths, {place}),
        )
        for question, place in questions
    )


def _reaches(place: str, object_type: str, action: str, write_fields: list[str]) -> bool:
    """Whether a grant names the place for writing; a place without a field is the making of records."""
    wanted, _, field = place.partition(".")
    if object_type != wanted:
        return False
    return field in write_fields if field else action in MAKING
