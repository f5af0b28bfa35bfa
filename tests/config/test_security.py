"""SEC-01: the habits of the whole site, whatever page it is."""

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
