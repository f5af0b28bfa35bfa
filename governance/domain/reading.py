"""Which fields are read: what a decision needs of the record, and what an agent may see (PRM-03)."""

from collections.abc import Iterable

from governance.domain.action_class import NEEDS_RECORD, SENDS
from governance.domain.case import open_case
from governance.domain.facts import Facts
from governance.domain.field_roles import COUNTRY_FIELD
from governance.domain.index import PolicyIndex
from governance.domain.rule_book import TARGET_SUBJECTS


def fields_to_read(index: PolicyIndex, *, connection: str, object_type: str, fields: Iterable[str]) -> tuple[str, ...]:
    """Every field whose value a decision on these `fields` (changed and expected) may need, sorted.

    Adds their suggestion fields, the provenance fields and whatever the object's stages, rules and budgets by segment
    depend on. Fields that are unknown or gone are left out: no CRM could answer for them, and the engine denies what
    hangs on them.
    """
    entry = index.objects.get((connection, object_type))
    if entry is None:
        return ()
    wanted = set(fields)
    wanted |= {entry.fields[name].suggestion_field for name in wanted if name in entry.fields}
    for stage_field, stages in entry.stages.items():
        wanted.add(stage_field)
        wanted.update(*stages.values())
    wanted |= index.rules.fields_read(connection, object_type, entry.fields) | index.budgets.segment_fields
    wanted |= entry.signed
    return tuple(sorted(wanted & entry.there))


def windowed_fields(index: PolicyIndex, *, connection: str, object_type: str, fields: Iterable[str]) -> frozenset[str]:
    """Which of these fields, and of the suggestion fields that their values may go to, have a window (REG-09)."""
    entry = index.objects.get((connection, object_type))
    if entry is None or not entry.has_windows:
        return frozenset()
    known = [entry.fields[name] for name in fields if name in entry.fields]
    names = {rule.field for rule in known} | {rule.suggestion_field for rule in known}
    return frozenset(name for name in names & entry.there if entry.fields[name].refresh_after_days is not None)


def target_fields(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    """The fields that rules and frequency caps look at on the record which a preparation or a send is about, sorted;
    none without one."""
    request = facts.request
    if request.action in NEEDS_RECORD or not request.target_id or request.target_object == request.object:
        return ()
    entry = index.objects.get((facts.connection.name, request.target_object))
    if entry is None:
        return ()
    wanted: set[str] = set()
    if request.action in SENDS:
        wanted |= index.frequency.segment_fields & entry.fields.keys()
    if index.rules.asks(open_case(index, facts), *TARGET_SUBJECTS):
        wanted |= index.rules.fields_read(facts.connection.name, request.target_object, entry.fields)
    return tuple(sorted(wanted & entry.there))


def contact_fields(index: PolicyIndex, *, connection: str, object_type: str) -> tuple[tuple[str, str], ...]:
    """Every field that holds an address of a person, see `list_contacts`."""
    entry = index.objects.get((connection, object_type))
    return entry.contacts if entry is not None else ()


def country_field(index: PolicyIndex, *, connection: str, object_type: str) -> tuple[str, ...]:
    """The field that says in which country a person is, none where the object has none."""
    entry = index.objects.get((connection, object_type))
    return (COUNTRY_FIELD,) if entry is not None and COUNTRY_FIELD in entry.there else ()


def company_fields(index: PolicyIndex, *, connection: str, object_type: str) -> tuple[str, ...]:
    """The fields that hold the id of the person's company, see `list_companies`."""
    entry = index.objects.get((connection, object_type))
    return entry.companies if entry is not None else ()


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
    return tuple(sorted(grant.read_fields & entry.there))
