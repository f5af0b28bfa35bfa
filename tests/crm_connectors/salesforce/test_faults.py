"""What goes wrong at Salesforce, typed, with the org's journal as witness (EXE-01, EXE-03, CON-02)."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.port import (
    AloneError,
    AmbiguousError,
    AuthError,
    BatchSender,
    ConflictError,
    Connector,
    ConnectorError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)
from crm_connectors.simulators.faults import Fault
from crm_connectors.simulators.salesforce.definition import Value
from crm_connectors.simulators.salesforce.org import DuplicateRule, ValidationRule
from crm_connectors.simulators.salesforce.saving import Save
from crm_connectors.simulators.salesforce.schema import KEY_FIELD, OBJECTS
from crm_connectors.simulators.salesforce.seed import PERSON, RUN_AS
from tests.builders.crm_connectors import make_operation
from tests.builders.salesforce import SalesforceServer, connect

CANARY = "canary-3141592653"


@pytest.fixture
def connector(server: SalesforceServer) -> Connector:
    return connect(server)


@pytest.fixture
def keyless(server: SalesforceServer) -> Connector:
    """A connection to an org whose admin made no field for our keys."""
    return connect(server, key_field="")


def update(record_id: str, object_type: str = "Account", **changes: Any) -> Operation:
    return make_operation(record_id, "update", object_type, **{"values": {"Industry": "Chemicals"}, **changes})


def hide(server: SalesforceServer, *names: str) -> None:
    """Field-level security takes these fields from us."""
    server.org.users[RUN_AS] = replace(server.org.users[RUN_AS], hidden=frozenset(names))


def seen(connector: Connector, record_id: str, object_type: str = "Account") -> str:
    return connector.read(object_type=object_type, record_id=record_id, fields=["OwnerId"]).version


# The write that nobody can tell about


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER])
def test_applied_and_unanswered_is_found_and_not_repeated(
    server: SalesforceServer, connector: Connector, fault: Fault
) -> None:
    record_id = server.make()
    operation = update(record_id, version=seen(connector, record_id))
    server.org.faults.plan(fault, method="PATCH")

    with pytest.raises(AmbiguousError):
        connector.send(operation)

    found = connector.find_operation(operation)
    assert found is not None
    again = connector.send(operation)  # what must never harm, were it to happen
    assert again.is_repeat
    assert len(server.applied(record_id)) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.ERROR_BEFORE, Fault.GATEWAY_BEFORE])
def test_unanswered_and_not_applied_is_told_as_not_applied(
    server: SalesforceServer, connector: Connector, fault: Fault
) -> None:
    record_id = server.make()
    operation = update(record_id, version=seen(connector, record_id))
    server.org.faults.plan(fault, method="PATCH")

    with pytest.raises(AmbiguousError):
        connector.send(operation)

    assert connector.find_operation(operation) is None
    connector.send(operation)
    assert len(server.applied(record_id)) == 1


def test_a_slow_answer_is_unknown(server: SalesforceServer) -> None:
    connector = connect(server, read_seconds=0.3, total_seconds=0.5)
    record_id = server.make()
    operation = update(record_id, version=seen(connector, record_id))
    server.org.faults.plan(method="PATCH", latency=1.5)
    with pytest.raises(AmbiguousError):
        connector.send(operation)


def test_a_record_made_and_unanswered_is_found_by_its_key(server: SalesforceServer, connector: Connector) -> None:
    operation = make_operation(None, "create", "Lead", values={"LastName": "Novak", "Company": "Umicore"})
    server.org.faults.plan(Fault.DROP_AFTER, method="POST", path_part="/sobjects/Lead")
    with pytest.raises(AmbiguousError):
        connector.send(operation)

    found = connector.find_operation(operation)
    assert found is not None
    again = connector.send(operation)
    assert (again.record_id, again.is_repeat) == (found.record_id, True)
    assert len(server.org.rows["Lead"]) == 1


def test_a_repeated_create_keeps_what_people_changed_since(server: SalesforceServer, connector: Connector) -> None:
    operation = make_operation(None, "create", "Lead", values={"LastName": "Novak", "Company": "Umicore"})
    record_id = connector.send(operation).record_id
    server.edit(record_id, Company="Solvay")
    assert connector.send(operation).is_repeat
    assert server.values(record_id)["Company"] == "Solvay"
    server.remove(record_id)
    found = connector.find_operation(operation)
    assert found is not None  # it was made; that somebody deleted it since makes no second one
    assert found.record_id == record_id


def test_a_record_made_without_a_key_is_class_c_and_cannot_be_told(
    server: SalesforceServer, keyless: Connector
) -> None:
    operation = make_operation(None, "create", "Lead", values={"LastName": "Novak", "Company": "Umicore"})
    assert keyless.guarantee(operation) is Guarantee.AT_MOST_ONCE
    server.org.faults.plan(Fault.DROP_AFTER, method="POST", path_part="/sobjects/Lead")
    with pytest.raises(AmbiguousError):
        keyless.send(operation)
    with pytest.raises(AmbiguousError):
        keyless.find_operation(operation)


def test_without_a_key_a_change_is_found_by_reading_back(server: SalesforceServer, keyless: Connector) -> None:
    record_id = server.make(Industry="Software")
    version = seen(keyless, record_id)
    operation = update(record_id, version=version, before={"Industry": "Software"})
    assert keyless.find_operation(operation) is None
    server.org.faults.plan(Fault.DROP_AFTER, method="PATCH")
    with pytest.raises(AmbiguousError):
        keyless.send(operation)
    assert keyless.find_operation(operation) is not None
    server.edit(record_id, Industry="Retail")  # a person, since: neither the old value nor ours
    with pytest.raises(AmbiguousError):
        keyless.find_operation(operation)


@pytest.mark.parametrize(("is_tracked", "is_same_field"), [(True, True), (True, False), (False, False)])
def test_a_change_is_found_under_the_key_of_a_later_one(
    server: SalesforceServer, connector: Connector, is_tracked: bool, is_same_field: bool
) -> None:
    """EXE-03: what came after proves nothing against what came before: the history tells, else the values."""
    record_id = server.make(Industry="Software")
    if not is_tracked:
        server.org.untracked.add(f"Account.{KEY_FIELD}")
    first = update(record_id, version=seen(connector, record_id), before={"Industry": "Software"})
    server.org.faults.plan(Fault.DROP_AFTER, method="PATCH")
    with pytest.raises(AmbiguousError):
        connector.send(first)
    server.org.let_pass(1)
    values = {"Industry": "Retail"} if is_same_field else {"Phone": "1"}
    connector.send(update(record_id, version=seen(connector, record_id), values=values))

    found = connector.find_operation(first)
    assert found is not None
    assert found.record_id == record_id
    assert len(server.applied(record_id)) == 2


@pytest.mark.parametrize("is_tracked", [True, False])
def test_a_change_that_never_came_is_told_under_the_key_of_a_later_one(
    server: SalesforceServer, connector: Connector, is_tracked: bool
) -> None:
    record_id = server.make(Industry="Software")
    if not is_tracked:
        server.org.untracked.add(f"Account.{KEY_FIELD}")
    first = update(record_id, version=seen(connector, record_id), before={"Industry": "Software"})
    connector.send(update(record_id, version=seen(connector, record_id), values={"Phone": "1"}))
    assert connector.find_operation(first) is None
    with pytest.raises(ConflictError):
        connector.send(first)

    server.edit(record_id, Industry="Retail")
    if is_tracked:
        assert connector.find_operation(first) is None
    else:
        with pytest.raises(AmbiguousError):  # neither what was there nor what was sent: it may have been in between
            connector.find_operation(first)
    with pytest.raises(ConflictError):  # of this very call it is known that it changed nothing
        connector.send(first)


def test_without_values_to_compare_an_untracked_key_tells_nothing(
    server: SalesforceServer, connector: Connector
) -> None:
    record_id = server.make()
    server.org.untracked.add(f"Account.{KEY_FIELD}")
    first = update(record_id, version=seen(connector, record_id))
    connector.send(update(record_id, version=seen(connector, record_id), values={"Industry": "Retail"}))
    with pytest.raises(AmbiguousError):
        connector.find_operation(first)


# Provably not applied


@pytest.mark.parametrize(
    ("fault", "error", "wait"),
    [
        (Fault.LIMITED, LimitedError, 900.0),
        (Fault.LIMITED_BRIEFLY, LimitedError, 5.0),
        (Fault.LOCKED, TransientError, 2.0),
    ],
)
def test_limits_and_locks_are_worth_another_try_later(
    server: SalesforceServer, connector: Connector, fault: Fault, error: type[TransientError], wait: float
) -> None:
    record_id = server.make()
    operation = update(record_id, version=seen(connector, record_id))
    server.org.faults.plan(fault, method="PATCH")
    with pytest.raises(error) as caught:
        connector.send(operation)
    assert caught.value.retry_after_seconds == wait
    assert server.applied(record_id) == []
    connector.send(operation)
    assert len(server.applied(record_id)) == 1


def test_the_rest_of_the_days_calls_is_left_to_others(server: SalesforceServer) -> None:
    """Whichever way the org spells its header; the app's own figures are others."""
    for turn in range(3):
        server.org.used_requests, server.org.daily_requests, server.org.limit_info = 88, 100, turn
        connector = connect(server, spare_percent=10)
        connector.health()  # 89 used
        connector.health()  # 90 used
        with pytest.raises(LimitedError) as caught:
            connector.health()
        assert 0 < (caught.value.retry_after_seconds or 0) <= 900
        assert server.org.used_requests == 90
        connect(server, spare_percent=5).health()


def test_the_last_call_of_the_day_is_told_by_health(server: SalesforceServer, connector: Connector) -> None:
    connector.health()
    server.org.daily_requests = server.org.used_requests + 1
    with pytest.raises(LimitedError):
        connector.health()
    with pytest.raises(LimitedError):
        connector.health()


def test_an_ended_session_is_renewed_once(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make()
    version = seen(connector, record_id)
    issued = server.simulator.tokens.issued
    server.org.faults.plan(Fault.SESSION_ENDED, method="PATCH")
    connector.send(update(record_id, version=version))
    assert server.simulator.tokens.issued == issued + 1
    assert len(server.applied(record_id)) == 1

    server.org.faults.plan(Fault.SESSION_ENDED, method="GET", times=2)
    with pytest.raises(AuthError):
        connector.read(object_type="Account", record_id=record_id, fields=["Name"])


def test_a_vanished_record_is_not_found(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make()
    version = seen(connector, record_id)
    server.remove(record_id)
    with pytest.raises(NotFoundError):
        connector.send(update(record_id, version=version))
    with pytest.raises(NotFoundError):
        connector.send(make_operation(record_id, "archive", "Account"))


@pytest.mark.parametrize("is_blocking", [True, False])
def test_a_duplicate_rule_asks_for_a_person(server: SalesforceServer, connector: Connector, is_blocking: bool) -> None:
    server.make("Contact", Email=f"{CANARY}@umicore.example")
    server.org.duplicate_rules.append(
        DuplicateRule(object="Contact", field="Email", name="Same_Email", is_blocking=is_blocking)
    )
    operation = make_operation(
        None, "create", "Contact", values={"LastName": "Novak", "Email": f"{CANARY}@umicore.example"}
    )
    with pytest.raises(RejectedError, match=r"DUPLICATES_DETECTED.*Same_Email") as caught:
        connector.send(operation)
    assert CANARY not in str(caught.value)
    assert len(server.org.rows["Contact"]) == 1
    assert connector.find_operation(operation) is None


def test_a_value_that_another_record_holds_is_refused(server: SalesforceServer, connector: Connector) -> None:
    server.make(**{KEY_FIELD: "taken"})
    operation = make_operation(None, "create", "Account", values={"Name": "Twin"}, operation_key="taken")
    assert connector.send(operation).is_repeat  # it carries our key: it is what this very operation made


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"Industry": CANARY}, "Industry"),
        ({"NumberOfEmployees": CANARY}, ""),
        ({"OwnerId": "005SIM0000ZZZZZ"}, "OwnerId"),
        ({"Name": None}, "Name"),
        ({"LastActivityDate": "2026-01-01"}, "LastActivityDate"),
        ({"Warp__c": CANARY}, "Warp__c"),
        ({"Phone": [CANARY]}, "Phone"),
        ({"Phone": CANARY * 10}, "Phone"),
    ],
)
def test_refusals_name_the_field_and_never_the_value(
    server: SalesforceServer, connector: Connector, values: dict[str, Any], field: str
) -> None:
    record_id = server.make()
    with pytest.raises(RejectedError) as caught:
        connector.send(update(record_id, values=values))
    assert CANARY not in str(caught.value) + str(caught.value.errors)
    assert field in str(caught.value)
    assert set(caught.value.errors) == ({field} if field else set())
    assert server.applied() == []


def test_a_validation_rules_words_are_not_passed_on(server: SalesforceServer, connector: Connector) -> None:
    def refuses(values: Any) -> bool:
        return values["Phone"] == "1"

    server.org.validation_rules.append(
        ValidationRule(object="Account", message=f"{CANARY} is not allowed", field="Phone", refuses=refuses)
    )
    with pytest.raises(RejectedError, match="FIELD_CUSTOM_VALIDATION_EXCEPTION on Phone") as caught:
        connector.send(update(server.make(), values={"Phone": "1"}))
    assert CANARY not in str(caught.value)


# Many at once


def updates(server: SalesforceServer, connector: Connector, count: int) -> list[Operation]:
    ids = [server.make(NumberOfEmployees=1) for _ in range(count)]
    records = connector.read_many(object_type="Account", record_ids=ids, fields=["Name"])
    return [update(record_id, version=records[record_id].version) for record_id in ids]


def writes(calls: list[tuple[str, str]]) -> int:
    """Of these calls, those that change something."""
    return sum(
        method in ("PATCH", "DELETE") or (method, path[-10:]) == ("POST", "/composite") for method, path in calls
    )


def test_many_changes_take_few_calls(server: SalesforceServer) -> None:
    connector = connect(server)
    assert isinstance(connector, BatchSender)
    operations = updates(server, connector, connector.batch_size)
    connector.describe()
    used = server.org.used_requests
    met = connector.send_many(operations)
    assert all(isinstance(outcome, Receipt) and not outcome.is_repeat for outcome in met.values())
    assert server.org.used_requests - used == 3  # one to compare, one of 25 changes, one for the stamps
    assert len(server.applied()) == 25

    again = connector.send_many(operations)
    assert all(isinstance(outcome, Receipt) and outcome.is_repeat for outcome in again.values())
    assert len(server.applied()) == 25


def test_what_goes_in_no_call_with_others_is_sent_by_nobody(server: SalesforceServer) -> None:
    """Invariant 5: behind gates that were passed for one call there is one; a stop meanwhile finds no second."""
    connector = connect(server)
    assert isinstance(connector, BatchSender)
    changes = updates(server, connector, 26)
    others = [
        make_operation(server.make(), "archive", "Account"),
        make_operation(None, "create", "Account", values={"Name": "New"}),
        update(server.make("Contact"), "Contact", values={"Title": "CFO"}),
    ]
    connector.describe()
    with server.counting() as calls:
        met = connector.send_many([*others[:2], *changes, others[2]])
    assert writes(calls) == 1
    assert [type(met[one.operation_key]) for one in changes] == [Receipt] * 25 + [AloneError]
    assert [type(met[one.operation_key]) for one in others] == [AloneError] * 3
    assert len(server.applied()) == 25

    with server.counting() as calls:
        assert all(isinstance(outcome, AloneError) for outcome in connector.send_many(others[:2]).values())
    assert writes(calls) == 0
    for operation in others:
        assert not connector.send(operation).is_repeat


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.ERROR_BEFORE, TransientError), (Fault.LIMITED, LimitedError), (None, AloneError)]
)
def test_what_cannot_be_compared_is_not_sent(
    server: SalesforceServer, fault: Fault | None, error: type[TransientError]
) -> None:
    """Invariant 5: nor one by one. One that names a field which is no more keeps no other back for good."""
    connector = connect(server)
    assert isinstance(connector, BatchSender)
    operations = updates(server, connector, 3)
    connector.describe()
    if fault is None:
        hide(server, "Account.Phone")
        operations[0] = msgspec.structs.replace(operations[0], before={"Phone": "1"})
    else:
        server.org.faults.plan(fault, method="POST", path_part="/composite/sobjects/")
    with server.counting() as calls:
        met = connector.send_many(operations)
    assert [type(outcome) for outcome in met.values()] == [error] * 3
    assert (writes(calls), server.applied()) == (0, [])


def test_an_unanswered_call_leaves_its_changes_unknown(server: SalesforceServer) -> None:
    connector = connect(server)
    assert isinstance(connector, BatchSender)
    operations = updates(server, connector, 3)
    server.org.faults.plan(method="POST", path_part="/composite/sobjects/")  # the comparison passes
    server.org.faults.plan(Fault.DROP_AFTER, method="POST", path_part="/composite")
    met = connector.send_many(operations)
    assert [type(outcome) for outcome in met.values()] == [AmbiguousError] * 3
    assert all(connector.find_operation(one) is not None for one in operations)
    assert len(server.applied()) == 3


@pytest.mark.parametrize(("fault", "error"), [(Fault.LIMITED, LimitedError), (Fault.LOCKED, TransientError)])
def test_a_call_that_was_held_back_leaves_its_changes_for_later(
    server: SalesforceServer, fault: Fault, error: type[TransientError]
) -> None:
    connector = connect(server)
    assert isinstance(connector, BatchSender)
    operations = updates(server, connector, 3)
    server.org.faults.plan(method="POST", path_part="/composite/sobjects/")
    server.org.faults.plan(fault, method="POST", path_part="/composite")
    met = connector.send_many(operations)
    assert [type(outcome) for outcome in met.values()] == [error] * 3
    assert server.applied() == []


def test_every_part_has_its_own_condition(server: SalesforceServer, connector: Connector) -> None:
    (operation,) = updates(server, connector, 1)
    assert operation.record_id is not None
    writer = connector._writer("Account")
    part = writer._prepare(operation, writer._read([operation])[operation.record_id])
    server.edit(operation.record_id, Phone="1")  # after the comparison, before the call
    met = writer._send([(operation, part)])
    assert isinstance(met[operation.operation_key], ConflictError)
    assert part["httpHeaders"]["Sforce-Auto-Assign"] == "FALSE"
    assert server.applied() == []


# What the org keeps to itself


def test_a_hidden_field_does_not_exist_for_us(server: SalesforceServer) -> None:
    record_id = server.make("Contact", HasOptedOutOfEmail=True)
    user = server.org.users[RUN_AS]
    server.org.users[RUN_AS] = replace(
        user, hidden=frozenset({"Contact.HasOptedOutOfEmail"}), read_only=frozenset({"Contact.Title"})
    )
    connector = connect(server)
    (contact,) = (item for item in connector.describe().objects if item.name == "Contact")
    fields = {field.name: field for field in contact.fields}
    assert "HasOptedOutOfEmail" not in fields  # unknown, and never taken for «may be written to»
    assert fields["Title"].is_read_only
    with pytest.raises(NotFoundError):
        connector.read(object_type="Contact", record_id=record_id, fields=["HasOptedOutOfEmail"])
    with pytest.raises(RejectedError):
        connector.send(update(record_id, "Contact", values={"HasOptedOutOfEmail": False}))
    with pytest.raises(RejectedError):
        connector.send(update(record_id, "Contact", values={"Title": "CFO"}))
    assert server.applied() == []


def test_an_edit_does_not_change_the_owner(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make("Lead")
    owner = server.values(record_id)["OwnerId"]
    server.org.assigns["Lead"] = server.org.users["ben.okafor@example.com"].id
    connector.send(update(record_id, "Lead", values={"Title": "CFO"}))
    assert server.values(record_id)["OwnerId"] == owner


def test_an_ignored_amount_is_seen_by_reading_back(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make("Opportunity", Amount=1000)
    server.make("OpportunityLineItem", OpportunityId=record_id, Quantity=1)
    connector.send(update(record_id, "Opportunity", values={"Amount": 5}))  # the CRM answers success
    assert connector.read(object_type="Opportunity", record_id=record_id, fields=["Amount"]).values == {"Amount": 1000}


def test_a_task_belongs_to_its_record(server: SalesforceServer, connector: Connector) -> None:
    account, lead = server.make(), server.make("Lead")
    for target, record_id, field in (("Account", account, "WhatId"), ("Lead", lead, "WhoId")):
        operation = make_operation(None, "create", "Task", values={"Subject": "Call"}, association=(target, record_id))
        assert server.values(connector.send(operation).record_id)[field] == record_id
    with pytest.raises(RejectedError):
        connector.send(
            make_operation(None, "create", "Task", values={"Subject": "Call"}, association=("Task", account))
        )


def test_an_archived_record_is_found_in_the_bin(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make()
    operation = make_operation(record_id, "archive", "Account", version=seen(connector, record_id))
    assert connector.find_operation(operation) is None
    server.org.faults.plan(Fault.DROP_AFTER, method="DELETE")
    with pytest.raises(AmbiguousError):
        connector.send(operation)
    assert connector.find_operation(operation) is not None
    assert server.applied(record_id) == [("delete", {})]

    edited = server.make()
    stale = make_operation(edited, "archive", "Account", version=seen(connector, edited))
    assert connector.guarantee(stale) is Guarantee.IDEMPOTENT_SET
    server.edit(edited, Phone="1")
    with pytest.raises(ConflictError):
        connector.send(stale)
    assert server.applied(edited) == []


# What the stamps can tell, and what they cannot


def test_a_settled_version_is_exact_and_needs_no_comparison(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make(Industry="Software")
    server.org.let_pass(120)
    version = seen(connector, record_id)
    used = server.org.used_requests
    assert connector.guarantee(update(record_id, version=version)) is Guarantee.EXACTLY_ONCE

    with server.org.lock:  # a person, at once, no second later than we read
        row = server.org.find(record_id)
        assert row is not None
        Save(server.org, server.org.users[PERSON], OBJECTS["Account"]).update(row, {"Industry": "Retail"})
    with pytest.raises(ConflictError):
        connector.send(update(record_id, version=version))
    assert server.values(record_id)["Industry"] == "Retail"
    assert server.org.used_requests - used <= 3  # the refused write, whether it was ours, and the description


def test_a_fresh_version_is_compared_value_by_value(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make(Industry="Software")
    server.org.let_pass(0)
    version = seen(connector, record_id)
    row = server.org.find(record_id)
    assert row is not None
    hidden: dict[str, Value] = {**row.values, "Industry": "Retail"}  # in the very second of the stamp that we saw
    server.org.rows["Account"][record_id] = replace(row, values=hidden)
    with pytest.raises(ConflictError, match="Industry"):
        connector.send(update(record_id, version=version, before={"Industry": "Software"}))
    assert server.applied() == []


def test_a_change_without_a_version_is_class_b(server: SalesforceServer, connector: Connector) -> None:
    assert connector.guarantee(update(server.make())) is Guarantee.IDEMPOTENT_SET


@pytest.mark.parametrize(
    ("field", "refused", "kept"),
    [
        ("Name", " Umicore", "Umicore"),
        ("Description", "Two lines\n", " Two\nlines"),
        ("Industry", "chemicals", "Chemicals"),
        ("AnnualRevenue", 10.006, 10.01),
        ("AnnualRevenue", 1e-7, 12345678901.5),
        ("NumberOfEmployees", 1.5, 2),
        ("AI_Last_Action_At__c", "2026-11-21T02:00:00+01:00", "2026-11-21T01:00:00Z"),
        ("AI_Last_Action_At__c", "2026-11-21T01:00:00.5Z", "2026-11-21T01:00:00Z"),
        ("AI_Last_Action_At__c", "soon", None),
    ],
)
def test_what_would_come_back_otherwise_is_not_sent(
    server: SalesforceServer, connector: Connector, field: str, refused: Any, kept: Any
) -> None:
    record_id = server.make()
    with pytest.raises(RejectedError, match=field):
        connector.send(update(record_id, values={field: refused}))
    assert server.applied() == []
    connector.send(update(record_id, values={field: kept}))
    assert connector.read(object_type="Account", record_id=record_id, fields=[field]).values == {field: kept}


@pytest.mark.parametrize(
    ("field", "refused"),
    [("AccountId", 15), ("DoNotCall", None), ("CloseDate", "2027-01-31T00:00:00Z"), ("CloseDate", "20270131")],
)
def test_ids_booleans_and_dates_have_one_spelling(
    server: SalesforceServer, connector: Connector, field: str, refused: Any
) -> None:
    object_type = "Opportunity" if field == "CloseDate" else "Contact"
    value = server.make()[:15] if refused == 15 else refused
    with pytest.raises(RejectedError, match=field):
        connector.send(update(server.make(object_type), object_type, values={field: value}))
    assert server.applied() == []


@pytest.mark.parametrize(
    ("object_type", "before", "stored"),
    [
        ("Account", {"Name": "Umicore  "}, {"Name": "Umicore"}),
        ("Account", {"Industry": "chemicals"}, {"Industry": "Chemicals"}),
        ("Account", {"AnnualRevenue": 10.006}, {"AnnualRevenue": 10.01}),
        ("Opportunity", {"CloseDate": "2027-01-31T00:00:00Z"}, {"CloseDate": "2027-01-31"}),
        (
            "Account",
            {"AI_Last_Action_At__c": "2026-11-21T02:00:00.5+01:00"},
            {"AI_Last_Action_At__c": "2026-11-21T01:00:00Z"},
        ),
    ],
)
def test_what_salesforce_makes_of_values_is_no_change(
    server: SalesforceServer, connector: Connector, object_type: str, before: dict[str, Any], stored: dict[str, Any]
) -> None:
    record_id = server.make(object_type, **stored)
    text = {"Account": "Description", "Opportunity": "NextStep"}[object_type]
    connector.send(update(record_id, object_type, values={text: "x"}, before=before))
    other = {name: "2020-01-01T00:00:00Z" if "T" in str(value) else 7 for name, value in before.items()}
    with pytest.raises(ConflictError):
        connector.send(update(record_id, object_type, values={text: "y"}, before=other))


# History that is not there


def test_a_field_without_history_is_as_fresh_as_its_record(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make(Phone="1")
    untouched = server.make(Phone="1")
    server.org.let_pass(3600)
    server.edit(record_id, Website="https://umicore.example")
    found = connector.last_changes(
        object_type="Account", record_ids=[record_id, untouched], fields=["Phone", "Website", "Description"]
    )
    row = server.org.find(record_id)
    assert row is not None
    assert {(entry.field, entry.at) for entry in found[record_id]} == {
        (name, row.modified_at) for name in ("Phone", "Website", "Description")
    }
    assert [entry.field for entry in found[untouched]] == ["Phone"]


def test_history_that_cannot_be_read_is_an_error(server: SalesforceServer, connector: Connector) -> None:
    record_id = server.make()
    server.org.faults.plan(Fault.ERROR_BEFORE, method="GET", path_part="/query")
    with pytest.raises(ConnectorError):
        connector.last_changes(object_type="Account", record_ids=[record_id], fields=["Industry"])


def test_one_call_for_many_records(server: SalesforceServer, connector: Connector) -> None:
    ids = [server.make() for _ in range(20)]
    connector.describe()
    used = server.org.used_requests
    assert len(connector.read_many(object_type="Account", record_ids=ids, fields=["Name"])) == 20
    assert server.org.used_requests - used == 1
    assert len(connector.last_changes(object_type="Account", record_ids=ids, fields=["Name"])) == 20
    assert server.org.used_requests - used == 3
