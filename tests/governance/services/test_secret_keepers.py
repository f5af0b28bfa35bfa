"""Who has seen a secret is on record, and is found in the ledger for credentials from before (APR-07, IDN-02)."""

from importlib import import_module

import pytest
from django.apps import apps

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.models import SecretKeeper
from governance.selectors.secret_keepers import list_keepers
from governance.services.credentials import issue_credential, revoke_credential, rotate_credential
from tests.builders.governance import make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def of(person):
    return {"actor": Actor("human", str(person.pk)), "now": get_now()}


def test_who_issues_and_who_rotates_keep_it_and_who_revokes_does_not(world):
    issuer, rotator, revoker = (make_person(name) for name in ("Ira Issuer", "Roy Rotator", "Rea Revoker"))
    issued = issue_credential(agent_id=world.agent.pk, **of(issuer)).credential_id
    rotate_credential(credential_id=issued, **of(rotator))
    rotate_credential(credential_id=issued, **of(rotator))
    revoke_credential(credential_id=issued, **of(revoker))
    assert list_keepers([issued, world.credential.pk]) == {issued: {str(issuer.pk), str(rotator.pk)}}


@pytest.mark.parametrize("actor", [Actor("system", "command_line"), Actor("human", "operator")])
def test_the_command_line_and_a_login_of_nobody_vote_on_nothing_and_keep_nothing(world, actor):
    issue_credential(agent_id=world.agent.pk, actor=actor, now=get_now())
    assert not SecretKeeper.objects.exists()


def test_the_ledger_tells_of_credentials_from_before(world):
    issuer = make_person("Ira Issuer")
    issued = issue_credential(agent_id=world.agent.pk, **of(issuer)).credential_id
    rotate_credential(credential_id=issued, actor=Actor("human", "operator"), now=get_now())
    SecretKeeper.objects.all().delete()
    import_module("governance.migrations.0012_who_saw_secrets").read_ledger(apps, None)
    assert list_keepers([issued]) == {issued: {str(issuer.pk)}}
