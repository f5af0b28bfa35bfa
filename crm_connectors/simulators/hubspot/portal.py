"""The portal's state and the one way in which it changes: every applied write goes through here and into the journal.

The caller holds `lock`: the application for the length of one call, a test or page for its own change.
"""

from collections.abc import Mapping
from threading import RLock

from crm_connectors.simulators.hubspot.access import AccessTable
from crm_connectors.simulators.hubspot.associations import Associations
from crm_connectors.simulators.hubspot.clock import Clock
from crm_connectors.simulators.hubspot.derived import derive
from crm_connectors.simulators.hubspot.faults import FaultPlan
from crm_connectors.simulators.hubspot.limits import Allowance, Limiter
from crm_connectors.simulators.hubspot.owners import OWNERS
from crm_connectors.simulators.hubspot.people import Consent, Enrolments
from crm_connectors.simulators.hubspot.records import Journal, Source, StoredRecord
from crm_connectors.simulators.hubspot.search_index import SearchIndex
from crm_connectors.simulators.hubspot.standard_schema import (
    DEAL_PIPELINE,
    OBJECT_TYPE_IDS,
    TICKET_PIPELINE,
    make_definitions,
)
from crm_connectors.simulators.hubspot.webhooks import News
from crm_connectors.simulators.hubspot.wire import WireError, invalid, not_found

MAX_RECORDS = 100_000
PORTAL_ID = 62515
_NAMES = {type_id: name for name, type_id in OBJECT_TYPE_IDS.items()}


class Portal:
    """One account. `account_type` is what `account-info` says: STANDARD, SANDBOX, DEVELOPER_TEST."""

    def __init__(self, *, account_type: str = "SANDBOX", allowance: Allowance | None = None) -> None:
        self.lock = RLock()
        self.account_type = account_type
        self.clock = Clock()
        self.access = AccessTable()
        self.limiter = Limiter(allowance or Allowance())
        self.faults = FaultPlan()
        self.definitions = make_definitions()
        self.pipelines = {"deals": [DEAL_PIPELINE], "tickets": [TICKET_PIPELINE]}
        self.owners = list(OWNERS)
        self.required_to_create: dict[str, tuple[str, ...]] = {}  # the portal's own rule, kept by 2026-09 alone
        self.required_if: dict[str, dict[str, tuple[str, ...]]] = {}  # property → needs these, by object; the same
        self.records: dict[str, dict[str, StoredRecord]] = {name: {} for name in OBJECT_TYPE_IDS}
        self.journal = Journal()
        self.index = SearchIndex()
        self.associations = Associations()
        self.consent = Consent()
        self.enrolments = Enrolments()
        self.news = News()
        self._next_id = 101

    def clear(self) -> None:
        """No records, no journal, no faults, all tokens as at first; schema and clock stay."""
        with self.lock:
            for records in self.records.values():
                records.clear()
            for part in (self.journal, self.index, self.associations, self.consent, self.enrolments, self.faults):
                part.clear()
            self.news.clear()
            self.access.reset()
            self.limiter.reset()

    def object_name(self, given: str) -> str:
        """The object type of a path, by name or id. Raises WireError."""
        name = _NAMES.get(given, given)
        if name not in self.records:
            raise invalid(f"Unable to infer object type from: {given}")
        return name

    def find(self, object_type: str, record_id: str, *, archived: bool = False) -> StoredRecord:
        """A record by id; an id that was merged away leads to the survivor. Raises WireError 404."""
        record = self.records[object_type].get(record_id)
        if record is not None and record.merged_into:
            record = self.records[object_type].get(record.merged_into)
        if record is None or (record.archived_at is not None) is not archived:
            raise not_found()
        return record

    def find_by(self, object_type: str, name: str, value: str, *, archived: bool = False) -> StoredRecord:
        """A record by a unique property, or by its id. Raises WireError 404."""
        if name in ("", "hs_object_id"):
            return self.find(object_type, value, archived=archived)
        if self.is_unique(object_type, name):
            for record in self.records[object_type].values():
                is_it = record.values.get(name) == value and not record.merged_into
                if is_it and (record.archived_at is not None) is archived:
                    return record
        raise not_found()

    def is_unique(self, object_type: str, name: str) -> bool:
        """Whether a property tells records apart; a contact's email does, a company's domain does not."""
        definition = self.definitions[object_type].get(name)
        return (object_type, name) == ("contacts", "email") or (definition is not None and definition.is_unique)

    def add(self, object_type: str, values: Mapping[str, str | None], source: Source, *, at: int = 0) -> StoredRecord:
        """A new record of values that were judged already. Raises WireError when the portal is full."""
        if sum(len(records) for records in self.records.values()) >= MAX_RECORDS:
            raise WireError(400, "You have reached the record limit of this portal.", "VALIDATION_ERROR")
        at = at or self.clock.stamp()
        record = StoredRecord(object=object_type, id=str(self._next_id), created_at=at, updated_at=at)
        self._next_id += 1
        self.records[object_type][record.id] = record
        self._put(record, values, source, at, kind="create")
        self.news.tell(record, "creation", at=at, source=source)
        return record

    def put_back(self, record: StoredRecord) -> None:
        """A record that was saved, with its id."""
        self.records[record.object][record.id] = record
        self._next_id = max(self._next_id, int(record.id) + 1)
        self.index.note(record, record.updated_at)

    def change(self, record: StoredRecord, values: Mapping[str, str | None], source: Source) -> None:
        """Set properties of values that were judged already."""
        self._put(record, values, source, self.clock.stamp(), kind="update")

    def archive(self, record: StoredRecord, source: Source) -> None:
        """Into the recycle bin; its associations end."""
        at = self.clock.stamp()
        record.archived_at = record.updated_at = at
        self.associations.forget(record.object, record.id)
        self.index.note(record, at)
        self.journal.add("archive", record, {}, at=at, source=source)
        self.news.tell(record, "deletion", at=at, source=source)

    def merge(self, survivor: StoredRecord, merged: StoredRecord, source: Source) -> None:
        """`merged` is no more: its id leads to `survivor`, which keeps its own values, and its address besides."""
        at = self.clock.stamp()
        address = merged.values.get("email")
        if survivor.object == "contacts" and address and survivor.values.get("email"):
            joined = ";".join(filter(None, (survivor.values.get("hs_additional_emails"), address)))
            survivor.put("hs_additional_emails", joined, at=at, source=Source(type="MERGE_OBJECTS", id=merged.id))
        for name, value in merged.values.items():
            if name not in survivor.values:
                survivor.put(name, value, at=at, source=Source(type="MERGE_OBJECTS", id=merged.id))
        merged.merged_into = survivor.id
        merged.archived_at = at
        survivor.values["hs_merged_object_ids"] = merged.id
        self.index.note(survivor, at)
        self.index.note(merged, at)
        self.journal.add("merge", survivor, {"merged": merged.id}, at=at, source=source)
        self.news.tell(survivor, "merge", at=at, source=source)

    def _put(
        self, record: StoredRecord, values: Mapping[str, str | None], source: Source, at: int, *, kind: str
    ) -> None:
        changed = [name for name, value in values.items() if record.put(name, value, at=at, source=source)]
        derived = derive(record, changed, self.pipelines.get(record.object, []), at)
        for name, value in derived.items():
            record.put(name, value, at=at, source=Source(type="CALCULATED", id=""))
        self.index.note(record, at)
        self.journal.add(kind, record, dict(values), at=at, source=source)
        if kind == "update":
            for name in changed:
                self.news.tell(record, "propertyChange", name=name, at=at, source=source)
