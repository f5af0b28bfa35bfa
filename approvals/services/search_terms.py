"""Filling the ledger's search index: a follower, so that nothing on the way of a request waits for it (AUD-04)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from approvals.domain.search_terms import (
    agent_text,
    field_text,
    person_text,
    record_texts,
    texts_of_data,
    texts_of_facts,
)
from approvals.models import AgentActionRequest
from audit.domain.event_types import EVENT_TYPES
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from audit.services.search_index import add_terms
from governance.domain.dnc_key import InvalidRecipientError
from governance.models import Agent, Person, Workspace
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys

_READ = ("pk", "agent__name", "connection__name", "object_type", "record_id", "target_object", "target_id")


def index_entries(entries: Sequence[LedgerEntry]) -> None:
    """A few narrow rows an event. In the follower's transaction; a fixed number of queries whatever their number."""
    keys = get_dnc_keys()
    workspaces = dict(Workspace.objects.values_list("slug", "pk"))
    add_terms(
        {
            event_id: [term_of(workspaces[slug], text, keys) for text in texts]
            for event_id, (slug, texts) in texts_of(entries, keys).items()
            if slug in workspaces
        }
    )


def term_of(workspace_id: UUID, text: str, keys: DncKeys) -> int:
    """The first 8 bytes of the keyed digest, as a signed number."""
    return int.from_bytes(keys.digest(workspace_id, f"search {text}")[:8], signed=True)


def texts_of(entries: Sequence[LedgerEntry], keys: DncKeys) -> dict[UUID, tuple[str, frozenset[str]]]:
    """Event → its workspace's slug and what it is about. Three queries."""
    known = _Known.read(entries, keys)
    return {entry.id: (entry.workspace, frozenset(_texts(entry, known))) for entry in entries}


@dataclass(frozen=True, slots=True)
class _Known:
    """The rows behind the ids in events: requests by what they are about, agents' names, people's addresses."""

    requests: dict[str, frozenset[str]]
    agents: dict[str, str]
    people: dict[str, str]

    @classmethod
    def read(cls, entries: Sequence[LedgerEntry], keys: DncKeys) -> "_Known":
        subjects = [entry.subject for entry in entries]
        people = Person.objects.filter(pk__in=_ids(e.actor.id for e in entries if e.actor.type == "human"))
        agents = Agent.objects.filter(pk__in=_ids(s.id for s in subjects if s.type == "agent"))
        return cls(
            requests=_read_requests(_ids(s.id for s in subjects if s.type == "request"), keys),
            agents={str(pk): name for pk, name in agents.values_list("pk", "name")},
            people={str(pk): text for pk, email in people.values_list("pk", "email") if (text := _own(email, keys))},
        )


def _texts(entry: LedgerEntry, known: _Known) -> Iterator[str]:
    if entry.actor.type == "agent":
        yield agent_text(entry.actor.id)
    if entry.actor.id in known.people:
        yield known.people[entry.actor.id]
    if entry.subject.id in known.agents:
        yield agent_text(known.agents[entry.subject.id])
    yield from known.requests.get(entry.subject.id, ())
    yield from texts_of_data(entry.data, entry.subject.id if entry.subject.type == "connection" else "")


def _read_requests(ids: set[UUID], keys: DncKeys) -> dict[str, frozenset[str]]:
    rows = AgentActionRequest.objects.filter(pk__in=ids).values_list(*_READ, "patch", "facts", "body")
    found = {}
    for pk, agent, connection, object_type, record, target_object, target, patch, facts, body in rows:
        texts = {agent_text(agent)} if agent else set()
        places = {(object_type, record), (target_object, target)}
        texts |= {text for place in places if place[1] for text in record_texts(connection, *place)}
        fields = {str(change.get("field", "")) for change in patch or ()} | set((body or {}).get("changes") or ())
        texts |= {field_text(object_type, field) for field in fields if field}
        found[str(pk)] = frozenset(texts | set(texts_of_facts(facts or {}, region=keys.region)))
    return found


def _own(email: str, keys: DncKeys) -> str:
    try:
        return person_text(email, region=keys.region)
    except InvalidRecipientError:
        return ""


def _ids(texts: Iterator[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


SEARCH = Following("search", EVENT_TYPES, index_entries)
