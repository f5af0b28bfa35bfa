"""Who came in is on record, and nobody comes in unrecorded (AUD-02, AUD-08)."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from approvals.services.sweep import sweep
from audit.adapters.files import ledger_dir
from audit.models import ErasableValues, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from audit.services.spool import import_spool
from governance.models import RefusedLogin
from governance.services.logins import tell_refused_logins
from tests.builders.console import make_login
from tests.builders.governance import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    login = make_login(make_world().workspace, "view_requests")
    login.set_password("correct horse battery")
    login.is_staff = True
    login.save()
    return login


def come_in(user, password="correct horse battery"):
    client = Client()
    answer = client.post(reverse("admin:login"), {"username": user.username, "password": password})
    return answer, "_auth_user_id" in client.session


def refused(*_args, **_kwargs):
    raise LedgerUnavailableError("disk full")


def test_a_login_is_on_record(user):
    """AUD-02."""
    _answer, is_in = come_in(user)
    assert is_in
    event = LedgerEvent.objects.get(type="login.succeeded")
    assert (event.actor_type, event.subject_id) == ("human", str(user.pk))


def test_a_wrong_password_is_no_login_and_on_record(user):
    """AUD-01: by which name somebody came lies where it can be erased; the password lies nowhere."""
    assert not come_in(user, "wrong horse")[1]
    assert not LedgerEvent.objects.filter(type="login.succeeded").exists()
    event = LedgerEvent.objects.get(type="login.refused")
    assert (event.actor_id, event.subject_id) == ("unknown", str(user.pk))
    body = bytes(event.body)
    assert json.loads(body)["data"] == {"reason": "invalid_login"}
    kept = bytes(ErasableValues.objects.get(event_id=event.pk).content)
    assert user.username.encode() in kept
    assert user.username.encode() not in body
    assert b"wrong horse" not in body + kept


def test_a_name_that_nobody_has_is_on_record_too():
    Client().post(reverse("admin:login"), {"username": "mallory", "password": "x"})
    assert LedgerEvent.objects.get(type="login.refused").subject_id == "unknown"


def test_who_is_locked_out_is_refused_for_that(user):
    """IDN-07: the lock itself can be told from guesses."""
    for _ in range(9):
        come_in(user, "wrong")
    bodies = LedgerEvent.objects.filter(type="login.refused").order_by("id").values_list("body", flat=True)
    reasons = [json.loads(bytes(body))["data"]["reason"] for body in bodies]
    assert (reasons[0], reasons[-1]) == ("invalid_login", "locked")


def told(reason):
    """(subject, tries) of each refusal on record, oldest first."""
    rows = LedgerEvent.objects.filter(type="login.refused").order_by("id").values_list("subject_id", "body")
    found = [(subject, json.loads(bytes(body))["data"]) for subject, body in rows]
    return [(subject, data.get("tries", 1)) for subject, data in found if data["reason"] == reason]


def later(minutes=10):
    tell_refused_logins(now=get_now() + timedelta(minutes=minutes), limit=100)


def test_whoever_hammers_the_login_does_not_flood_the_ledger_and_no_try_is_lost(user):
    """AUD-02, IDN-07: the first at once, the others together, ten minutes later."""
    for _ in range(4):
        come_in(user, "wrong")
    assert told("invalid_login") == [(str(user.pk), 1)]
    later(minutes=9)
    assert told("invalid_login") == [(str(user.pk), 1)]
    later()
    assert told("invalid_login") == [(str(user.pk), 1), (str(user.pk), 3)]
    later()
    assert len(told("invalid_login")) == 2
    come_in(user, "wrong")
    assert told("invalid_login")[2:] == [(str(user.pk), 1)]


def test_names_that_nobody_has_are_counted_by_where_they_come_from(user):
    """AUD-02: a list of invented names floods nothing; a real login is told apart from them, and an address from
    another."""
    for number in range(5):
        Client().post(reverse("admin:login"), {"username": f"mallory{number}", "password": "x"})
    come_in(user, "wrong")
    Client(REMOTE_ADDR="203.0.113.9").post(reverse("admin:login"), {"username": "mallory", "password": "x"})
    assert told("invalid_login") == [("unknown", 1), (str(user.pk), 1), ("unknown", 1)]
    later()
    assert told("invalid_login")[3:] == [("unknown", 4)]


def test_the_sweep_tells_refusals_that_were_only_counted(user):
    for _ in range(2):
        come_in(user, "wrong")
    RefusedLogin.objects.update(since=get_now() - timedelta(minutes=10))
    sweep(now=get_now())
    assert told("invalid_login") == [(str(user.pk), 1), (str(user.pk), 1)]
    assert not RefusedLogin.objects.exists()


def test_who_leaves_is_on_record(user):
    client = Client()
    client.force_login(user)
    assert client.post(reverse("admin:logout")).status_code in (200, 302)
    assert "_auth_user_id" not in client.session
    event = LedgerEvent.objects.get(type="login.ended")
    assert event.subject_id == str(user.pk)


def test_nothing_keeps_somebody_in_or_lets_them_in_while_the_ledger_is_full(user, monkeypatch):
    """AUD-08: a refusal and a leave need no record to hold."""
    monkeypatch.setattr("governance.services.logins.append_event", refused)
    monkeypatch.setattr("governance.services.logins.spool_event", refused)
    assert not come_in(user, "wrong")[1]
    client = Client()
    client.force_login(user)
    client.post(reverse("admin:logout"))
    assert "_auth_user_id" not in client.session


def test_who_comes_to_press_a_stop_gets_in_while_the_ledger_is_full(user, monkeypatch):
    """AUD-08, KIL-01: it waits in the spool and is imported once."""
    monkeypatch.setattr("governance.services.logins.append_event", refused)
    assert come_in(user)[1]
    assert (ledger_dir() / "spool.jsonl").exists()
    monkeypatch.undo()
    assert import_spool(now=get_now()) == 1
    assert LedgerEvent.objects.filter(type="login.succeeded").count() == 1


def test_nobody_comes_in_where_nothing_can_be_recorded(user, monkeypatch):
    """AUD-08: fails closed."""
    monkeypatch.setattr("governance.services.logins.append_event", refused)
    monkeypatch.setattr("governance.services.logins.spool_event", refused)
    answer, is_in = come_in(user)
    assert not is_in
    assert b"nobody comes in unrecorded" in answer.content
