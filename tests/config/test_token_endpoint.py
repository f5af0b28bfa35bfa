"""The token endpoint against RFC 6749: one grant, one kind of client, and errors that a client can read (IDN-02)."""

import base64
import io
import logging.config
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from oauth2_provider.models import AccessToken

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.structured_logs import logging_config
from governance.models import Agent, User
from governance.services.credentials import IssuedCredential, issue_credential, revoke_credential
from tests.builders.api import get, make_body, make_site, post
from tests.builders.governance import PASSWORD, make_agent, make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db

URL = "/oauth/token/"
GRANT = {"grant_type": "client_credentials"}
ROSA = Actor("human", "rosa")
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def issued() -> IssuedCredential:
    return issue_credential(agent_id=make_agent(make_workspace()).pk, actor=ROSA, now=get_now())


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def ask(form: dict[str, Any], headers: dict[str, str] | None = None, query: str = "") -> Any:
    return Client(raise_request_exception=False).post(URL + query, form, headers=headers or {})


def check_error(answer: Any, status: int, error: str) -> None:
    """RFC 6749 §5.2: a JSON object with `error`, which nobody in between may keep; and no token was made."""
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("is_in_header", [True, False])
def test_a_client_gives_its_secret_in_the_header_or_in_the_body(issued: IssuedCredential, is_in_header: bool) -> None:
    """RFC 6749 §2.3.1, §5.1."""
    pair = {"client_id": issued.client_id, "client_secret": issued.client_secret}
    answer = ask(GRANT, basic(*pair.values())) if is_in_header else ask({**GRANT, **pair})
    token = answer.json()
    assert (answer.status_code, token["token_type"], token["expires_in"]) == (200, "Bearer", 3600)
    assert "refresh_token" not in token
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "no-store")
    assert get("/me/", token=token["access_token"]).status_code == 200


def test_a_client_may_ask_for_less_than_it_could_have(issued: IssuedCredential) -> None:
    """RFC 6749 §3.3: and gets no more."""
    token = ask({**GRANT, "scope": "requests:read"}, basic(issued.client_id, issued.client_secret)).json()
    assert token["scope"] == "requests:read"
    refused = post("/action-requests/", make_body(), token=token["access_token"])
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("is_in_header", [True, False])
def test_a_wrong_secret_and_an_unknown_client_are_told_the_same(
    issued: IssuedCredential, is_known: bool, is_in_header: bool
) -> None:
    """RFC 6749 §5.2: 401 with a challenge for the scheme that clients use, and no word on which half was wrong."""
    client_id = issued.client_id if is_known else "nobody"
    form = GRANT if is_in_header else {**GRANT, "client_id": client_id, "client_secret": "guess"}
    answer = ask(form, basic(client_id, "guess") if is_in_header else None)
    check_error(answer, 401, "invalid_client")
    assert answer["WWW-Authenticate"] == 'Basic realm="countersign"'
    assert answer.json() == {"error": "invalid_client"}


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic //79/Q==", "Bearer x", "Basic " + "QQ" * 5_000])
def test_a_header_that_is_none_is_no_client(header: str) -> None:
    check_error(ask(GRANT, {"Authorization": header}), 401, "invalid_client")


def test_a_secret_in_the_query_string_is_not_read(issued: IssuedCredential) -> None:
    """RFC 6749 §2.3.1: parameters of the client must not be in the address."""
    query = f"?client_id={issued.client_id}&client_secret={issued.client_secret}"
    assert ask(GRANT, query=query).status_code in (400, 401)
    assert not AccessToken.objects.exists()


def test_a_revoked_credential_gets_no_token(issued: IssuedCredential) -> None:
    revoke_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    check_error(ask(GRANT, basic(issued.client_id, issued.client_secret)), 401, "invalid_client")


def test_a_retired_agent_gets_no_token_with_a_credential_that_it_still_holds(issued: IssuedCredential) -> None:
    """IDN-06: the end of an agent does not depend on somebody revoking its credentials one by one."""
    Agent.objects.update(lifecycle="retired")
    check_error(ask(GRANT, basic(issued.client_id, issued.client_secret)), 401, "invalid_client")


@pytest.mark.parametrize("lifecycle", ["draft", "quarantined"])
def test_the_token_of_an_agent_that_is_not_active_opens_nothing(lifecycle: str) -> None:
    """IDN-06: it may ask who it is; it reads no record, and what it proposes is denied."""
    site = make_site()
    issued = issue_credential(agent_id=site.world.agent.pk, actor=ROSA, now=get_now())
    Agent.objects.update(lifecycle=lifecycle)
    token = ask(GRANT, basic(issued.client_id, issued.client_secret)).json()["access_token"]
    assert get("/me/", token=token).json()["lifecycle"] == lifecycle
    assert get(f"/records/embedded/companies/{site.company}/", token=token).status_code == 403
    assert post("/action-requests/", make_body(site), token=token).json()["status"] == "denied"


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("nonsense", "unsupported_grant_type"),
        ("authorization_code", "unsupported_grant_type"),
        ("refresh_token", "unsupported_grant_type"),
        ("password", "unsupported_grant_type"),
        (DEVICE, "unsupported_grant_type"),
    ],
)
def test_there_is_one_grant(issued: IssuedCredential, grant_type: str | None, error: str) -> None:
    """RFC 9700 §2.4, §2.1.2: other grants are not there to be tried."""
    form = {"grant_type": grant_type} if grant_type is not None else {}
    check_error(ask(form, basic(issued.client_id, issued.client_secret)), 400, error)


@pytest.mark.parametrize("more", [{}, {"device_code": "x"}, {"device_code": "\x00"}])
def test_the_device_grant_of_the_toolkit_is_no_back_door(more: dict[str, str]) -> None:
    """It would answer without asking for a credential, and with an error on our side where its code is missing."""
    check_error(ask({"grant_type": DEVICE, **more}), 400, "unsupported_grant_type")


def test_no_agent_finds_out_the_password_of_a_person(issued: IssuedCredential) -> None:
    """A right and a wrong password are answered alike, and count as no log-in."""
    user = make_user(make_person("Rosa Revops"))
    headers = basic(issued.client_id, issued.client_secret)
    answers = [
        ask({"grant_type": "password", "username": user.username, "password": password}, headers).content
        for password in (PASSWORD, "wrong")
    ]
    assert answers[0] == answers[1] == b'{"error": "unsupported_grant_type"}'
    assert User.objects.get(pk=user.pk).last_login is None


@pytest.mark.parametrize("scope", ["dnc:write", "requests:read nonsense", "\x00", "x" * 5_000])
def test_an_unknown_scope_is_refused(issued: IssuedCredential, scope: str) -> None:
    answer = ask({**GRANT, "scope": scope}, basic(issued.client_id, issued.client_secret))
    check_error(answer, 400, "invalid_scope")


def test_what_the_caller_wrote_is_never_given_back_as_a_page(issued: IssuedCredential) -> None:
    """The toolkit repeats a bad `resource` (RFC 8707): as JSON it is text, as a page it would be markup."""
    form = {**GRANT, "resource": "<script>alert(1)</script>"}
    check_error(ask(form, basic(issued.client_id, issued.client_secret)), 400, "invalid_target")


def test_more_fields_than_we_read_are_a_bad_request() -> None:
    check_error(ask({f"f{number}": "x" for number in range(1_100)}), 400, "invalid_request")


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_tokens_are_asked_for_by_post(issued: IssuedCredential, method: str) -> None:
    """RFC 6749 §3.2."""
    address = f"{URL}?grant_type=client_credentials"
    answer = getattr(Client(), method)(address, headers=basic(issued.client_id, issued.client_secret))
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert not AccessToken.objects.exists()


def test_neither_secret_nor_token_is_in_a_log_line(issued: IssuedCredential) -> None:
    """SEC-01: whether it worked or not, and wherever the secret stood."""
    stream = io.StringIO()
    config = logging_config("DEBUG")
    config["handlers"]["stderr"]["stream"] = stream
    logging.config.dictConfig(config)
    pair = {"client_id": issued.client_id, "client_secret": issued.client_secret}
    try:
        tokens = [ask(GRANT, basic(*pair.values())).json(), ask({**GRANT, **pair}).json()]
        ask({**GRANT, "scope": "x"}, basic(*pair.values()))
        ask({**pair, "grant_type": "password", "username": issued.client_secret})
        ask(GRANT, query=f"?client_secret={issued.client_secret}")
        ask(GRANT, {"Authorization": f"Bearer {issued.client_secret}"})
    finally:
        logging.config.dictConfig(settings.LOGGING)
    logged = stream.getvalue()
    assert logged.count('"request.finished"') == 6
    for secret in (issued.client_secret, *(token["access_token"] for token in tokens)):
        assert secret not in logged
    assert basic(*pair.values())["Authorization"].removeprefix("Basic ") not in logged
