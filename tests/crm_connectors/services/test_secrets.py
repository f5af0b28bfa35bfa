"""Secrets of connections: sealed, used on record, never told (IDN-05, SEC-01)."""

import json
import logging
import pickle
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.forms.models import model_to_dict

from audit.models import ErasableValues, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.adapters.sealing import SealBrokenError
from crm_connectors.models import ConnectionGate, ConnectionSecret
from crm_connectors.port import AuthError
from crm_connectors.services import secrets as secrets_module
from crm_connectors.services.secret_changes import SecretRefusedError, forget_secret, set_secret
from crm_connectors.services.secrets import (
    USE_PERIOD,
    ConnectionSecrets,
    open_secret,
    rotate_secrets,
)
from governance.models import Connection
from governance.selectors.access import NotAllowedError
from tests.builders.crm_connectors import make_embedded_connection
from tests.builders.governance import allow, make_person, make_user

pytestmark = pytest.mark.django_db
CANARY = "canary-2718281828459045"


@pytest.fixture
def connection_id():
    return make_embedded_connection()


@pytest.fixture
def keeper(connection_id):
    """Who answers for agents and their connections."""
    user = make_user(make_person("Kim Keeper"))
    allow(user, Connection.objects.get(pk=connection_id).workspace, "manage_agents")
    return user


def keep(connection_id, user, value=CANARY, *, name="access_token", **changes):
    set_secret(connection_id=connection_id, name=name, value=value, user_id=user.pk, now=get_now(), **changes)


def events(connection_id):
    kept = LedgerEvent.objects.filter(subject_id=str(connection_id), type__startswith="connection.").order_by("at")
    return [event.type for event in kept]


def test_a_secret_is_read_again_and_lies_sealed(connection_id, keeper):
    keep(connection_id, keeper, f"  {CANARY}\n")
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == CANARY
    row = ConnectionSecret.objects.get()
    assert CANARY not in json.dumps(model_to_dict(row), default=str) + row.sealed_value
    assert row.set_by == keeper.person


@pytest.mark.parametrize("permission", ["view_requests", "edit_policy", ""])
def test_who_may_not_manage_agents_neither_sets_nor_forgets(connection_id, keeper, permission):
    keep(connection_id, keeper)
    stranger = make_user(make_person("Sam Stranger"))
    if permission:
        allow(stranger, Connection.objects.get(pk=connection_id).workspace, permission)
    with pytest.raises(NotAllowedError):
        keep(connection_id, stranger, "another")
    with pytest.raises(NotAllowedError):
        forget_secret(connection_id=connection_id, name="access_token", user_id=stranger.pk, now=get_now())
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == CANARY


@pytest.mark.parametrize("value", ["", "  \n", "x" * 16_385])
def test_what_is_no_secret_is_refused(connection_id, keeper, value):
    with pytest.raises(SecretRefusedError):
        keep(connection_id, keeper, value)
    assert not ConnectionSecret.objects.exists()


def test_a_secret_that_is_absent_or_expired_is_an_auth_error(connection_id, keeper):
    with pytest.raises(AuthError, match="access_token"):
        open_secret(connection_id=connection_id, name="access_token")
    keep(connection_id, keeper, expires_at=get_now() - timedelta(seconds=1))
    with pytest.raises(AuthError):
        open_secret(connection_id=connection_id, name="access_token")
    assert ConnectionSecrets(connection_id).find("access_token") is None


def test_use_is_on_record_once_in_a_while(connection_id, keeper):
    """IDN-05: every use audited; ten thousand writes with one token are not ten thousand events."""
    keep(connection_id, keeper)
    for _ in range(5):
        open_secret(connection_id=connection_id, name="access_token")
    assert events(connection_id) == ["connection.secret_set", "connection.secret_used"]
    ConnectionSecret.objects.update(last_used_at=get_now() - USE_PERIOD)
    open_secret(connection_id=connection_id, name="access_token")
    assert events(connection_id).count("connection.secret_used") == 2


def test_a_use_that_cannot_be_recorded_does_not_happen(connection_id, keeper, monkeypatch):
    keep(connection_id, keeper)

    def fail(*_, **__):
        raise LedgerUnavailableError("down")

    monkeypatch.setattr(secrets_module, "append_event", fail)
    with pytest.raises(LedgerUnavailableError):
        open_secret(connection_id=connection_id, name="access_token")
    assert ConnectionSecret.objects.get().last_used_at is None


def test_a_new_secret_takes_the_old_ones_place_and_ends_an_auth_pause(connection_id, keeper):
    ConnectionGate.objects.create(connection_id=connection_id, state="open", reason="auth", message="revoked")
    keep(connection_id, keeper, "first")
    keep(connection_id, keeper, "second")
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == "second"
    assert ConnectionGate.objects.get().state == "closed"
    assert events(connection_id).count("connection.resumed") == 1


def test_a_new_secret_does_not_end_a_pause_for_another_reason(connection_id, keeper):
    ConnectionGate.objects.create(connection_id=connection_id, state="open", reason="transient", message="down")
    keep(connection_id, keeper)
    assert ConnectionGate.objects.get().state == "open"


def test_a_forgotten_secret_is_gone(connection_id, keeper):
    keep(connection_id, keeper)
    for _ in range(2):
        forget_secret(connection_id=connection_id, name="access_token", user_id=keeper.pk, now=get_now())
    assert not ConnectionSecret.objects.exists()
    assert events(connection_id) == ["connection.secret_set", "connection.secret_forgotten"]


def test_what_the_crm_hands_out_is_kept_by_nobody_in_particular(connection_id):
    ConnectionSecrets(connection_id).keep("access_token", CANARY, expires_at=get_now() + timedelta(minutes=30))
    assert ConnectionSecrets(connection_id).open("access_token").reveal() == CANARY
    assert ConnectionSecret.objects.get().set_by is None
    assert LedgerEvent.objects.get(type="connection.secret_set").actor_id == "connectors"


def test_what_came_along_is_kept_with_it_or_neither_is(connection_id, monkeypatch):
    """An access token without the refresh token that replaced the spent one would be the connection's last."""
    kept = ConnectionSecrets(connection_id)
    kept.keep("oauth_token", "first", along={"refresh_token": "one"})
    real, told = secrets_module.append_event, []

    def fail_second(*args, **kwargs):
        told.append(args)
        if len(told) == 2:
            raise LedgerUnavailableError("down")
        return real(*args, **kwargs)

    monkeypatch.setattr(secrets_module, "append_event", fail_second)
    with pytest.raises(LedgerUnavailableError):
        kept.keep("oauth_token", "second", along={"refresh_token": "two"})
    monkeypatch.undo()
    assert [kept.open(name).reveal() for name in ("oauth_token", "refresh_token")] == ["first", "one"]


def test_a_sealed_value_opens_in_its_own_row_alone(connection_id, keeper):
    """Who can write to the table cannot make one connection use another's secret."""
    keep(connection_id, keeper)
    keep(connection_id, keeper, "weaker", name="client_secret")
    moved = ConnectionSecret.objects.get(name="client_secret").sealed_value
    ConnectionSecret.objects.filter(name="access_token").update(sealed_value=moved)
    with pytest.raises(AuthError):
        open_secret(connection_id=connection_id, name="access_token")


def test_all_are_sealed_anew_under_the_newest_key(connection_id, keeper, settings, capsys):
    keep(connection_id, keeper)
    earlier = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [earlier]
    call_command("rotate_secrets")
    call_command("rotate_secrets")
    assert capsys.readouterr().out.splitlines() == ["1 secret sealed anew", "0 secrets sealed anew"]
    settings.SECRET_KEY_FALLBACKS = []
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == CANARY
    assert "connection.secret_resealed" in events(connection_id)


def test_a_key_that_is_gone_is_told_and_changes_nothing(connection_id, keeper, settings):
    keep(connection_id, keeper)
    sealed = ConnectionSecret.objects.get().sealed_value
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, []
    with pytest.raises(SealBrokenError):
        rotate_secrets(now=get_now())
    with pytest.raises(AuthError, match="set it again"):
        open_secret(connection_id=connection_id, name="access_token")
    assert ConnectionSecret.objects.get().sealed_value == sealed


def test_a_secret_in_memory_shows_itself_to_nobody(connection_id, keeper):
    keep(connection_id, keeper)
    secret = open_secret(connection_id=connection_id, name="access_token")
    assert CANARY not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_the_value_is_nowhere(connection_id, keeper, caplog):
    """Canary: in no row of any table, no log line, no error, after all that can be done with it."""
    caplog.set_level(logging.DEBUG)
    keep(connection_id, keeper)
    open_secret(connection_id=connection_id, name="access_token")
    told = [caplog.text, repr(ConnectionSecret.objects.get())]
    with pytest.raises(SecretRefusedError) as refused:
        keep(connection_id, keeper, CANARY * 1_000)
    with pytest.raises(AuthError) as missing:
        open_secret(connection_id=connection_id, name="refresh_token")
    told += [str(refused.value), str(missing.value)]
    told += [bytes(event.body).decode() for event in LedgerEvent.objects.all()]
    told += [str(values.content) for values in ErasableValues.objects.all()]
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our tables
            told.append(repr(cursor.fetchall()))
    assert not [text for text in told if CANARY in text]
