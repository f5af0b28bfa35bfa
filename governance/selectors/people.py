"""Names behind actors, for pages: the ledger and the CRM keep a person's id, people read names."""

from collections.abc import Iterable
from uuid import UUID

from governance.models import Person

PREFIXES = ("human:", "person:")


def list_actor_names(actors: Iterable[str]) -> dict[str, str]:
    """What to call each actor, written as `kind:id` or as a bare id; who is no person keeps their id.

    One query; none when no id could be a person's.
    """
    ids = {actor: _bare(actor) for actor in actors}
    keys = {key for text in ids.values() if (key := _key(text)) is not None}
    names = dict(Person.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    found = {actor: names.get(key) if (key := _key(text)) is not None else None for actor, text in ids.items()}
    return {actor: name or ids[actor] for actor, name in found.items()}


def _bare(actor: str) -> str:
    return next((actor.removeprefix(prefix) for prefix in PREFIXES if actor.startswith(prefix)), actor)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
