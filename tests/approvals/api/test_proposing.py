"""Proposing over HTTP: the answers that an agent gets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from approvals.models import AgentActionRequest
from approvals.services.execution import execute_request
from audit.models import LedgerEvent
from governance.models import WritePath
from tests.builders.api import get, make_body, make_site, post, propose
from tests.builders.approvals import vote

pytestmark = pytest.mark.django_db


def test_a_proposal_is_answered_with_its_decision_and_reads_back_the_same() -> None:
    """APR-01/02: 201, Location, and the same representation when asked again."""
    site = make_site()
    answer = post("/action-requests/", make_body(site), token=site.world.token)
    body = answer.json()
    assert answer.status_code == 201, body
    assert (body["status"], body["decision"]["outcome"]) == ("approved", "allow")
    assert body["patch"] == [{"field": "numberofemployees", "before": 100, "after": 220}]
    assert body["digest"].startswith("sha256:")
    assert answer["Location"] == f"/api/v1/action-requests/{body['id']}/"
    assert answer["Cache-Control"] == "no-store"
    assert get(f"/action-requests/{body['id']}/", token=site.world.token).json() == body | {"feedback": []}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"changes": {"name": "Umicore NV"}, "expected": None}, "pending", ""),
        ({"changes": {"numberofemployees": "many"}}, "denied", "validation_failed"),
        ({"confidence": 0.2}, "pending", ""),
        ({"expected": {"numberofemployees": 7}}, "conflict", "stale_expectation"),
        ({"target": {"object": "companies", "id": "404404"}}, "denied", ""),
    ],
)
def test_what_policy_says_is_an_answer_and_no_error(changes: dict[str, object], status: str, code: str) -> None:
    """POL-01: denied, pending and conflict are 201 with every reason."""
    site = make_site()
    answer = post("/action-requests/", make_body(site, **changes), token=site.world.token)
    body = answer.json()
    assert answer.status_code == 201, body
    assert body["status"] == status, body["decision"]["reasons"]
    if code:
        assert body["status_code"] == code
    if status == "denied":
        assert body["decision"]["reasons"]
    assert get(f"/action-requests/{body['id']}/", token=site.world.token).json() == body | {"feedback": []}


@pytest.mark.parametrize(
    "payload",
    [
        {"action": "create_task", "task": {"subject": "Call Umicore", "due_date": None, "body": "Now."}},
        {"action": "create_note", "note": {"body": "Met at the fair"}},
        {"action": "draft", "message": {"subject": "Hello", "body": "Dear all"}},
        {"action": "queue", "item": {"queue": "revops", "reason": "two owners"}},
    ],
)
def test_every_action_has_its_own_payload(payload: dict[str, object]) -> None:
    """APR-01: one typed schema per action, each judged and kept whole."""
    site = make_site()
    body = make_body(site, changes=None, expected=None, **payload)
    answer = post("/action-requests/", body, token=site.world.token)
    assert answer.status_code in (201, 422), answer.json()
    if answer.status_code == 201:
        assert AgentActionRequest.objects.get().body == body


def test_what_nothing_reads_yet_is_kept_and_shown_in_the_trace() -> None:
    """AUD-02/RPL-01: intent, plan, tool call, responses and usage are stored, fingerprinted and traced."""
    site = make_site()
    extra = {
        "tool_call": {"name": "update_company", "arguments": {"id": "1", "deep": {"list": [1, None, "ü"]}}},
        "tool_responses": [{"tool": "register", "sha256": "ab12"}],
        "usage": {"tokens": 1200, "spend_micros": 420, "currency": "EUR"},
        "source_workflow": "nightly",
        "risk_flags": [],
    }
    answer = propose(site, **extra)
    trace = get(answer["links"]["trace"].removeprefix("/api/v1"), token=site.world.token).json()
    assert trace["proposal"] == make_body(site, **extra)
    assert trace["request"] == answer
    assert [event["type"] for event in trace["events"]][:2] == ["request.received", "request.decided"]
    assert trace["who"]["agent"] == site.world.agent.name


# ---- idempotency ---------------------------------------------------------------------------------------------------
def test_the_same_key_and_body_get_the_same_answer() -> None:
    """APR-02: one request, one set of events, byte for byte the same answer, however the body is written."""
    site = make_site()
    body = make_body(site)
    first = post("/action-requests/", body, token=site.world.token, key="k-1")
    events = LedgerEvent.objects.count()
    again = post("/action-requests/", dict(reversed(body.items())), token=site.world.token, key="k-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert AgentActionRequest.objects.count() == 1
    assert LedgerEvent.objects.count() == events


def test_the_answer_stays_the_same_when_the_request_has_moved_on() -> None:
    """APR-02: a repeat of the proposal tells what was decided; the request itself tells where it is now."""
    site = make_site()
    body = make_body(site)
    first = post("/action-requests/", body, token=site.world.token, key="k-1")
    execute_request(request_id=AgentActionRequest.objects.get().pk, worker="test")
    moved = get(f"/action-requests/{first.json()['id']}/", token=site.world.token).json()
    again = post("/action-requests/", body, token=site.world.token, key="k-1")
    assert moved["status"] == "executed"
    assert again.content == first.content


@pytest.mark.parametrize("verdict", ["approve", "deny"])
def test_the_answer_stays_the_same_when_a_person_has_decided(verdict: str) -> None:
    """APR-02: the first answer was `pending`, with the decision, whatever the person said since."""
    site = make_site()
    body = make_body(site, changes={"name": "Umicore NV"}, expected=None)
    first = post("/action-requests/", body, token=site.world.token, key="k-1")
    request = AgentActionRequest.objects.get()
    assert request.status == "pending"
    vote(site, request, verdict=verdict, reason="so it is")
    again = post("/action-requests/", body, token=site.world.token, key="k-1")
    assert again.content == first.content


def test_the_same_key_for_another_body_is_refused() -> None:
    """APR-02: one bit of difference is another request."""
    site = make_site()
    post("/action-requests/", make_body(site), token=site.world.token, key="k-1")
    other = post("/action-requests/", make_body(site, confidence=0.92), token=site.world.token, key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert AgentActionRequest.objects.count() == 1


def test_another_agents_key_is_another_key() -> None:
    """APR-02: keys are each agent's own."""
    first, second = make_site("acme"), make_site("bolt", agent_name="agent.bolt")
    ids = {
        post("/action-requests/", make_body(site), token=site.world.token, key="same").json()["id"]
        for site in (first, second)
    }
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency_key_missing"), ("x" * 5_000, "idempotency_key_invalid"), ("a b", "idempotency_key_invalid"),
     ("clé", "idempotency_key_invalid"), ("a\tb", "idempotency_key_invalid")],
)  # fmt: skip
def test_a_key_that_is_missing_or_no_key_is_refused(key: str | None, code: str) -> None:
    """APR-02: 400, and nothing was accepted."""
    site = make_site()
    for path, body in (
        ("/action-requests/", make_body(site)),
        ("/action-requests/batch/", {"items": [make_body(site)]}),
    ):
        answer = post(path, body, token=site.world.token, key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not AgentActionRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_threads_with_one_key_make_one_request() -> None:
    """APR-02: twelve at once; one row, and every answer is that row or `in flight`."""
    site = make_site()
    body = make_body(site)
    barrier = threading.Barrier(6)

    def send(_: int) -> tuple[int, bytes]:
        try:
            barrier.wait(timeout=20)
            answer = post("/action-requests/", body, token=site.world.token, key="one")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(12)))
    assert AgentActionRequest.objects.count() == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert len({content for status, content in answers if status == 201}) == 1


# ---- waiting -------------------------------------------------------------------------------------------------------
def test_preferring_to_wait_returns_at_once_when_a_person_must_decide() -> None:
    """APR-02: nothing of ours is still to be done, so there is nothing to wait for."""
    site = make_site()
    body = make_body(site, changes={"name": "Umicore NV"}, expected=None)
    answer = post("/action-requests/", body, token=site.world.token, Prefer="respond-async, wait=25")
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert answer["Preference-Applied"] == "wait=25"


@pytest.mark.django_db(transaction=True)
def test_preferring_to_wait_sees_the_result() -> None:
    """APR-02: a worker executes meanwhile; the answer is the executed request."""
    site = make_site()

    def work() -> None:
        try:
            for _ in range(400):
                row = AgentActionRequest.objects.filter(status="approved").first()
                if row is not None:
                    execute_request(request_id=row.pk, worker="test")
                    return
                threading.Event().wait(0.02)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    answer = post("/action-requests/", make_body(site), token=site.world.token, Prefer="wait=20")
    worker.join()
    assert answer.json()["status"] == "executed", answer.json()


def test_waiting_has_an_end() -> None:
    """APR-02: nobody executes, so the wait runs out and the answer says `approved`."""
    site = make_site()
    answer = post("/action-requests/", make_body(site), token=site.world.token, Prefer="wait=1")
    assert (answer.status_code, answer.json()["status"]) == (201, "approved")


@pytest.mark.parametrize("prefer", ["wait=-1", "wait=abc", "wait", "wait=1e9", "; wait = ", "x" * 20_000])
def test_a_preference_that_makes_no_sense_is_ignored(prefer: str) -> None:
    """RFC 7240 §2: a preference is no demand."""
    site = make_site()
    answer = post("/action-requests/", make_body(site), token=site.world.token, Prefer=prefer)
    assert answer.status_code == 201
    assert "Preference-Applied" not in answer


# ---- preview -------------------------------------------------------------------------------------------------------
def test_a_preview_says_what_would_happen_and_writes_nothing() -> None:
    """POL-07: decision, diff and blast radius; no row, no event."""
    site = make_site()
    events = LedgerEvent.objects.count()
    answer = post("/action-requests/preview/", make_body(site), token=site.world.token, key=None)
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "approved")
    assert body["patch"] == [{"field": "numberofemployees", "before": 100, "after": 220}]
    assert body["blast_radius"] == {"records": 1, "fields": 1, "sets_off": []}
    assert not AgentActionRequest.objects.exists()
    assert LedgerEvent.objects.count() == events


def test_acting_for_a_person_takes_a_delegation_and_there_is_none() -> None:
    """IDN-04: the claim is accepted as a request, kept, and denied."""
    answer = propose(make_site(), on_behalf_of="rep@example.com")
    assert answer["status"] == "denied"
    assert [reason["code"] for reason in answer["decision"]["reasons"]] == ["delegation_missing"]


def test_a_preview_says_what_the_write_would_set_off() -> None:
    """REG-10: the inventory's paths from the changed field on, and what those change in turn."""
    site = make_site()
    paths = (("Route", "companies.numberofemployees", "companies.owner"), ("Tell", "companies.owner", "tasks"))
    for name, trigger, change in paths:
        WritePath.objects.create(
            connection=site.world.connection, name=name, kind="routing", triggers=[trigger], changes=[change]
        )
    body = post("/action-requests/preview/", make_body(site), token=site.world.token, key=None).json()
    assert [(item["name"], item["because"], item["depth"]) for item in body["blast_radius"]["sets_off"]] == [
        ("Route", "companies.numberofemployees", 1),
        ("Tell", "companies.owner", 2),
    ]
