"""When HubSpot fails, refuses or lies: each has its typed outcome, and the journal says what was applied (CON-01)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from crm_connectors.adapters.http_client import Answer
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Operation
from crm_connectors.hubspot import schema
from crm_connectors.hubspot.answers import raise_for
from crm_connectors.hubspot.connector import KIND
from crm_connectors.hubspot.settings import HubSpotSettings
from crm_connectors.models import ConnectionGate
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConflictError,
    LimitedError,
    NotFoundError,
    RejectedError,
    TransientError,
)
from crm_connectors.services.gate import ConnectionRowGate
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN, READ_ONLY_TOKEN, Access
from crm_connectors.wiring import Wiring
from tests.builders.crm_connectors import make_embedded_connection, make_operation
from tests.crm_connectors.hubspot.conftest import HubSpotCrm
from tests.doubles.kept_secrets import KeptSecrets

SECRET_VALUE = "Witchcraft-4711"


def writes(crm: HubSpotCrm, record_id: str) -> list[dict[str, Any]]:
    """What was applied by an app, without our mark."""
    applied = crm.served.writes(record_id)
    return [{key: value for key, value in values.items() if key != "countersign_operation"} for values in applied]


def update(record_id: str, **values: Any) -> Operation:
    return make_operation(record_id, values=values)


# Outcomes of a write


@pytest.mark.parametrize("fault", ["drop_after", "status_after=524", "status_after=502", "slow_body=900"])
def test_applied_without_an_answer_is_ambiguous_and_found_by_the_mark(crm: HubSpotCrm, fault: str) -> None:
    record_id = crm.make(name="Umicore")
    operation = update(record_id, city="Brussels")
    crm.connect().describe()
    crm.served.portal.faults.plan(fault, method="PATCH")

    with pytest.raises(AmbiguousError):
        crm.connect(total_seconds=0.4).send(operation)
    crm.edit_as_human(record_id, city="Ghent")  # a person wrote since: the values alone would not tell
    found = crm.connect().find_operation(operation)

    assert found is not None
    assert writes(crm, record_id) == [{"city": "Brussels"}]


@pytest.mark.parametrize("status", [400, 403, 408, 409, 412, 413, 423, 425, 499])
def test_an_edge_that_answers_for_the_api_leaves_a_write_open(crm: HubSpotCrm, status: int) -> None:
    """EXE: HTML says nothing of what was applied behind it, whatever its status."""
    record_id = crm.make(name="Umicore")
    operation = update(record_id, city="Brussels")
    crm.connect().describe()
    crm.served.portal.faults.plan(f"status_after={status}", method="PATCH")

    with pytest.raises(AmbiguousError):
        crm.connect().send(operation)

    assert crm.connect().find_operation(operation) is not None
    assert writes(crm, record_id) == [{"city": "Brussels"}]


@pytest.mark.parametrize(
    "body", ["[]", '"no"', '{"message":"Forbidden"}', '{"status":403}', '{"category":null}', "", "<b>"]
)
def test_only_words_of_the_api_itself_refuse_a_write(body: str) -> None:
    with pytest.raises(AmbiguousError):
        raise_for(Answer(403, HTTPHeaderDict(), body.encode()), is_write=True)


@pytest.mark.parametrize("status", [408, 425, 499])
def test_an_edge_that_gave_up_waiting_leaves_a_write_open_in_any_words(status: int) -> None:
    answer = Answer(status, HTTPHeaderDict(), b'{"status":"error","category":"VALIDATION_ERROR"}')
    with pytest.raises(AmbiguousError):
        raise_for(answer, is_write=True)
    with pytest.raises(TransientError):
        raise_for(answer, is_write=False)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthError), (404, NotFoundError), (429, LimitedError), (477, TransientError)]
)
def test_some_statuses_need_no_words(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        raise_for(Answer(status, HTTPHeaderDict(), b""), is_write=True)


@pytest.mark.parametrize("fault", ["drop_before", "status=500", "status=503"])
def test_an_open_outcome_that_was_not_applied_is_found_not_to_be(crm: HubSpotCrm, fault: str) -> None:
    record_id = crm.make(name="Umicore")
    operation = update(record_id, city="Brussels")
    crm.served.portal.faults.plan(fault, method="PATCH")

    with pytest.raises(AmbiguousError):
        crm.connect().send(operation)

    assert crm.connect().find_operation(operation) is None
    assert writes(crm, record_id) == []


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ("limit=TEN_SECONDLY_ROLLING", 10.0),
        ("limit=SECONDLY", 1.0),
        ("limit=DAILY", 3600.0),
    ],
)
def test_a_limit_says_how_long_to_wait(crm: HubSpotCrm, fault: str, seconds: float) -> None:
    record_id = crm.make(name="Umicore")
    crm.served.portal.faults.plan(fault, method="PATCH")

    with pytest.raises(LimitedError) as caught:
        crm.connect().send(update(record_id, city="Brussels"))

    assert caught.value.retry_after_seconds == seconds
    assert writes(crm, record_id) == []


@pytest.mark.parametrize("fault", ["status=423", "status=477"])
def test_a_lock_is_transient(crm: HubSpotCrm, fault: str) -> None:
    record_id = crm.make(name="Umicore")
    crm.served.portal.faults.plan(fault, method="PATCH")

    with pytest.raises(TransientError):
        crm.connect().send(update(record_id, city="Brussels"))

    assert writes(crm, record_id) == []


@pytest.mark.parametrize("fault", ["status=502", "drop_before", "status=500"])
def test_a_read_that_breaks_is_transient(crm: HubSpotCrm, fault: str) -> None:
    record_id = crm.make(name="Umicore")
    crm.served.portal.faults.plan(fault, path="/crm", times=2)

    with pytest.raises(TransientError):
        crm.connect().read(object_type="companies", record_id=record_id, fields=["name"])


def test_a_value_that_hubspot_changes_is_read_back_as_it_is(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore")
    for fault in ("normalise", "ignore=city"):
        crm.served.portal.faults.plan(fault, method="PATCH")

    for _ in range(2):
        crm.connect().send(update(record_id, city="Brussels", numberofemployees=224))

    read = crm.connect().read(object_type="companies", record_id=record_id, fields=["city", "numberofemployees"])
    assert read.values == {"city": "BRUSSELS", "numberofemployees": 224}


# Creating once


def test_a_create_without_an_answer_is_found_by_its_key_and_not_repeated(crm: HubSpotCrm) -> None:
    """The index lags, so that a search would not find it."""
    crm.served.portal.index.delay_seconds = 30.0
    operation = make_operation(None, "create", values={"name": "Only once"})
    crm.served.portal.faults.plan("drop_after", method="POST")

    with pytest.raises(AmbiguousError):
        crm.connect().send(operation)
    found = crm.connect().find_operation(operation)
    again = crm.connect().send(operation)
    crm.served.portal.index.delay_seconds = 0.0

    assert found is not None
    assert (again.record_id, again.is_repeat) == (found.record_id, True)
    assert len(crm.served.portal.records["companies"]) == 1


def test_a_created_record_in_the_recycle_bin_is_not_made_again(crm: HubSpotCrm) -> None:
    operation = make_operation(None, "create", values={"name": "Only once"})
    made = crm.connect().send(operation)
    crm.connect().send(make_operation(made.record_id, "archive"))

    found = crm.connect().find_operation(operation)

    assert found is not None
    assert found.record_id == made.record_id


def test_a_repeated_create_does_not_set_again_what_a_person_wrote_since(crm: HubSpotCrm) -> None:
    operation = make_operation(None, "create", values={"name": "Umicore", "city": "Brussels"})
    made = crm.connect().send(operation)
    crm.edit_as_human(made.record_id, city="Ghent")

    crm.connect().send(operation)

    read = crm.connect().read(object_type="companies", record_id=made.record_id, fields=["city"])
    assert read.values == {"city": "Ghent"}


def test_a_portal_without_our_properties_promises_less(
    crm: HubSpotCrm, without_our_properties: Callable[[], None]
) -> None:
    without_our_properties()
    connector = crm.connect()
    create, record_id = make_operation(None, "create", values={"name": "Umicore"}), crm.make(name="Solvay")
    change = update(record_id, city="Brussels")

    assert connector.guarantee(create) is Guarantee.AT_MOST_ONCE
    assert connector.guarantee(change) is Guarantee.IDEMPOTENT_SET
    connector.send(create)
    with pytest.raises(AmbiguousError):
        connector.find_operation(create)

    assert connector.find_operation(change) is None
    connector.send(change)
    assert connector.find_operation(change) is not None
    crm.edit_as_human(record_id, city="Ghent")
    with pytest.raises(AmbiguousError):
        connector.find_operation(change)


# Tokens


def oauth(**more: str) -> KeptSecrets:
    return KeptSecrets(**{"client_secret": "simulator-secret", "refresh_token": "simulator-refresh", **more})


def test_an_expired_token_is_refreshed_and_the_write_sent_once(crm: HubSpotCrm) -> None:
    record_id, secrets = crm.make(name="Umicore"), oauth()
    connector = crm.connect(secrets, sign_in="oauth", client_id="simulator-client")
    connector.health()
    first = secrets.open("oauth_token").reveal()
    crm.served.portal.clock.advance(1801)

    connector.send(update(record_id, city="Brussels"))

    assert secrets.open("oauth_token").reveal() != first
    assert writes(crm, record_id) == [{"city": "Brussels"}]


@pytest.mark.parametrize(
    "secrets", [oauth(refresh_token="revoked"), oauth(client_secret="wrong"), KeptSecrets(client_secret="x")]
)
def test_a_refused_refresh_is_a_matter_of_the_credential(crm: HubSpotCrm, secrets: KeptSecrets) -> None:
    with pytest.raises(AuthError):
        crm.connect(secrets, sign_in="oauth", client_id="simulator-client").health()


def test_a_revoked_token_is_a_matter_of_the_credential(crm: HubSpotCrm) -> None:
    with pytest.raises(AuthError):
        crm.connect(KeptSecrets(access_token="revoked")).health()
    with pytest.raises(AuthError):
        crm.connect(KeptSecrets()).health()


def test_a_kept_token_that_was_revoked_is_asked_for_anew_before_anything_pauses(crm: HubSpotCrm) -> None:
    record_id, secrets = crm.make(name="Umicore"), oauth()
    connector = crm.connect(secrets, sign_in="oauth", client_id="simulator-client")
    connector.health()
    crm.served.portal.access.revoke(secrets.open("oauth_token").reveal())

    connector.send(update(record_id, city="Brussels"))

    assert writes(crm, record_id) == [{"city": "Brussels"}]


@pytest.mark.django_db
@pytest.mark.parametrize("sign_in", ["token", "oauth"])
def test_a_token_that_nothing_mends_pauses_the_connection(crm: HubSpotCrm, sign_in: str) -> None:
    """F40: also one that has expired, and the one that was just handed out."""
    crm.served.portal.access.grant("expired", Access(app_id="1", expires_at=1))
    crm = replace(crm, connection_id=make_embedded_connection())
    gate = ConnectionRowGate(crm.connection_id, calls_per_10_seconds=0, call_seconds=5)
    secrets = oauth(access_token="expired", oauth_token="expired")
    settings = HubSpotSettings(base_url=crm.served.url, sign_in=sign_in, client_id="simulator-client")
    if sign_in == "oauth":
        crm.served.portal.faults.plan("status=401", path="/crm", times=9)
        crm.served.portal.faults.plan("status=401", path="/account-info", times=9)

    with pytest.raises(AuthError):
        KIND.make(Wiring(connection_id=crm.connection_id, settings=settings, secrets=secrets, gate=gate)).health()

    row = ConnectionGate.objects.get(pk=crm.connection_id)
    assert (row.state, row.reason) == ("open", "auth")


def test_a_missing_scope_is_named(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore")

    with pytest.raises(RejectedError, match=r"crm\.objects\.companies\.write"):
        crm.connect(KeptSecrets(access_token=READ_ONLY_TOKEN)).send(update(record_id, city="Brussels"))


# Records and fields that are not what they were


def test_a_merged_record_is_not_the_survivor(crm: HubSpotCrm) -> None:
    kept, gone = crm.make(name="Umicore"), crm.make(name="Umicore NV")
    crm.served.call("POST", "/crm/v3/objects/companies/merge", {"primaryObjectId": kept, "objectIdToMerge": gone})
    connector = crm.connect()

    with pytest.raises(NotFoundError, match="merged"):
        connector.read(object_type="companies", record_id=gone, fields=["name"])
    with pytest.raises(NotFoundError):
        connector.send(update(gone, city="Brussels"))

    assert connector.read_many(object_type="companies", record_ids=[gone], fields=["name"]) == {}
    assert [item for item in writes(crm, kept) if "city" in item] == []


def test_a_vanished_record_is_not_found(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore")
    operation = make_operation(record_id, "archive")
    assert crm.connect().find_operation(operation) is None
    crm.connect().send(operation)

    assert crm.connect().find_operation(operation) is not None
    with pytest.raises(NotFoundError):
        crm.connect().send(operation)
    crm.served.portal.records["companies"].pop(record_id)
    with pytest.raises(AmbiguousError):
        crm.connect().find_operation(operation)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("notes_last_updated", "2026-01-01T00:00:00Z", "read-only"),
        ("hs_num_decision_makers", 3, "read-only"),
        ("warp_factor", 9, "no property"),
        ("industry", SECRET_VALUE, "options"),
        ("numberofemployees", "many", "number"),
        ("numberofemployees", True, "number"),
        ("hs_is_target_account", "true", "true or false"),
        ("city", 7, "text"),
    ],
)
def test_a_refusal_names_the_field_and_never_the_value(crm: HubSpotCrm, field: str, value: Any, complaint: str) -> None:
    record_id = crm.make(name="Umicore")

    with pytest.raises(RejectedError) as caught:
        crm.connect().send(update(record_id, **{"city": "Brussels", field: value}))

    assert complaint in caught.value.errors[field]
    assert SECRET_VALUE not in str(caught.value)
    assert writes(crm, record_id) == []


def test_a_schema_that_changed_under_us_is_seen(crm: HubSpotCrm) -> None:
    definitions = crm.served.portal.definitions["companies"]
    record_id = crm.make(name="Umicore")
    crm.connect().read(object_type="companies", record_id=record_id, fields=["territory"])
    taken_away = definitions.pop("territory")
    try:
        with pytest.raises(NotFoundError, match="territory"):
            crm.connect().read(object_type="companies", record_id=record_id, fields=["territory"])
        with pytest.raises(RejectedError) as caught:
            crm.connect().send(make_operation(record_id, values={"territory": "dach"}))
    finally:
        definitions["territory"] = taken_away
    assert "territory" in str(caught.value)


def test_a_taken_address_is_refused(crm: HubSpotCrm) -> None:
    crm.served.add("contacts", email="mei@umicore.example")
    operation = make_operation(None, "create", "contacts", values={"email": "mei@umicore.example"})

    with pytest.raises(RejectedError) as caught:
        crm.connect().send(operation)

    assert caught.value.errors == {"email": "belongs to another contact"}
    assert crm.connect().find_operation(operation) is None


def test_a_lifecycle_stage_is_taken_back_in_two_writes(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore", lifecyclestage="customer")

    values, before = {"lifecyclestage": "lead"}, {"lifecyclestage": "customer"}
    crm.connect().send(make_operation(record_id, values=values, before=before))

    assert writes(crm, record_id) == [{"lifecyclestage": None}, {"lifecyclestage": "lead"}]


def test_a_lifecycle_stage_left_empty_in_between_is_for_a_person(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore", lifecyclestage="customer")
    crm.served.portal.faults.plan("latency=0", method="PATCH")
    crm.served.portal.faults.plan("limit=SECONDLY", method="PATCH")
    operation = make_operation(record_id, values={"lifecyclestage": "lead"})

    with pytest.raises(AmbiguousError):
        crm.connect().send(operation)

    assert writes(crm, record_id) == [{"lifecyclestage": None}]
    with pytest.raises(ConflictError):
        crm.connect().send(make_operation(record_id, values={"name": "x"}, before={"lifecyclestage": "customer"}))


def test_many_records_take_a_call_for_each_hundred_and_lose_none(crm: HubSpotCrm) -> None:
    ids = [crm.make(name=f"Company {number}") for number in range(230)]
    crm.served.portal.faults.plan("omit", method="POST")

    found = crm.connect().read_many(object_type="companies", record_ids=[*ids, "999999"], fields=["name"])

    assert list(found) == [record_id for record_id in ids if record_id != ids[99]]  # HubSpot left one out, silently


def test_tasks_and_notes_bear_our_names_and_belong_to_their_record(crm: HubSpotCrm) -> None:
    """APR-05."""
    company, connector = crm.make(name="Umicore"), crm.connect()
    task = {"subject": "Call back", "priority": "HIGH", "due_date": "2031-05-17", "body": None}
    wanted = {"tasks": task, "notes": {"body": "Met at the fair"}}

    for object_type, values in wanted.items():
        operation = make_operation(None, "create", object_type, values=values, association=("companies", company))
        made = connector.send(operation)
        read = connector.read(object_type=object_type, record_id=made.record_id, fields=list(values))
        joined = crm.served.portal.associations.of((object_type, made.record_id), "companies")
        assert read.values == values
        assert [other for other, _ in joined] == [company]
        assert connector.find_operation(operation) is not None
    (stored,) = crm.served.portal.records["tasks"].values()
    assert (stored.values["hs_task_subject"], stored.values["hs_timestamp"]) == ("Call back", "2031-05-17T12:00:00Z")
    with pytest.raises(RejectedError) as caught:
        connector.send(make_operation(None, "create", "tasks", values={"priority": "URGENT"}))
    assert caught.value.errors == {"priority": "takes one of its options"}
    with pytest.raises(RejectedError):
        connector.send(make_operation(None, "create", values={"name": "x"}, association=("notes", company)))


@pytest.fixture
def without_our_properties(crm: HubSpotCrm, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes Countersign's two properties from the portal's companies, for this test."""

    def take() -> None:
        definitions = crm.served.portal.definitions
        kept = {name: item for name, item in definitions["companies"].items() if not name.startswith("countersign_")}
        monkeypatch.setitem(definitions, "companies", kept)
        monkeypatch.setattr(schema, "_memory", {})

    return take


# What was read right before


def test_a_record_that_was_just_read_is_not_read_again(crm: HubSpotCrm) -> None:
    """EXE-05: of the three calls of an attempt the first is what the second is compared with."""
    record_id = crm.make(name="Umicore", city="Ghent")
    connector = crm.connect()
    seen = connector.read(object_type="companies", record_id=record_id, fields=["city"])
    crm.served.portal.faults.plan("status=500", method="GET")

    connector.send(make_operation(record_id, values={"city": "Brussels"}, before=seen.values, version=seen.version))

    assert writes(crm, record_id) == [{"city": "Brussels"}]


@pytest.mark.parametrize("why", ["long ago", "another version", "fewer fields", "another instance"])
def test_else_it_is_read_and_what_a_person_wrote_meanwhile_is_kept(
    crm: HubSpotCrm, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EXE-05, invariant 10."""
    record_id = crm.make(name="Umicore", city="Ghent")
    connector = crm.connect()
    seen = connector.read(object_type="companies", record_id=record_id, fields=["city"])
    crm.edit_as_human(record_id, city="Antwerp")
    version, before = seen.version, dict(seen.values)
    if why == "long ago":
        monkeypatch.setattr("crm_connectors.hubspot.connector.FRESH_SECONDS", 0)
    elif why == "another version":
        version = ""
    elif why == "fewer fields":
        before["name"] = "Umicore"
    else:
        connector = crm.connect()

    with pytest.raises(ConflictError):
        connector.send(make_operation(record_id, values={"city": "Brussels"}, before=before, version=version))

    assert writes(crm, record_id) == []


def test_a_lasting_token_is_opened_once_an_attempt(crm: HubSpotCrm) -> None:
    record_id = crm.make(name="Umicore")
    secrets = KeptSecrets(access_token=PRIVATE_TOKEN)
    connector = crm.connect(secrets)
    for _ in range(3):
        connector.read(object_type="companies", record_id=record_id, fields=["name"])

    assert secrets.opened == ["access_token"]


def test_a_token_of_another_account_is_refused(crm: HubSpotCrm) -> None:
    crm.connect(portal_id="62515").health()

    with pytest.raises(AuthError, match="another HubSpot account"):
        crm.connect(portal_id="62516").health()
