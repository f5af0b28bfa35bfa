"""Following, cancelling, batches, governed reads, and the agent's own profile."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AgentActionRequest, RequestBatch
from approvals.services.execution import execute_request
from audit.models import LedgerEvent
from governance.models import Grant, RegisteredField
from tests.builders.api import Site, get, make_body, make_site, post, propose
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_switch, publish
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


def search(site: Site, **query: Any) -> Any:
    return post("/records/embedded/companies/search/", query, token=site.world.token, key=None)


# ---- lists ---------------------------------------------------------------------------------------------------------
def test_pages_walk_every_request_once_newest_first() -> None:
    """APR-02: keyset pages; what is added meanwhile disturbs none of them."""
    site = make_site()
    ids = [propose(site)["id"] for _ in range(5)]
    seen: list[str] = []
    path: str | None = "/action-requests/?limit=2"
    while path:
        page = get(path, token=site.world.token).json()
        seen += [row["id"] for row in page["results"]]
        propose(site)
        path = page["next"] and page["next"].removeprefix("/api/v1")
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [("status=approved", 1), ("status=pending", 1), ("status=pending&status=approved", 2), ("status=denied", 0),
     ("action=update", 2), ("object=companies", 2), ("object=deals", 0), ("correlation_id=run-1", 2),
     ("correlation_id=' OR 1=1--", 0), ("created_before=2020-01-01T00:00:00Z", 0),
     ("created_after=2020-01-01T00:00:00Z", 2), ("connection=embedded", 2)],
)  # fmt: skip
def test_filters_narrow_down(query: str, count: int) -> None:
    """APR-02: values are taken literally."""
    site = make_site()
    propose(site)
    propose(site, changes={"name": "Umicore NV"}, expected=None)
    assert len(get(f"/action-requests/?{query}", token=site.world.token).json()["results"]) == count


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "limit=0", "limit=201", "limit=1e2", "limit=-1", "status=maybe", "batch=1", "created_after=yesterday",
     "ordering=id", "agent_id=1", "status__in=a", "action=%00", "limit=٣", "created_before=9999-99-99",
     "created_after=0001-01-01T00:00:00%2B14:00", "created_before=9999-12-31T23:59:59-14:00"],
)  # fmt: skip
def test_a_parameter_that_is_not_understood_is_refused(query: str) -> None:
    """APR-02: never ignored, never 500."""
    site = make_site()
    answer = get(f"/action-requests/?{query}", token=site.world.token)
    assert answer.status_code == 422, answer.content


def test_the_list_costs_the_same_for_one_and_for_many() -> None:
    """LIM: constant in N."""
    site = make_site()
    counts = []
    for _ in range(2):
        for _ in range(3):
            propose(site)
        with CaptureQueriesContext(connection) as queries:
            get("/action-requests/", token=site.world.token)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_proposing_and_reading_cost_a_known_number_of_queries() -> None:
    """LIM: the hot path is pinned; a query more is a decision, not an accident."""
    site = make_site()
    request_id = propose(site)["id"]
    with captured_statements() as statements:
        propose(site)
    assert len(statements) <= 9  # on SQLite; on PostgreSQL all that is written goes in one
    with CaptureQueriesContext(connection) as queries:
        get(f"/action-requests/{request_id}/", token=site.world.token)
    assert len(queries) <= 3


# ---- cancelling ----------------------------------------------------------------------------------------------------
def test_a_request_is_taken_back_once_and_again() -> None:
    """APR-01: cancelled stays cancelled; a second call is harmless; what is denied cannot be cancelled."""
    site = make_site()
    path = f"/action-requests/{propose(site)['id']}/cancel/"
    for body in ({"reason": "not needed"}, {}):
        answer = post(path, body, token=site.world.token, key=None)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    denied = propose(site, changes={"numberofemployees": "many"})
    answer = post(f"/action-requests/{denied['id']}/cancel/", {}, token=site.world.token, key=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")
    assert post(path, {"why": 1}, token=site.world.token, key=None).json()["code"] == "unknown_field"


# ---- batches -------------------------------------------------------------------------------------------------------
def items(site: Site, count: int) -> list[dict[str, Any]]:
    target = {"object": "companies", "id": site.company}
    return [make_body(site, target={**target, "id": str(int(site.company) + number)}) for number in range(count)]


def test_a_batch_is_answered_item_by_item() -> None:
    """APR-06/EXE-04: one manifest; an item that is no request does not take the others along."""
    site = make_site()
    bad = make_body(site, target={"object": "invoices", "id": "1"})
    answer = post("/action-requests/batch/", {"items": [*items(site, 2), bad]}, token=site.world.token)
    body = answer.json()
    assert answer.status_code == 201, body
    assert [item["status"] for item in body["items"]] == ["approved", "denied", None]
    assert body["items"][2]["error"]["code"] == "unknown_property"
    listed = get(body["links"]["requests"].removeprefix("/api/v1"), token=site.world.token).json()
    assert {row["id"] for row in listed["results"]} == {item["id"] for item in body["items"][:2]}


def test_a_batch_is_followed_and_is_partial_when_its_items_differ() -> None:
    """APR-06."""
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    second = make_record(site.connection_id, "companies", name="Solvay", numberofemployees=100)
    other_target = {"object": "companies", "id": second}
    answer = post(
        "/action-requests/batch/",
        {"items": [make_body(site), make_body(site, target=other_target)]},
        token=site.world.token,
    ).json()
    assert answer["status"] == "approved"
    path = answer["links"]["self"].removeprefix("/api/v1")
    assert get(path, token=site.world.token).json() == answer
    cancelled = answer["items"][0]["id"]
    post(f"/action-requests/{cancelled}/cancel/", {}, token=site.world.token, key=None)
    now = get(path, token=site.world.token).json()
    assert (now["status"], now["items"][0]["status"]) == ("partial", "cancelled")
    assert get(path, token=other.world.token).status_code == 404
    assert get(f"/action-requests/batch/{cancelled}/", token=site.world.token).status_code == 404


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda _: {"items": []}, 422, "empty_batch"),
        (lambda _: {}, 422, "invalid_type"),
        (lambda _: {"items": {}}, 422, "invalid_type"),
        (lambda site: {"items": [make_body(site)], "approved": True}, 422, "unknown_field"),
        (lambda site: {"items": items(site, 501)}, 422, "batch_too_large"),
        (lambda site: {"items": [make_body(site), make_body(site, confidence=0.8)]}, 422, "duplicate_target"),
        (lambda site: {"items": [make_body(site), 7]}, 422, "invalid_type"),
        (lambda site: {"items": [{**make_body(site), "justification": "x" * 270_000}]}, 413, "item_too_large"),
        (lambda _: {"items": ["x" * 4_200_000]}, 413, "body_too_large"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(make: Any, status: int, code: str) -> None:
    """APR-06: nothing of it is accepted."""
    site = make_site()
    events = LedgerEvent.objects.count()
    answer = post("/action-requests/batch/", make(site), token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not AgentActionRequest.objects.exists()
    assert not RequestBatch.objects.exists()
    assert LedgerEvent.objects.count() == events


# ---- governed reads ------------------------------------------------------------------------------------------------
def test_a_read_hands_over_what_was_asked_for_and_is_recorded() -> None:
    """RDG-01: fields, ids and policy version end in the ledger, values do not."""
    site = make_site()
    answer = get(f"/records/embedded/companies/{site.company}/?fields=name,numberofemployees", token=site.world.token)
    assert answer.status_code == 200, answer.content
    assert answer.json()["values"] == {"name": "Umicore", "numberofemployees": 100}
    event = LedgerEvent.objects.get(type="record.read")
    assert site.company.encode() in bytes(event.body)
    assert b"Umicore" not in bytes(event.body)


def test_a_search_pages_through_what_matches() -> None:
    """RDG-01."""
    site = make_site()
    page = search(site, filters={"name": "Umicore"}, fields=["name"], limit=1).json()
    assert [record["values"] for record in page["records"]] == [{"name": "Umicore"}]
    assert search(site, filters={"name": "Nobody"}, fields=["name"]).json() == {"records": [], "after": ""}


def test_sensitive_values_are_masked_and_cannot_be_searched_by() -> None:
    """RDG-01: the mask says that there is something; asking whether it is this value is refused."""
    site = make_site()
    RegisteredField.objects.filter(connection=site.connection_id, object_type="companies", name="name").update(
        is_sensitive=True
    )
    publish(site.world)
    record = search(site, fields=["name", "numberofemployees"]).json()["records"][0]
    assert (record["values"]["name"], record["masked"]) == ("[masked]", ["name"])
    refused = search(site, filters={"name": "Umicore"}, fields=["numberofemployees"])
    assert (refused.status_code, refused.json()["code"]) == (403, "not_granted")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("companies/1/?fields=nothing", 422, "unknown_property"), ("companies/1/?fields=Name", 422, "unknown_property"),
     ("invoices/1/", 422, "unknown_object"), ("tasks/1/", 403, "not_granted"), ("companies/999999/", 404, "not_found"),
     ("companies/%2e%2e/", 422, "invalid_id"), ("companies/1%0A/", 422, "invalid_id"),
     ("companies/1/?fields=", 422, "invalid_parameter"), ("companies/1/?field=name", 422, "unknown_parameter")],
)  # fmt: skip
def test_a_read_that_may_not_be_or_makes_no_sense_is_refused(path: str, status: int, code: str) -> None:
    """PRM-01/03: what no grant names is refused."""
    site = make_site()
    answer = get(f"/records/embedded/{path}", token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not LedgerEvent.objects.filter(type="record.read").exists()
    assert LedgerEvent.objects.filter(type="record.read_refused").exists() is (status == 403)


@pytest.mark.parametrize(
    ("lifecycle", "status"),
    [("active", 200), ("read_only", 200), ("draft", 403), ("quarantined", 403), ("retired", 403)],
)
def test_only_living_agents_read(lifecycle: str, status: int) -> None:
    """IDN-06."""
    site = make_site()
    site.world.agent.lifecycle = lifecycle
    site.world.agent.save()
    assert search(site, fields=["name"]).status_code == status


@pytest.mark.django_db(transaction=True)
def test_asking_to_change_a_sensitive_value_does_not_tell_it() -> None:
    """RDG-01: the mask of the read holds in the preview, the answer, the list and the trace."""
    site = make_site()
    RegisteredField.objects.filter(connection=site.connection_id, name="numberofemployees").update(is_sensitive=True)
    publish(site.world)
    body, token = make_body(site, expected=None), site.world.token
    preview = post("/action-requests/preview/", body, token=token).json()
    answer = post("/action-requests/", body, token=token).json()
    execute_request(request_id=UUID(answer["id"]), worker="test")
    trace = get(f"/action-requests/{answer['id']}/trace/", token=token).json()
    listed = get("/action-requests/", token=token).json()["results"][0]
    masked = [{"field": "numberofemployees", "before": "[masked]", "after": 220}]
    assert [item["patch"] for item in (preview, answer, listed, trace["request"])] == [masked] * 4
    told = trace["attempts"][0]
    assert (told["before"], told["after"]) == ({"numberofemployees": "[masked]"}, {"numberofemployees": "[masked]"})


@pytest.mark.parametrize("hidden", ["sensitive", "blocked"])
def test_what_a_read_hides_no_expectation_finds_out(hidden: str) -> None:
    """RDG-01: `expected` that misses would tell the value in a preview, and that it missed in a proposal."""
    site = make_site()
    field = RegisteredField.objects.get(connection=site.world.connection, object_type="companies", name="name")
    if hidden == "sensitive":
        RegisteredField.objects.filter(pk=field.pk).update(is_sensitive=True)
    else:
        field.ownership.permission_level = "blocked"
        field.ownership.save()
    publish(site.world)
    body = make_body(site, expected={"name": "a guess"})
    preview = post("/action-requests/preview/", body, token=site.world.token)
    answer = post("/action-requests/", body, token=site.world.token)
    assert (answer.json()["status"], answer.json()["status_code"]) == ("denied", "expected_not_granted")
    assert "Umicore" not in preview.content.decode() + answer.content.decode()


@pytest.mark.parametrize(("kind", "status"), [("read_only", 200), ("write_back", 200), ("all", 403)])
def test_a_stop_stops_reading_and_read_only_does_not(kind: str, status: int) -> None:
    """KIL-01."""
    site = make_site()
    make_switch(site.world.workspace, kind)
    assert search(site, fields=["name"]).status_code == status


def test_a_withdrawn_grant_bites_before_the_next_publishing() -> None:
    """Withdrawing is live data."""
    site = make_site()
    Grant.objects.filter(agent=site.world.agent, action="search").update(is_withdrawn=True)
    assert search(site, fields=["name"]).status_code == 403


def test_me_tells_who_what_and_what_stops_it() -> None:
    """PRM-09: only one's own grants, only those in force."""
    site = make_site()
    Grant.objects.filter(agent=site.world.agent, object_type="deals", action="create").update(is_withdrawn=True)
    make_switch(site.world.workspace, "read_only")
    me = get("/me/", token=site.world.token).json()
    assert (me["agent"], me["workspace"], me["switches"]) == ("agent.enrichment", "acme", ["is_read_only"])
    granted = {(grant["object"], grant["action"]) for grant in me["grants"]}
    assert ("companies", "update") in granted
    assert ("deals", "create") not in granted


# ---- names and cursors that nothing can be called ------------------------------------------------------------------
@pytest.mark.parametrize("place", ["em%00bedded/companies", "embedded/com%00panies"])
def test_a_nul_in_a_name_is_no_such_place(place: str) -> None:
    """RDG-01: text that a database refuses to compare with is answered, not stumbled over."""
    site = make_site()
    read = get(f"/records/{place}/1/", token=site.world.token)
    found = post(f"/records/{place}/search/", {}, token=site.world.token, key=None)
    assert (read.status_code, found.status_code) == (404, 404)


@pytest.mark.parametrize("cursor", ["zzz", "-1", "0101", "9" * 30])
def test_a_cursor_that_is_none_of_ours_is_refused_for_good(cursor: str) -> None:
    """RDG-01: a caller's mistake must not look like an outage that is worth another try."""
    answer = search(make_site(), after=cursor)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
