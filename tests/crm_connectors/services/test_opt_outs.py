"""Opt-outs that HubSpot's webhooks tell of reach the do-not-contact list; nobody else's word does (DNC-04)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.test import Client
from django.urls import reverse

from approvals.models import ExceptionCase
from approvals.services.study import study
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.adapters.http_client import HttpClient
from crm_connectors.models import ConnectionEndpoint, ReceivedOptOut
from crm_connectors.services import gate
from crm_connectors.services.connecting import check_connection
from crm_connectors.services.opt_outs import LEASE, MAX_TRIES, HookRefusedError, receive_hubspot_news
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.simulators.hubspot.webhooks import sign_v3
from governance.models import Connection, DncEntry
from tests.builders.crm_connectors import make_embedded_connection
from tests.builders.exceptions import take_news
from tests.builders.governance import allow, make_person, make_user
from tests.doubles.hubspot_portal import ServedPortal, serving_portal

pytestmark = pytest.mark.django_db

SECRET = "of-the-app"
OPT_OUT = {"propertyName": "hs_email_optout", "propertyValue": "true", "subscriptionType": "contact.propertyChange"}


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


@pytest.fixture
def connection(served: ServedPortal, settings: Any) -> Connection:
    served.portal.clear()
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.PUBLIC_URL = "https://gov.example.com"
    gate._memories.clear()
    connection = Connection.objects.get(pk=make_embedded_connection())
    Connection.objects.filter(pk=connection.pk).update(kind="hubspot")
    told = {"base_url": served.url, "calls_per_10_seconds": 0, "portal_id": "62515"}
    ConnectionEndpoint.objects.create(connection=connection, settings=told)
    secrets = ConnectionSecrets(connection.pk)
    secrets.keep("access_token", PRIVATE_TOKEN)
    secrets.keep("client_secret", SECRET)
    return connection


def make_event(contact: str, **changes: Any) -> dict[str, Any]:
    return {"eventId": 1, "portalId": 62515, "occurredAt": 5, "objectId": int(contact), **OPT_OUT, **changes}


def deliver(
    connection: Connection,
    events: Any,
    *,
    secret: str = SECRET,
    ago: timedelta = timedelta(),
    body: str = "",
    path: str = "",
) -> int:
    """What HubSpot's own sender would sign; `body` and `path` are what arrives instead."""
    signed, target = json.dumps(events), reverse("hubspot-hook", args=[connection.pk])
    stamp = str(int((get_now() - ago).timestamp() * 1000))
    uri = f"https://gov.example.com{target}"
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(secret, method="POST", uri=uri, body=signed, timestamp=stamp),
        "X-HubSpot-Request-Timestamp": stamp,
    }
    sent = (body or signed).encode()
    return Client().post(path or target, sent, content_type="application/json", headers=headers).status_code


def work_off() -> None:
    while study(seconds=0.1):
        pass


def listed(connection: Connection) -> list[str]:
    return list(DncEntry.objects.filter(workspace_id=connection.workspace_id).values_list("value", flat=True))


def test_an_opt_out_is_listed_once_however_often_it_is_delivered(served: ServedPortal, connection: Connection) -> None:
    contact = served.add("contacts", email="mei@umicore.example")
    other = {"subscriptionType": "contact.creation", "objectId": 5, "portalId": 62515, "occurredAt": 1}

    statuses = [deliver(connection, [make_event(contact), other]) for _ in range(2)]
    work_off()

    assert statuses == [204, 204]
    assert listed(connection) == ["mei@umicore.example"]
    assert [row.result for row in ReceivedOptOut.objects.all()] == ["listed"]
    assert DncEntry.objects.get().source == "opt_out"


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "guessed"},
        {"ago": timedelta(minutes=6)},
        {"ago": timedelta(minutes=-6)},
        {"body": "[]"},
        {"body": '[{"eventId": 1}] '},
    ],
)
def test_what_is_not_signed_as_it_should_be_is_refused(
    served: ServedPortal, connection: Connection, wrong: dict[str, Any]
) -> None:
    contact = served.add("contacts", email="mei@umicore.example")

    assert deliver(connection, [make_event(contact)], **wrong) == 401
    assert not ReceivedOptOut.objects.exists()


@pytest.mark.parametrize(
    ("signature", "ago"),
    [
        ("", 0), ("short", 0), ("x" * 43, 0), ("x" * 45, 0), ("\u00e9" * 44, 0), ("x" * 44, 3_600), ("x" * 44, -3_600),
    ],
)  # fmt: skip
def test_headers_that_hubspot_never_sends_open_no_secret(connection: Connection, signature: str, ago: int) -> None:
    """IDN-05: a stranger's junk writes no `connection.secret_used` into the ledger."""
    stamp = str(int((get_now().timestamp() - ago) * 1000))
    with pytest.raises(HookRefusedError):
        receive_hubspot_news(
            connection_id=connection.pk, path="/", body=b"[]", signature=signature, timestamp=stamp, now=get_now()
        )

    assert not LedgerEvent.objects.filter(type="connection.secret_used").exists()


def test_a_signature_of_another_address_is_refused(connection: Connection) -> None:
    path = reverse("hubspot-hook", args=[connection.pk]) + "?more=1"

    assert deliver(connection, [], path=path) == 401


@pytest.mark.parametrize("events", [{"eventId": 1}, 7, [make_event("1")] * 101])
def test_what_is_no_batch_is_refused(connection: Connection, events: Any) -> None:
    assert deliver(connection, events) == 401


@pytest.mark.parametrize(
    "odd",
    [
        7,
        None,
        {"eventId": 1},
        {"objectId": "x"},
        {"propertyValue": None},
        {"objectId": None},
        {"objectId": -1},
        {"objectId": 10**20},
        {"propertyName": ["hs_email_optout"]},
    ],
)
def test_an_event_of_another_shape_keeps_no_opt_out_back(
    served: ServedPortal, connection: Connection, odd: Any
) -> None:
    contact = served.add("contacts", email="mei@umicore.example")
    changed = {**make_event(contact), **odd} if isinstance(odd, dict) and "eventId" not in odd else odd

    assert deliver(connection, [changed, make_event(contact, occurredAt=6), changed]) == 204
    work_off()

    assert listed(connection) == ["mei@umicore.example"]
    assert ReceivedOptOut.objects.count() == 1


@pytest.mark.parametrize("portal", [62516, 0, None])
def test_another_portals_contact_of_the_same_number_is_not_ours(
    served: ServedPortal, connection: Connection, portal: int | None
) -> None:
    """An app has one secret and one address for every portal that installed it."""
    contact = served.add("contacts", email="mei@umicore.example")

    assert deliver(connection, [make_event(contact, portalId=portal)]) == 204
    assert not ReceivedOptOut.objects.exists()


@pytest.mark.parametrize("told", [{"portal_id": ""}, {"portal_id": "no number"}])
def test_a_connection_that_names_no_portal_takes_no_news(connection: Connection, told: dict[str, Any]) -> None:
    endpoint = ConnectionEndpoint.objects.get(connection=connection)
    endpoint.settings = {**endpoint.settings, **told}
    endpoint.save()

    assert deliver(connection, [make_event("101")]) == 401
    assert not ReceivedOptOut.objects.exists()


def test_a_connection_of_another_kind_has_no_such_door(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(kind="embedded")

    assert deliver(connection, []) == 401
    assert Client().get(reverse("hubspot-hook", args=[connection.pk])).status_code == 405


@pytest.mark.parametrize(
    "change", [{"propertyValue": "false"}, {"propertyName": "email"}, {"subscriptionType": "company.propertyChange"}]
)
def test_other_news_is_not_kept(served: ServedPortal, connection: Connection, change: dict[str, Any]) -> None:
    assert deliver(connection, [make_event("101", **change)]) == 204
    assert not ReceivedOptOut.objects.exists()


def test_nobody_behind_the_event_is_said_so(served: ServedPortal, connection: Connection) -> None:
    nameless = served.add("contacts", lastname="Novak")

    deliver(connection, [make_event(nameless), make_event("999999")])
    work_off()

    assert sorted(row.result for row in ReceivedOptOut.objects.all()) == ["no_address", "record_gone"]
    assert listed(connection) == []


def test_a_portal_that_cannot_say_is_asked_again_later(served: ServedPortal, connection: Connection) -> None:
    contact = served.add("contacts", email="mei@umicore.example")
    deliver(connection, [make_event(contact)])
    served.portal.faults.plan("status=503", path="/crm")

    work_off()
    row = ReceivedOptOut.objects.get()
    assert (row.done_at, row.tries_count, row.not_before > get_now()) == (None, 1, True)

    ReceivedOptOut.objects.update(not_before=get_now())
    work_off()
    assert listed(connection) == ["mei@umicore.example"]


def test_who_was_merged_into_another_is_listed_with_every_address(served: ServedPortal, connection: Connection) -> None:
    kept, gone = served.add("contacts", email="mei@umicore.example"), served.add("contacts", email="m.lin@old.example")
    deliver(connection, [make_event(gone)])
    merged = {"primaryObjectId": kept, "objectIdToMerge": gone}
    assert served.call("POST", "/crm/v3/objects/contacts/merge", merged)[0] == 200

    work_off()

    assert sorted(listed(connection)) == ["m.lin@old.example", "mei@umicore.example"]
    assert ReceivedOptOut.objects.get().result == "listed"


@pytest.mark.parametrize("why", ["hidden", "edge"])
def test_only_hubspot_itself_says_that_a_contact_is_gone(
    served: ServedPortal, connection: Connection, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    contact = served.add("contacts", email="mei@umicore.example")
    deliver(connection, [make_event(contact)])
    if why == "hidden":
        monkeypatch.delitem(served.portal.definitions["contacts"], "email")
    else:
        served.portal.faults.plan("status=404", path="/crm")

    work_off()

    row = ReceivedOptOut.objects.get()
    assert (row.done_at, row.tries_count, row.not_before > get_now()) == (None, 1, True)
    monkeypatch.undo()
    ReceivedOptOut.objects.update(not_before=get_now())
    work_off()
    assert listed(connection) == ["mei@umicore.example"]


@pytest.mark.parametrize("tries", [0, 9])
def test_pauses_grow_to_hours_and_no_further(served: ServedPortal, connection: Connection, tries: int) -> None:
    deliver(connection, [make_event(served.add("contacts", email="mei@umicore.example"))])
    ReceivedOptOut.objects.update(tries_count=tries)
    served.portal.faults.plan("status=503", path="/crm")
    before = get_now()

    study(seconds=0.1)

    pause = ReceivedOptOut.objects.get().not_before - before
    expected = timedelta(minutes=1) if tries == 0 else timedelta(hours=6)
    assert expected <= pause < expected + timedelta(minutes=1)


def test_what_no_try_brings_becomes_an_exception_and_is_never_lost(
    served: ServedPortal, connection: Connection, settings: Any
) -> None:
    """DNC-04, EXC-01: the pauses end, somebody is told why, and a person's good test brings the opt-out in."""
    person = make_user(make_person("Kim Keeper"))
    allow(person, connection.workspace, "manage_agents")
    deliver(connection, [make_event(served.add("contacts", email="mei@umicore.example"))])
    ReceivedOptOut.objects.update(tries_count=MAX_TRIES - 1)
    served.portal.faults.plan("status=503", path="/crm")

    study(seconds=0.1)

    row = ReceivedOptOut.objects.get()
    assert (row.done_at, row.stuck_at is not None) == (None, True)
    ReceivedOptOut.objects.update(not_before=get_now())
    work_off()
    assert listed(connection) == []
    take_news()
    case = ExceptionCase.objects.get()
    assert (case.kind, case.code, case.subject) == ("opt_out_stuck", "connector_transient", str(connection.pk))

    told = check_connection(connection_id=connection.pk, user_id=person.pk)
    work_off()

    assert "1 opt-outs that waited" in told.words
    retried = LedgerEvent.objects.get(type="opt_out.retried")
    assert (retried.actor_id, retried.subject_id) == (str(person.person_id), str(connection.pk))
    assert listed(connection) == ["mei@umicore.example"]


def test_one_broken_row_keeps_nothing_else_waiting(served: ServedPortal, connection: Connection) -> None:
    """What nobody foresaw: an address longer than any list of ours takes."""
    broken = served.add("contacts", email=f"{'m' * 400}@umicore.example")
    sound = served.add("contacts", email="mei@umicore.example")
    deliver(connection, [make_event(broken)])
    deliver(connection, [make_event(sound)])

    work_off()

    assert listed(connection) == ["mei@umicore.example"]
    row = ReceivedOptOut.objects.get(record_id=broken)
    assert (row.done_at, row.tries_count, row.not_before > get_now()) == (None, 1, True)


def test_a_task_whose_time_is_up_ends_and_leaves_the_row_to_its_lease(
    served: ServedPortal, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(connection, [make_event(served.add("contacts", email="mei@umicore.example"))])

    def end(*_: Any, **__: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patched:
        patched.setattr(HttpClient, "call", end)
        with pytest.raises(SoftTimeLimitExceeded):
            study(seconds=0.1)
    row = ReceivedOptOut.objects.get()
    assert (row.done_at, row.tries_count) == (None, 0)
    assert get_now() < row.not_before <= get_now() + LEASE
