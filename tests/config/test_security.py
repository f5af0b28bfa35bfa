"""SEC-01: the habits of the whole site, whatever page it is."""

import base64

import pytest

from governance.models import User

pytestmark = pytest.mark.django_db


def test_an_unknown_host_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["countersign.example.com"]
    assert client.get("/admin/login/", headers={"Host": "evil.example"}).status_code == 400


def test_pages_carry_the_protective_headers(client):
    headers = client.get("/admin/login/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy


def test_guessing_passwords_is_locked_out_even_when_the_right_one_comes(client, settings):
    User.objects.create_user("manager", password="right-and-long-enough", is_staff=True)
    for _guess in range(settings.AXES_FAILURE_LIMIT):
        client.post("/admin/login/", {"username": "manager", "password": "wrong"})
    answer = client.post("/admin/login/", {"username": "manager", "password": "right-and-long-enough"})
    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session


def test_https_mode_redirects_pages_but_not_probes(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/admin/login/").status_code == 301
    assert client.get("/healthz").status_code == 200


def test_a_new_address_in_a_header_gives_a_guesser_no_new_tries(client, settings):
    User.objects.create_user("manager", password="right-and-long-enough", is_staff=True)
    for guess in range(settings.AXES_FAILURE_LIMIT):
        headers = {"X-Forwarded-For": f"203.0.113.{guess}", "X-Real-IP": f"203.0.113.{guess}"}
        client.post("/admin/login/", {"username": "manager", "password": "wrong"}, headers=headers)
    answer = client.post("/admin/login/", {"username": "manager", "password": "right-and-long-enough"})
    assert answer.status_code == 429


@pytest.mark.parametrize("name", ["a\x00b", "\x00", "x" * 5000, "\U0001f600", "' OR 1=1 --"])
def test_a_client_id_that_nobody_has_gets_no_token(client, name):
    """IDN-02: whatever the bytes, and in the header as in the body: 401, never an error on our side."""
    client.raise_request_exception = False
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": name}
    pair = base64.b64encode(f"{name}:{name}".encode()).decode()
    in_header = client.post(
        "/oauth/token/", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
    )
    assert [client.post("/oauth/token/", form).status_code, in_header.status_code] == [401, 401]


@pytest.mark.django_db
def test_json_may_render_nothing_and_pages_only_their_own(client):
    """SEC-01: every answer says what a browser may do with it."""
    assert client.get("/api/v1/me/").headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "script-src 'self'" in client.get("/admin/login/").headers["Content-Security-Policy"]


def test_a_call_with_a_token_leaves_no_session_and_still_has_the_protective_headers(client, settings):
    """SEC-01: agents' calls pass by what serves browsers, not by what protects."""
    answer = client.get("/api/v1/me/", headers={"Authorization": "Bearer nobody"})

    assert (answer.status_code, answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == (401, "DENY", "nosniff")
    assert int(answer["Content-Length"]) == len(answer.content)
    assert "Set-Cookie" not in answer
    settings.ALLOWED_HOSTS = ["countersign.example.com"]
    refused = client.get("/api/v1/me/", headers={"Authorization": "Bearer nobody", "Host": "evil.example"})
    assert refused.status_code == 400


def test_a_login_does_not_open_the_agents_doors_with_a_token_beside_it(client):
    """SEC-01: a person's session says nothing to the API, whatever else the call brings."""
    client.force_login(User.objects.create_superuser("root"))
    answer = client.get("/api/v1/me/", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401
    assert client.get("/admin/", headers={"Authorization": "Bearer nobody"}).status_code == 200


def test_the_api_page_is_shown_to_whoever_brings_a_token(client):
    assert client.get("/api/v1/docs/", headers={"Authorization": "Bearer nobody"}).status_code == 200
