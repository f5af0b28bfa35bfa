"""Which fields are read: what a decision needs of the record, and what an agent may see (PRM-03)."""

from collections.abc import Iterable

from governance.domain.index import ObjectEntry, PolicyIndex
from governance.domain.vocabulary import ReviewState


def fields_to_read(index: PolicyIndex, *, connection: str, object_type: str, fields: Iterable[str]) -> tuple[str, ...]:
    """Every field whose value a decision on these `fields` (changed and expected) may need, sorted.

    Adds their suggestion fields and whatever the object's stages depend on. Fields that are unknown or gone are left
    out: no CRM could answer for them, and the engine denies what hangs on them.
    """
    entry = index.objects.get((connection, object_type))
    if entry is None:
        return ()
    wanted = set(fields)
    wanted |= {entry.fields[name].suggestion_field for name in wanted if name in entry.fields}
    for stage_field, stages in entry.stages.items():
        wanted.add(stage_field)
        wanted.update(*stages.values())
    return tuple(sorted(name for name in wanted & entry.fields.keys() if _is_there(entry, name)))


def readable_fields(
    index: PolicyIndex, *, agent: str, connection: str, environment: str, object_type: str, action: str
) -> tuple[str, ...]:
    """The fields that this agent may read by `action` (`read` or `search`), sorted; none without a grant (PRM-01).

    Fields that the registry does not know, or that are gone, are left out.
    """
    grant = index.grants.get((agent, connection, environment, object_type, action))
    entry = index.objects.get((connection, object_type))
    if grant is None or entry is None:
        return ()
    return tuple(sorted(name for name in grant.read_fields & entry.fields.keys() if _is_there(entry, name)))


def _is_there(entry: ObjectEntry, name: str) -> bool:
    return entry.fields[name].review_state != ReviewState.GONE
