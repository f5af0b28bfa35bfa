"""What every connector promises (CON-06): mix `ConnectorContract` into a test class and supply the parts of a CRM.

A subclass provides a `crm` fixture that fulfils `ContractCrm`. Nothing here knows which CRM it is talking to; where a
CRM's guarantee is weaker than class A, the tests that need it look at `guarantee` first.
"""

from typing import Any, Protocol

import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.port import AloneError, BatchSender, ConflictError, Connector, NotFoundError, RejectedError
from governance.domain.vocabulary import FieldType
from tests.builders.crm_connectors import make_operation


class ContractCrm(Protocol):
    """A CRM under test: companies with a text `name`, a picklist `industry` and an integer `numberofemployees`, under
    these names in upper or lower case."""

    object_type: str

    def connect(self) -> Connector:
        """A new connector instance, as another process would make it."""
        ...

    def make(self, **values: Any) -> str:
        """A record made behind the connector's back; returns its id."""
        ...

    def edit_as_human(self, record_id: str, **values: Any) -> None:
        """A change made behind the connector's back."""
        ...

    def writer_of(self, operation: Operation) -> str:
        """Whom this CRM's own history names for a write of ours."""
        ...


class ConnectorContract:
    """The tests. Each tells one promise of the port."""

    FIELDS = ("name", "industry", "numberofemployees")

    KEEPS_VALUES_OF_CHANGES = True
    """Whether this CRM's own history keeps what a field held before and after. Where it does not, `history` and
    `last_changes` say less, and the connector's own tests say what."""

    def read(self, crm: ContractCrm, record_id: str) -> dict[str, Any]:
        """The record's values as a fresh connector reads them."""
        return crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=self.FIELDS).values

    def update(self, crm: ContractCrm, record_id: str, **changes: Any) -> Operation:
        return make_operation(record_id, object_type=crm.object_type, **changes)

    def count_changes(self, crm: ContractCrm, record_id: str, field: str) -> int:
        history = crm.connect().history(object_type=crm.object_type, record_id=record_id, fields=[field])
        return len(history)

    # Reading

    def test_reads_exactly_the_fields_asked_for(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", numberofemployees=10224)

        record = crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=["name", "industry"])

        assert (record.object, record.id) == (crm.object_type, record_id)
        assert record.values == {"name": "Umicore", "industry": None}
        assert record.version
        assert record.modified_at is None or record.modified_at.tzinfo is not None

    @pytest.mark.parametrize("record_id", ["999999999", "", "0", "-1", "nobody", "1e2", "9" * 400, "１０１"])
    def test_an_id_that_names_nothing_is_not_found(self, crm: ContractCrm, record_id: str) -> None:
        with pytest.raises(NotFoundError):
            crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=["name"])

    def test_unknown_objects_and_fields_are_not_found(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")
        connector = crm.connect()

        with pytest.raises(NotFoundError):
            connector.read(object_type="starships", record_id=record_id, fields=["name"])
        with pytest.raises(NotFoundError):
            connector.read(object_type=crm.object_type, record_id=record_id, fields=["name", "warp_factor"])
        with pytest.raises(NotFoundError):
            connector.search(object_type=crm.object_type, filters={"warp": 9}, fields=["name"], limit=5, after="")

    def test_reads_many_and_leaves_out_what_does_not_exist(self, crm: ContractCrm) -> None:
        first, second = crm.make(name="Umicore"), crm.make(name="Solvay")

        found = crm.connect().read_many(
            object_type=crm.object_type, record_ids=[first, second, "999999999", "nobody"], fields=["name"]
        )

        assert {key: record.values["name"] for key, record in found.items()} == {first: "Umicore", second: "Solvay"}

    # Searching

    def test_pages_through_a_search_without_a_gap_or_a_repeat(self, crm: ContractCrm) -> None:
        made = [crm.make(name=f"Company {index}", industry="Chemicals") for index in range(7)]
        crm.make(name="Another", industry="Software")
        connector, after, seen = crm.connect(), "", []

        for _ in range(10):
            page = connector.search(
                object_type=crm.object_type, filters={"industry": "Chemicals"}, fields=["name"], limit=3, after=after
            )
            assert len(page.records) <= 3
            seen += [record.id for record in page.records]
            after = page.after
            if not after:
                break

        assert seen == made

    def test_searches_for_empty_fields_and_numbers(self, crm: ContractCrm) -> None:
        empty = crm.make(name="Empty")
        filled = crm.make(name="Filled", numberofemployees=220)
        connector = crm.connect()

        def find(**filters: Any) -> list[str]:
            page = connector.search(object_type=crm.object_type, filters=filters, fields=["name"], limit=50, after="")
            return [record.id for record in page.records]

        assert find(numberofemployees=None) == [empty]
        assert find(numberofemployees=220) == [filled]
        assert find(numberofemployees=220, name="Empty") == []

    # Writing

    def test_writes_and_reads_back(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")
        before = crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=self.FIELDS)

        receipt = crm.connect().send(
            self.update(crm, record_id, values={"industry": "Chemicals", "numberofemployees": 10224})
        )

        assert self.read(crm, record_id) == {"name": "Umicore", "industry": "Chemicals", "numberofemployees": 10224}
        after = crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=self.FIELDS)
        assert receipt.version == after.version != before.version
        assert not receipt.is_repeat

    def test_null_empties_a_field(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")

        crm.connect().send(self.update(crm, record_id, values={"industry": None}))

        assert self.read(crm, record_id)["industry"] is None

    def test_a_stale_version_conflicts_and_changes_nothing(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")
        seen = crm.connect().read(object_type=crm.object_type, record_id=record_id, fields=self.FIELDS)
        crm.edit_as_human(record_id, numberofemployees=5)

        with pytest.raises(ConflictError):
            crm.connect().send(self.update(crm, record_id, values={"industry": "Chemicals"}, version=seen.version))

        assert self.read(crm, record_id)["industry"] == "Software"

    def test_a_moved_before_value_conflicts_and_changes_nothing(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")
        crm.edit_as_human(record_id, industry="Chemicals")

        with pytest.raises(ConflictError) as caught:
            crm.connect().send(
                self.update(
                    crm,
                    record_id,
                    values={"industry": "Retail", "numberofemployees": 3},
                    before={"industry": "Software", "numberofemployees": None},
                )
            )

        assert "industry" in str(caught.value).casefold()
        assert self.read(crm, record_id) == {"name": "Umicore", "industry": "Chemicals", "numberofemployees": None}

    def test_an_edit_elsewhere_on_the_record_does_not_disturb_before_values(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")
        crm.edit_as_human(record_id, numberofemployees=5)

        crm.connect().send(
            self.update(crm, record_id, values={"industry": "Chemicals"}, before={"industry": "Software"})
        )

        assert self.read(crm, record_id)["industry"] == "Chemicals"

    def test_a_refused_value_changes_nothing_at_all(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore", industry="Software")

        with pytest.raises(RejectedError) as caught:
            crm.connect().send(self.update(crm, record_id, values={"numberofemployees": 3, "industry": "Witchcraft"}))

        assert "industry" in str(caught.value).casefold()
        assert self.read(crm, record_id) == {"name": "Umicore", "industry": "Software", "numberofemployees": None}

    def test_an_unknown_field_is_refused_by_name(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")

        with pytest.raises(RejectedError, match="warp_factor"):
            crm.connect().send(self.update(crm, record_id, values={"warp_factor": 9}))

    def test_writing_to_nothing_is_not_found(self, crm: ContractCrm) -> None:
        with pytest.raises(NotFoundError):
            crm.connect().send(self.update(crm, "999999999", values={"industry": "Software"}))

    # Once

    def test_a_repeat_is_absorbed(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")
        operation = self.update(crm, record_id, values={"industry": "Chemicals"})
        if crm.connect().guarantee(operation) is not Guarantee.EXACTLY_ONCE:
            pytest.skip("this CRM does not absorb repeats of an update")
        first = crm.connect().send(operation)
        crm.edit_as_human(record_id, industry="Software")

        again = crm.connect().send(operation)

        assert again.is_repeat
        assert (again.record_id, again.version) == (first.record_id, first.version)
        assert self.read(crm, record_id)["industry"] == "Software"  # a person's later word stands

    def test_a_repeated_create_makes_one_record(self, crm: ContractCrm) -> None:
        operation = make_operation(None, "create", crm.object_type, values={"name": "Only once"})
        if crm.connect().guarantee(operation) is not Guarantee.EXACTLY_ONCE:
            pytest.skip("this CRM does not absorb repeats of a create")

        receipts = [crm.connect().send(operation) for _ in range(3)]

        page = crm.connect().search(
            object_type=crm.object_type, filters={"name": "Only once"}, fields=["name"], limit=10, after=""
        )
        assert [record.id for record in page.records] == [receipts[0].record_id]
        assert [receipt.is_repeat for receipt in receipts] == [False, True, True]

    def test_applied_and_then_crashed_is_found_by_the_next_process(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")
        operation = self.update(crm, record_id, values={"industry": "Chemicals"})
        assert crm.connect().find_operation(operation) is None
        receipt = crm.connect().send(operation)  # and here the worker dies, its receipt unrecorded

        found = crm.connect().find_operation(operation)

        assert found is not None
        assert (found.record_id, found.version) == (record_id, receipt.version)
        crm.connect().send(operation)
        assert self.read(crm, record_id)["industry"] == "Chemicals"
        if self.KEEPS_VALUES_OF_CHANGES:
            assert self.count_changes(crm, record_id, "industry") == 1

    def test_a_refused_operation_counts_as_not_applied(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")
        operation = self.update(crm, record_id, values={"industry": "Witchcraft"})
        with pytest.raises(RejectedError):
            crm.connect().send(operation)

        assert crm.connect().find_operation(operation) is None

    # Several

    def test_several_writes_in_one_call_have_an_outcome_each(self, crm: ContractCrm) -> None:
        connector = crm.connect()
        if not isinstance(connector, BatchSender):
            pytest.skip("this CRM takes one write a call")
        good, refused, moved = crm.make(name="Umicore"), crm.make(name="Solvay"), crm.make(name="Arkema")
        operations = [
            self.update(crm, good, values={"industry": "Chemicals"}, before={"industry": None}),
            self.update(crm, refused, values={"industry": "Witchcraft"}),
            self.update(crm, moved, values={"industry": "Chemicals"}, before={"industry": "Software"}),
            self.update(crm, "999999999", values={"industry": "Chemicals"}),
            make_operation(None, "create", crm.object_type, values={"name": "New"}),
        ]

        met = connector.send_many(operations)

        kinds = [type(met[one.operation_key]) for one in operations]
        assert kinds[:4] == [Receipt, RejectedError, ConflictError, NotFoundError]
        assert kinds[4] in (Receipt, AloneError)
        if kinds[4] is AloneError:
            assert connector.find_operation(operations[4]) is None, "nothing was applied"
            assert not connector.send(operations[4]).is_repeat
        assert connector.batch_size >= len(operations)
        assert [self.read(crm, record_id)["industry"] for record_id in (good, refused, moved)] == [
            "Chemicals",
            None,
            None,
        ]
        receipt = met[operations[0].operation_key]
        assert isinstance(receipt, Receipt)
        record = connector.read(object_type=crm.object_type, record_id=good, fields=["name"])
        assert (receipt.record_id, receipt.version) == (good, record.version)

    # Archiving

    def test_an_archived_record_is_gone_and_cannot_be_written(self, crm: ContractCrm) -> None:
        record_id = crm.make(name="Umicore")

        crm.connect().send(make_operation(record_id, "archive", crm.object_type))

        with pytest.raises(NotFoundError):
            self.read(crm, record_id)
        with pytest.raises(NotFoundError):
            crm.connect().send(self.update(crm, record_id, values={"industry": "Chemicals"}))
        assert crm.connect().read_many(object_type=crm.object_type, record_ids=[record_id], fields=["name"]) == {}

    # Telling

    def test_history_is_newest_first_and_names_who(self, crm: ContractCrm) -> None:
        if not self.KEEPS_VALUES_OF_CHANGES:
            pytest.skip("this CRM keeps no values of changes")
        record_id = crm.make(name="Umicore")
        operation = self.update(crm, record_id, values={"industry": "Chemicals"})
        crm.connect().send(operation)
        crm.edit_as_human(record_id, industry="Software")

        newest, first = crm.connect().history(object_type=crm.object_type, record_id=record_id, fields=["industry"])

        assert (newest.before, newest.after) == ("Chemicals", "Software")
        assert (first.before, first.after, first.actor) == (None, "Chemicals", crm.writer_of(operation))
        assert first.operation_key == operation.operation_key
        assert newest.operation_key == ""
        assert newest.at >= first.at

    def test_tells_the_newest_change_of_each_field_of_many_records(self, crm: ContractCrm) -> None:
        if not self.KEEPS_VALUES_OF_CHANGES:
            pytest.skip("this CRM keeps no values of changes")
        record_id, other = crm.make(name="Umicore"), crm.make(name="Solvay")
        crm.connect().send(self.update(crm, record_id, values={"industry": "Chemicals"}))
        crm.edit_as_human(record_id, industry="Software")

        found = crm.connect().last_changes(
            object_type=crm.object_type, record_ids=[record_id, other, "999999"], fields=["industry", "name"]
        )

        newest = {entry.field: entry.after for entry in found[record_id]}
        assert newest == {"industry": "Software", "name": "Umicore"}
        assert [entry.field for entry in found[other]] == ["name"]
        assert "999999" not in found

    def test_describes_typed_fields(self, crm: ContractCrm) -> None:
        schema = crm.connect().describe()

        (described,) = (item for item in schema.objects if item.name == crm.object_type)
        fields = {field.name.casefold(): field for field in described.fields}
        assert fields["numberofemployees"].type == FieldType.INTEGER
        assert fields["industry"].type == FieldType.PICKLIST
        assert "Chemicals" in fields["industry"].options
        known_types = {item.value for item in FieldType}
        assert {field.type for item in schema.objects for field in item.fields} <= known_types

    def test_is_healthy(self, crm: ContractCrm) -> None:
        crm.connect().health()
