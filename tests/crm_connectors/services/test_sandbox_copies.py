"""Chosen records are copied into an embedded sandbox without anybody's personal data, and nowhere else (SBX-02)."""

import json
import socket
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmField, CrmFieldChange, CrmObject, CrmRecord, SandboxCopy
from crm_connectors.port import TransientError
from crm_connectors.services import sandbox_filling
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.embedded_edit import add_record
from crm_connectors.services.embedded_schema import install_embedded_schema
from crm_connectors.services.sandbox_copies import Chosen, SandboxCopyError, start_copy, stop_copy
from crm_connectors.services.sandbox_filling import work_on_copies
from crm_connectors.services.schema_sync import sync_schema
from governance.models import Connection, RegisteredField, User
from governance.selectors.access import NotAllowedError
from tests.builders.crm_connectors import make_operation, make_record
from tests.builders.governance import allow, make_connection, make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = ("Zebulon", "Quux", "zebulon", "quux", "5559871234", "987-1234", "9871234", "城市人", "Ödön", "7301014999")
"""Whatever of the originals must not be found in the sandbox."""


class House:
    """A workspace with a production connection, a sandbox, and somebody who may set up CRMs."""

    def __init__(self) -> None:
        self.workspace = make_workspace()
        self.person = make_person("Ann Admin")
        self.user: User = make_user(self.person)
        allow(self.user, self.workspace, "manage_agents")
        self.source = make_connection(self.workspace, "crm", environment="production")
        self.target = make_connection(self.workspace, "shadow", environment="sandbox")
        for connection in (self.source, self.target):
            install_embedded_schema(connection_id=connection.pk, now=get_now())
        contacts = CrmObject.objects.get(connection=self.source, name="contacts")
        for name, field_type, options in (
            ("manager", "picklist", [["Zebulon Quux", "Zebulon Quux"]]),
            ("memo", "text", []),
            ("号码", "string", []),
            ("points", "integer", []),
            ("tickets", "integer", []),
        ):
            CrmField.objects.create(crm_object=contacts, name=name, label=name, field_type=field_type, options=options)
        sync_schema(connection_id=self.source.pk, now=get_now())
        fields = RegisteredField.objects.filter(connection=self.source)
        fields.update(review_state="reviewed", classification="enrichment")
        fields.filter(name="points").update(classification="unclassified")

    def fill(self, count: int = 1) -> list[str]:
        return [self._make(number) for number in range(count)]

    def _make(self, number: int) -> str:
        values: dict[str, Any] = {
            "firstname": "Zebulon",
            "lastname": f"Quux {number} 城市人",
            "email": f"zebulon.{number}@quux.example",
            "phone": "+1 415 555 987-1234",
            "jobtitle": "Ödön's chief, ring 9871234",
            "manager": "Zebulon Quux",
            "memo": f"Zebulon said: mail zebulon@quux.example or ring (555) 987-1234, case {number}",
            "号码": "zebulon@quux.example 5559871234",
            "points": 7301014999,
            "tickets": 4,
        }
        return make_record(self.source.pk, "contacts", **values)

    def start(self, **changes: Any) -> SandboxCopy:
        told = {"source_id": self.source.pk, "target_id": self.target.pk, "user_id": self.user.pk}
        chosen = Chosen(**{"object_type": "contacts", **changes})
        return SandboxCopy.objects.get(pk=start_copy(chosen=chosen, now=get_now(), **told))

    def copies(self) -> list[CrmRecord]:
        rows = CrmRecord.objects.filter(crm_object__connection=self.target, crm_object__name="contacts")
        return list(rows.order_by("number"))


@pytest.fixture
def house() -> House:
    return House()


def work() -> int:
    turns = 0
    while work_on_copies():
        turns += 1
    return turns


def everything_of(house: House) -> str:
    """Every column of every row of ours but the source's own, as text."""
    found = []
    source_records = set(CrmRecord.objects.filter(crm_object__connection=house.source).values_list("pk", flat=True))
    for model in apps.get_app_config("crm_connectors").get_models():
        if model._meta.proxy:
            continue
        for row in model._default_manager.values():
            of_source = house.source.pk in (row.get("connection_id"),) or row.get("record_id") in source_records
            if model is CrmRecord and row["id"] in source_records:
                continue
            if model is CrmField and CrmObject.objects.get(pk=row["crm_object_id"]).connection_id == house.source.pk:
                continue
            if model is CrmFieldChange and row["record_id"] in source_records:
                continue
            if not of_source or model is SandboxCopy:
                found.append(json.dumps(row, default=str, ensure_ascii=False))
    return "\n".join(found)


def test_copies_hold_nothing_of_anybody(house: House) -> None:
    """SBX-02: personal data in names, addresses, free text, picklists, counts, unicode fields: all columns scanned."""
    house.fill(3)
    house.start()
    work()

    copies = house.copies()
    assert len(copies) == 3
    text = everything_of(house)
    assert "example.com" in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert {record.values["tickets"] for record in copies} == {4}, "business stays"
    assert all("points" not in record.values and "memo" not in record.values for record in copies)
    assert all(record.values["email"].endswith(".example.com") for record in copies)
    assert len({record.values["email"] for record in copies}) == 3
    assert len({record.values["firstname"] for record in copies}) == 1, "the same name bears the same mask"


def test_the_ledger_says_who_copied_how_many_and_no_value(house: House) -> None:
    house.fill(2)
    row = house.start(filters={"firstname": "Zebulon"})
    work()
    events = [bytes(event.body).decode() for event in LedgerEvent.objects.filter(type__startswith="sandbox_copy.")]
    assert [json.loads(event)["type"] for event in events] == ["sandbox_copy.started", "sandbox_copy.ended"]
    assert json.loads(events[0])["actor"]["id"] == str(house.person.pk)
    assert json.loads(events[1])["data"]["copied"] == 2
    assert not [secret for secret in SECRETS for event in events if secret in event]
    row.refresh_from_db()
    assert (row.state, row.filters, row.record_ids, row.after) == ("done", {}, [], "")


@pytest.mark.parametrize("changes", [{"environment": "production"}, {"kind": "hubspot"}, {"is_active": False}])
def test_nothing_but_an_embedded_sandbox_is_filled(house: House, changes: dict[str, Any]) -> None:
    """By type and by environment: asked when it starts, and again before each page."""
    house.fill(1)
    before = CrmRecord.objects.count()
    Connection.objects.filter(pk=house.target.pk).update(**changes)
    with pytest.raises(SandboxCopyError):
        house.start()
    Connection.objects.filter(pk=house.target.pk).update(environment="sandbox", kind="embedded", is_active=True)
    row = house.start()
    Connection.objects.filter(pk=house.target.pk).update(**changes)
    work()
    row.refresh_from_db()
    assert (row.state, row.problem_code) == ("failed", "sandbox_copy_refused")
    assert CrmRecord.objects.count() == before


def test_a_target_that_turns_into_production_while_a_page_is_read_gets_none_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.fill(1)
    row = house.start()
    reading = sandbox_filling.get_connector

    def turning(*args: Any, **more: Any) -> Any:
        Connection.objects.filter(pk=house.target.pk).update(environment="production")
        return reading(*args, **more)

    monkeypatch.setattr(sandbox_filling, "get_connector", turning)
    work()
    row.refresh_from_db()
    assert row.state == "failed"
    assert house.copies() == []


def test_another_workspaces_sandbox_and_the_source_itself_are_refused(house: House) -> None:
    elsewhere = make_connection(make_workspace("elsewhere"), "shadow", environment="sandbox")
    for target in (elsewhere, house.source):
        house.target = target
        with pytest.raises(SandboxCopyError):
            house.start()


def test_who_may_not_set_up_crms_copies_and_stops_nothing(house: House) -> None:
    row = house.start()
    stranger = make_user(make_person("Sue Stranger"))
    allow(stranger, house.workspace, "view_requests", "edit_policy", "review_requests")
    with pytest.raises(NotAllowedError):
        stop_copy(copy_id=row.pk, user_id=stranger.pk, now=get_now())
    house.user = stranger
    with pytest.raises(NotAllowedError):
        house.start()


@pytest.mark.parametrize(
    "chosen",
    [
        {"most": 0},
        {"most": 5_001},
        {"object_type": "nothing"},
        {"filters": {"nothing": 1}},
        {"filters": {"firstname": "x"}, "record_ids": ["1"]},
    ],
)
def test_what_cannot_be_chosen_is_refused(house: House, chosen: dict[str, Any]) -> None:
    with pytest.raises(SandboxCopyError):
        house.start(**chosen)


def test_page_by_page_up_to_the_limit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_filling, "PAGE", 2)
    ids = house.fill(5)
    row = house.start(most=3)
    assert work() == 2
    row.refresh_from_db()
    assert (row.state, row.seen_count, row.copied_count) == ("done", 3, 3)
    row = house.start(record_ids=[ids[0], "999999", ids[4]])
    work()
    row.refresh_from_db()
    assert (row.state, row.seen_count, row.copied_count) == ("done", 3, 2)
    assert len(house.copies()) == 5


def test_a_worker_that_dies_leaves_whole_pages_and_the_next_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CRM that does not answer is the same: it waits, and nothing is copied twice."""
    monkeypatch.setattr(sandbox_filling, "PAGE", 2)
    house.fill(4)
    row = house.start()
    reading = sandbox_filling.get_connector

    def failing(*args: Any, **more: Any) -> Any:
        raise TransientError("not now")

    assert work_on_copies()
    monkeypatch.setattr(sandbox_filling, "get_connector", failing)
    assert work_on_copies()
    row.refresh_from_db()
    assert (row.state, row.copied_count, row.problem_code) == ("working", 2, "connector_transient")
    monkeypatch.setattr(sandbox_filling, "get_connector", reading)
    assert work() == 0, "a minute later"
    SandboxCopy.objects.update(not_before=get_now())
    work()
    row.refresh_from_db()
    assert (row.state, row.copied_count) == ("done", 4)
    assert len(house.copies()) == 4


def test_what_was_stopped_goes_on_no_more(house: House) -> None:
    house.fill(1)
    row = house.start()
    stop_copy(copy_id=row.pk, user_id=house.user.pk, now=get_now())
    assert work() == 0
    assert house.copies() == []
    with pytest.raises(SandboxCopyError):
        stop_copy(copy_id=row.pk, user_id=house.user.pk, now=get_now())


def test_an_object_that_the_sandbox_lacks_is_made_like_the_source(house: House) -> None:
    made = CrmObject.objects.create(
        connection=house.source, name="partners", label="Partners", title_field="name", created_at=get_now()
    )
    for name, field_type in (("name", "string"), ("tier", "picklist")):
        options = [["Gold Quux", "Gold"]] if field_type == "picklist" else []
        CrmField.objects.create(crm_object=made, name=name, label=name, field_type=field_type, options=options)
    sync_schema(connection_id=house.source.pk, now=get_now())
    add_record(
        connection_id=house.source.pk,
        object_type="partners",
        values={"name": "Quux Partner", "tier": "Gold Quux"},
        actor="human:builder",
        now=get_now(),
    )
    house.start(object_type="partners")
    work()
    copy = CrmRecord.objects.get(crm_object__connection=house.target, crm_object__name="partners")
    assert copy.title.startswith("Masked ")
    assert copy.values["tier"].startswith("x")
    assert CrmField.objects.get(crm_object=copy.crm_object, name="tier").options == []


def test_what_a_sandbox_sends_opens_no_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """SBX-02: an e-mail to a copied contact becomes a file beside the database; no name is looked up."""
    house.fill(1)
    house.start()
    work()
    address = house.copies()[0].values["email"]
    tried = []

    def refuse(*args: Any, **more: Any) -> Any:
        tried.append(args)
        raise OSError("nothing leaves")

    connecting = socket.socket.connect
    local = (socket.AF_UNIX,)
    monkeypatch.setattr(
        socket.socket,
        "connect",
        lambda self, to: connecting(self, to) if self.family in local else refuse(to),
    )
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    receipt = get_connector(house.target.pk).send(
        make_operation(None, verb="create", object_type="emails", values={"to": address, "subject": "Hi", "body": "Hi"})
    )
    assert receipt.record_id
    assert tried == []


def test_the_command_copies_and_refuses(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.fill(3)
    told = (house.workspace.slug, "crm", "shadow", "contacts")
    call_command("copy_to_sandbox", *told, "--limit", "2", "--by", house.user.username)
    assert "2 of 2 records were copied." in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("copy_to_sandbox", house.workspace.slug, "shadow", "crm", "contacts", "--by", house.user.username)
    stranger = make_user(make_person("Sue Stranger"))
    with pytest.raises(CommandError):
        call_command("copy_to_sandbox", *told, "--by", stranger.username)


def test_the_table_itself_keeps_whom_an_ended_copy_spoke_of_out(house: House) -> None:
    row = house.start(record_ids=["101"])
    with pytest.raises(IntegrityError), transaction.atomic():
        SandboxCopy.objects.filter(pk=row.pk).update(state="done")
