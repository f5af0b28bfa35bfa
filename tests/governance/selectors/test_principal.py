"""Finding the agent behind a token (IDN-01/02)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import AccessToken

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.selectors.principal import find_principal
from governance.services.credentials import revoke_credential, rotate_credential
from tests.builders.governance import make_agent, make_credential, make_token, make_workspace

pytestmark = pytest.mark.django_db
ROSA = Actor("human", "rosa")


def test_a_token_names_its_agent_in_one_query() -> None:
    workspace = make_workspace()
    agent = make_agent(workspace)
    credential = make_credential(agent)
    token = make_token(credential, scope="requests:write")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = find_principal(token)
    assert len(queries) == 1
    assert found is not None
    assert (found.agent_id, found.agent_name, found.workspace_id, found.workspace_slug) == (
        agent.pk,
        "agent.enrichment",
        workspace.pk,
        "acme",
    )
    assert (found.lifecycle, found.autonomy_level, found.credential_id) == ("active", "autonomous", credential.pk)
    assert found.scopes == {"requests:write"}
    assert found.now.utcoffset() == timedelta(0)
    assert abs(found.now - get_now()) < timedelta(minutes=1)


@pytest.mark.parametrize("token", ["", "unknown", "x" * 513, "\x00", "\ud800", "ä"])
def test_what_is_no_token_is_nobody(token: str) -> None:
    assert find_principal(token) is None


def test_an_expired_token_is_nobody() -> None:
    token = make_token(make_credential(make_agent(make_workspace())), expires=get_now() - timedelta(seconds=1))
    assert find_principal(token) is None


def test_a_token_for_another_audience_is_nobody() -> None:
    """RFC 8707: a token made for another resource server opens nothing here."""
    credential = make_credential(make_agent(make_workspace()))
    token = make_token(credential, resource=["https://crm.example.com/"])
    assert find_principal(token) is None
    with override_settings(TOKEN_AUDIENCES=("https://gate.example.com/",)):
        assert find_principal(token) is None
        assert find_principal(make_token(credential, resource=["https://gate.example.com/"])) is not None


def test_a_revoked_credential_ends_its_tokens_at_once() -> None:
    credential = make_credential(make_agent(make_workspace()))
    token = make_token(credential)
    assert find_principal(token) is not None
    revoke_credential(credential_id=credential.pk, actor=ROSA, now=get_now())
    assert find_principal(token) is None


def test_a_token_that_slipped_past_the_revocation_is_nobody() -> None:
    credential = make_credential(make_agent(make_workspace()))
    revoke_credential(credential_id=credential.pk, actor=ROSA, now=get_now())
    assert find_principal(make_token(credential)) is None


def test_a_rotated_credential_ends_its_tokens_and_no_others() -> None:
    agent = make_agent(make_workspace())
    credential, other = make_credential(agent), make_credential(agent)
    token, kept = make_token(credential), make_token(other)
    rotate_credential(credential_id=credential.pk, actor=ROSA, now=get_now())
    assert find_principal(token) is None
    assert find_principal(kept) is not None


def test_a_token_of_a_login_without_an_agent_is_nobody() -> None:
    token = make_token(make_credential(make_agent(make_workspace())))
    AccessToken.objects.update(application=None)
    assert find_principal(token) is None
