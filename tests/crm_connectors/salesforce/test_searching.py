"""Searches find what is equal, whatever the value tries to be (CON-02, SEC-01)."""

from typing import Any

import pytest

from crm_connectors.port import Connector, NotFoundError, RejectedError
from tests.builders.salesforce import SalesforceServer, connect

HOSTILE = (
    "O'Brien & Co",
    "' OR Name != '",
    "\\' OR Name LIKE '%",
    "x\\",
    "%",
    "_",
    'double " quote',
    "line\nbreak\ttab\x0b",
    "null",
    "Ümlaut ＇ ʼ ’",
    "a') OR (Name = 'b",
    "x' LIMIT 1 --",
)


@pytest.fixture
def connector(server: SalesforceServer) -> Connector:
    return connect(server)


def found(connector: Connector, object_type: str = "Account", **filters: Any) -> list[str]:
    page = connector.search(object_type=object_type, filters=filters, fields=["Name"], limit=200, after="")
    assert page.after == ""
    return [record.id for record in page.records]


def test_hostile_values_are_values(server: SalesforceServer, connector: Connector) -> None:
    ids = {name: server.make(Name=name) for name in HOSTILE}
    server.make(Name="Bystander")
    for name in HOSTILE:
        assert found(connector, Name=server.values(ids[name])["Name"]) == [ids[name]], name
    assert found(connector, Name="' OR Name LIKE '%") == []


@pytest.mark.parametrize(
    "name", ["Name FROM Account WHERE", "Name) OR (Id", "Name,Phone", "", "Náme", "a.b", "x" * 100]
)
def test_hostile_names_are_no_names(server: SalesforceServer, connector: Connector, name: str) -> None:
    record_id = server.make()
    with pytest.raises(NotFoundError):
        connector.search(object_type="Account", filters={name: 1}, fields=["Name"], limit=5, after="")
    with pytest.raises(NotFoundError):
        connector.search(object_type="Account", filters={}, fields=[name], limit=5, after="")
    with pytest.raises(NotFoundError):
        connector.search(object_type=name, filters={}, fields=["Name"], limit=5, after="")
    with pytest.raises(NotFoundError):
        connector.read(object_type="Account", record_id=record_id, fields=[name])
    with pytest.raises(NotFoundError):
        connector.history(object_type="Account", record_id=record_id, fields=[name])
    assert server.applied() == []


@pytest.mark.parametrize("after", ["' OR Id != '", "1", "001SIM00000000!"])
def test_a_cursor_that_is_none_is_not_found(server: SalesforceServer, connector: Connector, after: str) -> None:
    with pytest.raises(NotFoundError):
        connector.search(object_type="Account", filters={}, fields=["Name"], limit=5, after=after)


def test_upper_and_lower_case_are_told_apart(server: SalesforceServer, connector: Connector) -> None:
    lower, upper = server.make(Name="umicore"), server.make(Name="UMICORE")
    assert found(connector, Name="umicore") == [lower]
    assert found(connector, Name="UMICORE") == [upper]


def test_every_type_has_its_literal(server: SalesforceServer, connector: Connector) -> None:
    account = server.make(
        NumberOfEmployees=220, AnnualRevenue=1.5, AI_Last_Action_At__c="2026-11-21T01:00:00Z", Industry="Retail"
    )
    contact = server.make("Contact", AccountId=account, DoNotCall=True)
    deal = server.make("Opportunity", CloseDate="2027-03-01")
    server.make("Contact")
    server.make()
    assert found(connector, NumberOfEmployees=220, AnnualRevenue=1.5, Industry="Retail") == [account]
    assert found(connector, AI_Last_Action_At__c="2026-11-21T02:00:00+01:00") == [account]
    assert found(connector, "Contact", AccountId=account, DoNotCall=True) == [contact]
    assert found(connector, "Opportunity", CloseDate="2027-03-01") == [deal]
    for value in ("2027-03-01 OR Id != null", ["2027-03-01"], {"a": 1}):
        with pytest.raises(RejectedError):
            found(connector, "Opportunity", CloseDate=value)
    with pytest.raises(RejectedError):
        found(connector, NumberOfEmployees=float("nan"))


def test_a_search_that_is_too_long_is_not_sent(server: SalesforceServer, connector: Connector) -> None:
    connector.describe()
    used = server.org.used_requests
    with pytest.raises(RejectedError):
        found(connector, Name="x" * 13_000)
    assert server.org.used_requests == used


def test_reads_many_however_many(server: SalesforceServer, connector: Connector) -> None:
    ids = [server.make("Task", Subject=str(number)) for number in range(1100)]
    used = server.org.used_requests
    records = connector.read_many(object_type="Task", record_ids=[*ids, ids[0][:15], "nobody"], fields=["Subject"])
    assert [records[record_id].values["Subject"] for record_id in ids] == [str(number) for number in range(1100)]
    assert records[ids[0][:15]].values == {"Subject": "0"}
    assert server.org.used_requests - used == 3
