"""The login page tells a known person without screens what is the matter, and a stranger nothing (IDN-07)."""

import pytest
from django.test import Client

from governance.models import User
from tests.builders.governance import make_user

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/?next=/review/"
NO_SCREENS = "Your role has no screens in this console."


def make_login(*, is_staff: bool, is_active: bool = True) -> User:
    user = make_user(username="ana@example.com", is_staff=is_staff)
    user.set_password("right horse")
    user.is_active = is_active
    user.save()
    return user


def log_in(client: Client, password: str) -> str:
    answer = client.post(LOGIN, {"username": "ana@example.com", "password": password})
    return answer.headers.get("Location") or answer.content.decode()


def test_a_login_without_screens_hears_that_and_is_not_let_in(client: Client) -> None:
    make_login(is_staff=False)
    assert NO_SCREENS in log_in(client, "right horse")
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_tells_nothing_about_the_login(client: Client) -> None:
    make_login(is_staff=False)
    assert NO_SCREENS not in log_in(client, "wrong horse")


def test_a_closed_login_is_not_let_in(client: Client) -> None:
    make_login(is_staff=True, is_active=False)
    log_in(client, "right horse")
    assert "_auth_user_id" not in client.session


def test_staff_get_in(client: Client) -> None:
    make_login(is_staff=True)
    assert log_in(client, "right horse") == "/review/"
