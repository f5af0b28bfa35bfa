"""Credentials of agents: seen once, hashed at rest, ended at once (IDN-02)."""

import json

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.test import Client

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Credential
from governance.selectors.access import NotAllowedError
from governance.selectors.principal import find_principal
from governance.services.credential_use import note_credential_use
from governance.services.credentials import (
    AgentRetiredError,
    CredentialRevokedError,
    IssuedCredential,
    issue_credential,
    revoke_credential,
    rotate_credential,
)
from tests.builders.governance import make_agent, make_credential, make_workspace

pytestmark = pytest.mark.django_db
ROSA = Actor("human", "rosa")


def ask_token(client: Client, client_id: str, secret: str, **more: str) -> "tuple[int, dict[str, object]]":
    body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, **more}
    response = client.post("/oauth/token/", body)
    return response.status_code, response.json()


def issue() -> IssuedCredential:
    return issue_credential(agent_id=make_agent(make_workspace()).pk, actor=ROSA, now=get_now())


def everything_stored() -> str:
    """Every column of every table, as one text."""
    rows = (str(list(model.objects.values())) for model in apps.get_models() if model._meta.managed)
    bodies = b" ".join(bytes(body) for body in LedgerEvent.objects.values_list("body", flat=True))
    return " ".join(rows) + bodies.decode()


def test_an_issued_pair_gets_a_token_that_finds_its_agent(client: Client) -> None:
    issued = issue()
    status, answer = ask_token(client, issued.client_id, issued.client_secret)
    assert status == 200
    assert answer["expires_in"] == 3600
    found = find_principal(str(answer["access_token"]))
    assert found is not None
    assert found.agent_name == "agent.enrichment"
    assert found.scopes == {"requests:write", "requests:read", "records:read", "dnc:check"}


def test_neither_secret_nor_token_lies_in_the_database(client: Client) -> None:
    issued = issue()
    _, answer = ask_token(client, issued.client_id, issued.client_secret)
    stored = everything_stored()
    assert issued.client_id in stored
    assert issued.client_secret not in stored
    assert str(answer["access_token"]) not in stored


def test_the_secret_is_in_no_repr() -> None:
    issued = issue()
    assert issued.client_secret not in repr(issued)
    assert issued.client_secret not in str(issued)


def test_a_wrong_secret_gets_no_token(client: Client) -> None:
    issued = issue()
    assert ask_token(client, issued.client_id, "wrong")[0] == 401


def test_an_agent_is_never_given_the_right_to_edit_the_do_not_contact_list(client: Client) -> None:
    issued = issue()
    status, answer = ask_token(client, issued.client_id, issued.client_secret, scope="dnc:write")
    assert (status, answer["error"]) == (400, "invalid_scope")


def test_rotation_ends_the_old_secret(client: Client) -> None:
    issued = issue()
    rotated = rotate_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    assert rotated.client_id == issued.client_id
    assert ask_token(client, issued.client_id, issued.client_secret)[0] == 401
    assert ask_token(client, rotated.client_id, rotated.client_secret)[0] == 200


def test_a_revoked_credential_gets_no_token_and_no_new_secret(client: Client) -> None:
    issued = issue()
    revoke_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    revoke_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    assert ask_token(client, issued.client_id, issued.client_secret)[0] == 401
    with pytest.raises(CredentialRevokedError):
        rotate_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())


def test_every_step_is_in_the_ledger_once_without_the_secret() -> None:
    issued = issue()
    rotated = rotate_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    for _ in range(2):
        revoke_credential(credential_id=issued.credential_id, actor=ROSA, now=get_now())
    events = LedgerEvent.objects.filter(subject_type="credential", subject_id=str(issued.credential_id))
    assert sorted(events.values_list("type", flat=True)) == [
        "credential.issued",
        "credential.revoked",
        "credential.rotated",
    ]
    bodies = b"".join(bytes(body) for body in events.values_list("body", flat=True))
    assert issued.client_id.encode() in bodies
    assert issued.client_secret.encode() not in bodies
    assert rotated.client_secret.encode() not in bodies


def test_a_retired_agent_gets_none() -> None:
    agent = make_agent(make_workspace(), lifecycle="retired")
    with pytest.raises(AgentRetiredError):
        issue_credential(agent_id=agent.pk, actor=ROSA, now=get_now())


def test_an_agent_gives_itself_none() -> None:
    agent = make_agent(make_workspace())
    credential = make_credential(agent)
    itself = Actor("agent", agent.name)
    with pytest.raises(NotAllowedError):
        issue_credential(agent_id=agent.pk, actor=itself, now=get_now())
    with pytest.raises(NotAllowedError):
        rotate_credential(credential_id=credential.pk, actor=itself, now=get_now())
    with pytest.raises(NotAllowedError):
        revoke_credential(credential_id=credential.pk, actor=itself, now=get_now())


def test_the_command_prints_the_pair_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    agent = make_agent(make_workspace())
    call_command("issue_credential", agent.name, "--json")
    pair = json.loads(capsys.readouterr().out)
    assert set(pair) == {"client_id", "client_secret"}
    assert check_password(pair["client_secret"], Credential.objects.get(client_id=pair["client_id"]).client_secret)


def test_the_command_refuses_an_unknown_agent() -> None:
    with pytest.raises(CommandError, match=r"no agent `agent\.nobody`"):
        call_command("issue_credential", "agent.nobody")


def test_last_use_is_noted_at_most_once_a_minute() -> None:
    credential, now = make_credential(make_agent(make_workspace())), get_now()
    assert note_credential_use(credential_id=credential.pk, now=now)
    assert not note_credential_use(credential_id=credential.pk, now=now)
    credential.refresh_from_db()
    assert credential.last_used_at == now
