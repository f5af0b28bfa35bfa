"""Tryton keeps the contract of connectors, on a real server (CON-04, CON-06).

Tryton has no companies with an industry and a number of employees. A party's identifiers have a code, a selection and a
number: the contract's words are translated to theirs on the way in and out, and to nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import HistoryEntry, Operation, Page, Receipt, Record
from crm_connectors.port import Connector, ConnectorError, NotFoundError
from governance.domain.schema import Schema
from tests.builders.tryton import Person, connect
from tests.crm_connectors.contract import ConnectorContract

MODEL = "party.identifier"
FIELDS = {"name": "code", "industry": "type", "numberofemployees": "sequence"}
KINDS = {"Chemicals": "kr_krn", "Software": "sn_nimea", "Retail": "be_vat"}
"""Kinds of identifier. Of the first two Tryton knows no rule for the code."""

_OBJECTS = {"companies": MODEL}
_OURS = {theirs: ours for ours, theirs in FIELDS.items()}
_WORDS = {kind: word for word, kind in KINDS.items()}


class Translated:
    """A connector spoken to in the contract's words. It searches among the identifiers of one party alone: tests that
    run beside each other at one server do not meet."""

    is_local = False

    def __init__(self, inner: Connector, party: str) -> None:
        self._inner = inner
        self._party = party

    def describe(self) -> Schema:
        (found,) = self._inner.describe().objects
        fields = tuple(
            msgspec.structs.replace(
                field,
                name=_OURS.get(field.name, field.name),
                options=tuple(_WORDS.get(option, option) for option in field.options),
            )
            for field in found.fields
        )
        return Schema((msgspec.structs.replace(found, name="companies", fields=fields),))

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        return _back(self._inner.read(object_type=_object(object_type), record_id=record_id, fields=_names(fields)))

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        found = self._inner.read_many(object_type=_object(object_type), record_ids=record_ids, fields=_names(fields))
        return {record_id: _back(record) for record_id, record in found.items()}

    def search(
        self, *, object_type: str, filters: dict[str, Any], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        page = self._inner.search(
            object_type=_object(object_type),
            filters=_there(filters) | {"party": self._party},
            fields=_names(fields),
            limit=limit,
            after=after,
        )
        return Page(tuple(_back(record) for record in page.records), page.after)

    def send(self, operation: Operation) -> Receipt:
        return self._said(lambda: self._inner.send(_operation(operation)))

    def find_operation(self, operation: Operation) -> Receipt | None:
        return self._inner.find_operation(_operation(operation))

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        return self._inner.history(object_type=_object(object_type), record_id=record_id, fields=_names(fields))

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        return self._inner.last_changes(object_type=_object(object_type), record_ids=record_ids, fields=_names(fields))

    def guarantee(self, operation: Operation) -> Guarantee:
        return self._inner.guarantee(_operation(operation))

    def health(self) -> None:
        self._inner.health()

    @staticmethod
    def _said(call: Callable[[], Receipt]) -> Receipt:
        """Errors name fields; the contract looks for its own names."""
        try:
            return call()
        except ConnectorError as error:
            words = str(error)
            for theirs, ours in _OURS.items():
                words = words.replace(theirs, ours)
            error.args = (words,)
            raise


def _object(name: str) -> str:
    return _OBJECTS.get(name, name)


def _names(fields: Sequence[str]) -> list[str]:
    return [FIELDS.get(name, name) for name in fields]


def _there(values: dict[str, Any]) -> dict[str, Any]:
    return {
        FIELDS.get(name, name): KINDS.get(value, value) if isinstance(value, str) and name == "industry" else value
        for name, value in values.items()
    }


def _back(record: Record) -> Record:
    values = {_OURS.get(name, name): _WORDS.get(value, value) for name, value in record.values.items()}
    return msgspec.structs.replace(record, object="companies", values=values)


def _operation(operation: Operation) -> Operation:
    return msgspec.structs.replace(
        operation,
        object=_object(operation.object),
        values=_there(operation.values),
        before=_there(operation.before),
    )


class TrytonCrm:
    object_type = "companies"

    def __init__(self, person: Person) -> None:
        self._person = person
        self._party = person.call("model.party.party.create", [{"name": "A party"}], {})[0]

    def connect(self) -> Connector:
        return Translated(connect(MODEL), str(self._party))

    def make(self, **values: Any) -> str:
        wanted = {"party": self._party, "sequence": None} | _there(values)
        return str(self._person.call(f"model.{MODEL}.create", [wanted], {})[0])

    def edit_as_human(self, record_id: str, **values: Any) -> None:
        self._person.call(f"model.{MODEL}.write", [int(record_id)], _there(values), {})

    def writer_of(self, operation: Operation) -> str:
        assert operation.object == self.object_type
        return "admin"


class TestTryton(ConnectorContract):
    KEEPS_VALUES_OF_CHANGES = False

    @pytest.fixture
    def crm(self, person: Person) -> TrytonCrm:
        return TrytonCrm(person)

    def test_an_archived_record_is_found_archived(self, crm: TrytonCrm) -> None:
        record_id = crm.make(name="Umicore")
        operation = self.update(crm, record_id, values={})
        operation = msgspec.structs.replace(operation, verb="archive")
        assert crm.connect().find_operation(operation) is None
        crm.connect().send(operation)
        assert crm.connect().find_operation(operation) is not None
        with pytest.raises(NotFoundError):
            crm.connect().send(operation)
