"""The org's state: records, users, rules, limits, and the journal of what was really applied."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crm_connectors.simulators.faults import Faults
from crm_connectors.simulators.salesforce.definition import FieldDefinition, ObjectDefinition, Value
from crm_connectors.simulators.salesforce.errors import ApiError, invalid_field, not_found
from crm_connectors.simulators.salesforce.record_id import make_id
from crm_connectors.simulators.salesforce.schema import OBJECTS

MAX_RECORDS = 500_000
MAX_JOURNAL = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody calls run as. `hidden` and `read_only` name fields as `Account.Phone` (field-level security)."""

    id: str
    username: str
    name: str
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One stored record. `values` holds every field of its object, system fields too, as they are on the wire."""

    object: str
    id: str
    values: Mapping[str, Value]
    modified_at: datetime

    @property
    def is_deleted(self) -> bool:
        """Whether it lies in the recycle bin."""
        return self.values.get("IsDeleted") is True


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One write that took effect. `verb` is create, update or delete; `values` what the save changed or was given."""

    verb: str
    object: str
    id: str
    values: Mapping[str, Value]
    user: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """An admin's rule: `refuses` sees the values as they would be saved."""

    object: str
    message: str
    field: str
    refuses: Callable[[Mapping[str, Value]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRule:
    """Records of one object that share this field's value. Not blocking: saved when the caller insists."""

    object: str
    field: str
    name: str
    is_blocking: bool


@dataclass(slots=True)
class Org:
    """One org. Everything that reads or changes rows holds `lock`."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    faults: Faults = field(default_factory=Faults)
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in OBJECTS})
    users: dict[str, User] = field(default_factory=dict)
    journal: deque[Applied] = field(default_factory=lambda: deque(maxlen=MAX_JOURNAL))
    validation_rules: list[ValidationRule] = field(default_factory=list)
    duplicate_rules: list[DuplicateRule] = field(default_factory=list)
    assigns: dict[str, str] = field(default_factory=dict)
    untracked: set[str] = field(default_factory=set)
    daily_requests: int = 100_000
    used_requests: int = 0
    limit_info: int = 0
    shift: timedelta = timedelta()
    _serials: dict[str, int] = field(default_factory=dict)

    def now(self) -> datetime:
        """The org's clock: the machine's, moved forward by whoever tests what needs time to pass."""
        return datetime.now(UTC) + self.shift

    def let_pass(self, seconds: float) -> None:
        """Move the org's clock forward."""
        self.shift += timedelta(seconds=seconds)

    def next_id(self, object_name: str) -> str:
        """A fresh id. Raises ApiError when the org is full."""
        if sum(map(len, self.rows.values())) >= MAX_RECORDS:
            raise ApiError(400, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
        self._serials[object_name] = serial = self._serials.get(object_name, 0) + 1
        return make_id(OBJECTS[object_name].prefix, serial)

    def user_by_id(self, user_id: str) -> User | None:
        """The user of this id."""
        return next((user for user in self.users.values() if user.id == user_id), None)

    def find(self, record_id: str) -> Row | None:
        """The record of this id in any object, deleted ones too."""
        for definition in OBJECTS.values():
            if definition.prefix == record_id[:3]:
                return self.rows[definition.name].get(record_id)
        return None

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[Callable[[], None]]:
        """Holds the lock; the yielded function takes back everything since."""
        with self.lock:
            rows = {name: dict(records) for name, records in self.rows.items()}
            length = len(self.journal)

            def roll_back() -> None:
                self.rows = rows
                while len(self.journal) > length:
                    self.journal.pop()

            yield roll_back


def object_for(name: str, *, is_write: bool = False) -> ObjectDefinition:
    """The object of this name, in any case. Raises ApiError."""
    wanted = name.casefold()
    found = next((item for item in OBJECTS.values() if item.name.casefold() == wanted), None)
    if found is None:
        raise not_found()
    if is_write and not found.is_writable:
        raise ApiError(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    return found


def visible_fields(user: User, definition: ObjectDefinition) -> list[FieldDefinition]:
    """The fields that this user may see."""
    return [item for item in definition.fields if f"{definition.name}.{item.name}" not in user.hidden]


def field_for(user: User, definition: ObjectDefinition, name: str) -> FieldDefinition:
    """The field of this name, as far as this user may see it. Raises ApiError."""
    found = definition.find(name)
    if found is None or f"{definition.name}.{found.name}" in user.hidden:
        raise invalid_field(name, definition.name)
    return found


def stamp(moment: datetime) -> str:
    """A datetime as the API writes it. Seconds are all it keeps."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
