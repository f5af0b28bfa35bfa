"""Who may come in: tokens, scopes, other agents and other workspaces, paths and methods."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from governance.services.credentials import revoke_credential
from tests.builders.api import Site, get, make_body, make_site, post, propose
from tests.builders.governance import SCOPES, make_agent, make_credential, make_token

pytestmark = pytest.mark.django_db

NOTHING = "0198c0de-0000-7000-8000-000000000000"
GETS = ("/me/", "/action-requests/", f"/action-requests/{NOTHING}/", f"/action-requests/{NOTHING}/trace/",
        "/records/embedded/companies/1/", "/ledger/checkpoint/", f"/ledger/proof/{NOTHING}/")  # fmt: skip
POSTS = ("/action-requests/", "/action-requests/preview/", "/action-requests/batch/",
         f"/action-requests/{NOTHING}/cancel/", "/records/embedded/companies/search/", "/dnc/check/",
         "/dnc/entries/", "/reports/delivery/", "/ledger/search/")  # fmt: skip


def send(path: str, token: str | None, **headers: str) -> Any:
    return get(path, token=token, **headers) if path in GETS else post(path, {}, token=token, **headers)


# ---- tokens --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", GETS + POSTS)
def test_no_token_no_answer(path: str) -> None:
    """IDN-02: 401 with a challenge at every door."""
    answer = send(path, None)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="countersign"'


@pytest.mark.parametrize(
    "header",
    ["Bearer ", "Bearer", "Bearer  ", "Basic YTpi", "Bearer a b", "Bearer a,Bearer b", "bearer: a", "Token abc",
     "Bearer " + "x" * 20_000, "Bearer \u00e9", "Bearer 'OR 1=1--", "Bearer unknown"],
)  # fmt: skip
def test_a_malformed_or_unknown_token_is_refused(header: str) -> None:
    """IDN-02: also two headers, which arrive joined by a comma."""
    answer = get("/me/", token=None, Authorization=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_two_good_tokens_in_one_header_are_refused() -> None:
    """IDN-02: whose call would it be?"""
    site = make_site()
    joined = f"Bearer {site.world.token},Bearer {site.world.token}"
    assert get("/me/", token=None, Authorization=joined).status_code == 401


def test_an_expired_token_is_refused() -> None:
    """IDN-02."""
    site = make_site()
    token = make_token(site.world.credential, expires=get_now() - timedelta(seconds=1))
    assert get("/me/", token=token).status_code == 401


def test_a_token_for_another_audience_is_refused() -> None:
    """RFC 8707: a token that was made for somebody else is not good here."""
    site = make_site()
    token = make_token(site.world.credential, resource=["https://other.example/"])
    assert get("/me/", token=token).status_code == 401


def test_a_revoked_credential_ends_its_tokens_at_once() -> None:
    """IDN-02."""
    site = make_site()
    assert get("/me/", token=site.world.token).status_code == 200
    revoke_credential(credential_id=site.world.credential.pk, actor=Actor("human", "rosa"), now=get_now())
    assert get("/me/", token=site.world.token).status_code == 401


def test_a_token_in_the_query_string_is_refused_and_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """IDN-02: not even beside a good header, and the log never sees it."""
    site = make_site()
    for name in ("access_token", "token"):
        answer = get(f"/me/?{name}={site.world.token}", token=site.world.token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    logged = capsys.readouterr()
    assert site.world.token not in logged.out + logged.err


# ---- scopes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "scope"),
    [("/action-requests/", "requests:write"), ("/action-requests/preview/", "requests:write"),
     ("/action-requests/batch/", "requests:write"), (POSTS[3], "requests:write"),
     ("/records/embedded/companies/search/", "records:read"), ("/dnc/check/", "dnc:check"),
     ("/dnc/entries/", "dnc:write"), ("/reports/delivery/", "delivery:write")],
)  # fmt: skip
def test_a_token_without_the_scope_is_refused_at_every_writing_door(path: str, scope: str) -> None:
    """IDN-02: 403 with the scope that would do."""
    site = make_site()
    others = set(SCOPES.split()) - {scope}
    answer = post(path, make_body(site), token=make_token(site.world.credential, scope=" ".join(sorted(others))))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert f'scope="{scope}"' in answer["WWW-Authenticate"]
    assert not AgentActionRequest.objects.exists()


@pytest.mark.parametrize(
    ("path", "scope"), [(path, "records:read" if "records" in path else "requests:read") for path in GETS[1:]]
)
def test_a_token_without_the_scope_is_refused_at_every_reading_door(path: str, scope: str) -> None:
    """IDN-02."""
    site = make_site()
    others = set(SCOPES.split()) - {scope}
    answer = get(path, token=make_token(site.world.credential, scope=" ".join(sorted(others))))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


# ---- other agents, other workspaces --------------------------------------------------------------------------------
def neighbour(site: Site) -> str:
    """A token of another agent in the same workspace."""
    return make_token(make_credential(make_agent(site.world.workspace, site.world.owner, name="agent.other")))


def stranger() -> str:
    """A token of an agent in another workspace, with the same grants."""
    return make_site("bolt", agent_name="agent.bolt").world.token


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_anothers_request_does_not_exist(who: str) -> None:
    """Invariant 8: 404 on every path, and the list is empty."""
    site = make_site()
    request_id = propose(site)["id"]
    token = neighbour(site) if who == "neighbour" else stranger()
    own = f"/action-requests/{request_id}/"
    answers = [get(own, token=token), get(f"{own}trace/", token=token), post(f"{own}cancel/", {}, token=token)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 3
    assert get("/action-requests/", token=token).json()["results"] == []
    assert get("/action-requests/?correlation_id=run-1&object=companies", token=token).json()["results"] == []
    assert AgentActionRequest.objects.get().status == "approved"


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_anothers_event_cannot_be_proven(who: str) -> None:
    """Invariant 8: the same 404 as for an event that does not exist."""
    site = make_site()
    propose(site)
    sequence_pending(now=get_now())
    sign_checkpoint(now=get_now())
    event_id = own_event_id(site)
    assert get(f"/ledger/proof/{event_id}/", token=site.world.token).status_code == 200
    token = neighbour(site) if who == "neighbour" else stranger()
    theirs, none = (get(f"/ledger/proof/{id_}/", token=token) for id_ in (event_id, new_id()))
    assert theirs.status_code == none.status_code == 404
    assert theirs.json()["detail"] == none.json()["detail"]


def own_event_id(site: Site) -> str:
    return str(LedgerEvent.objects.filter(actor_id=site.world.agent.name, type="request.received").get().pk)


def test_another_workspaces_connection_is_not_there() -> None:
    """Invariant 8: connections of equal name are each workspace's own, others do not exist."""
    site, other = make_site(), make_site("bolt", agent_name="agent.bolt")
    other.world.connection.name = "theirs"
    other.world.connection.save()
    answer = post("/action-requests/", make_body(site, connection="theirs"), token=site.world.token)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_connection")
    assert get(f"/records/theirs/companies/{other.company}/", token=site.world.token).status_code == 404


# ---- paths, methods ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    ["/", "/nothing/", "/me", "/action-requests", "/action-requests/1/", "/action-requests/../me/",
     f"/action-requests/{NOTHING}", "/records/embedded/companies/", "/records/a/b/c/d/", "/ledger/proof/x/"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_path_is_a_problem_of_its_own(path: str, method: str) -> None:
    """404 as problem details, never a page, never a redirect."""
    answer = getattr(Client(), method)("/api/v1" + path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["correlation_id"] == answer["X-Correlation-ID"]


@pytest.mark.parametrize("path", GETS + POSTS)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
def test_other_methods_are_refused(path: str, method: str) -> None:
    """405 with what is allowed, with a token or without: nothing is disclosed by it."""
    site = make_site()
    answer = getattr(Client(), method)("/api/v1" + path, headers={"Authorization": f"Bearer {site.world.token}"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"]


def test_a_method_cannot_be_overridden() -> None:
    """A form that claims to be something else is still a form."""
    site = make_site()
    headers = {"Authorization": f"Bearer {site.world.token}", "X-HTTP-Method-Override": "DELETE"}
    answer = Client().post("/api/v1/action-requests/", {"_method": "DELETE"}, headers=headers)
    assert answer.status_code == 415
    answer = Client().get("/api/v1/me/", headers=headers)
    assert answer.status_code == 200


def test_an_agent_cannot_act_as_a_person() -> None:
    """A bearer token opens no page of people, and a session opens no door of agents."""
    site = make_site()
    client = Client(headers={"Authorization": f"Bearer {site.world.token}"})
    assert client.get("/admin/").status_code in (302, 403)
    client = Client()
    client.force_login(site.world.approver_user)
    assert client.get("/api/v1/me/").status_code == 401


def test_the_correlation_id_of_the_caller_comes_back() -> None:
    """EXE-06: a sane one is kept, another is replaced."""
    site = make_site()
    assert get("/me/", token=site.world.token, X_Correlation_ID="run-77")["X-Correlation-ID"] == "run-77"
    assert get("/me/", token=site.world.token, X_Correlation_ID="run 77")["X-Correlation-ID"] != "run 77"
