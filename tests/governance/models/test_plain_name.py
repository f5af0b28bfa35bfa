"""People decide by names: forms and the database refuse what cannot be seen in one (APR-03)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from governance.domain.plain_name import seen_name
from governance.models import Agent, ApproverGroup, Connection, Integration, Person, Workspace
from tests.builders.governance import make_world

pytestmark = pytest.mark.django_db
NAMED = (Agent, ApproverGroup, Connection, Integration, Person, Workspace)
HIDING = (
    "Rosa\u202eoleG",
    "Ro\u200bsa",
    "Rosa\u00a0",
    "Ro\u00adsa",
    "Rosa\x07",
    "Rosa\nBoss",
    "\u2066Rosa\u2069",
    "Rosa\u3164",
    "Rosa\ufeff",
    "Rosa\U000e0041",
)
PLAIN = ("Zoë O’Hara-Núñez", "李小龍", "Ἀριστοτέλης", "محمد", "agent.enrichment", "R&D <Ops> {{ 7*7 }}")


@pytest.fixture
def rows():
    world = make_world()
    integration = Integration.objects.create(workspace=world.workspace, name="integration.mail", owner=world.owner)
    named = (world.agent, world.group, world.connection, integration, world.owner, world.workspace)
    return {type(row): row for row in named}


@pytest.mark.parametrize("name", HIDING, ids=ascii)
def test_no_name_holds_what_cannot_be_seen(rows, name):
    """By a form as by whatever else writes; a connection's name is a slug before."""
    for model in NAMED:
        row = rows[model]
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(name=name)
        row.name = name
        with pytest.raises(ValidationError, match=r"cannot be seen|valid .slug."):
            row.full_clean()


@pytest.mark.parametrize("name", PLAIN, ids=ascii)
def test_a_name_of_any_script_stays_as_it_is(rows, name):
    person = rows[Person]
    person.name = name
    person.full_clean()
    person.save()
    assert Person.objects.get(pk=person.pk).name == name
    assert seen_name(name, longest=120) == name


def test_names_from_before_are_spelled_out(rows):
    """The migration: nothing is left hidden, and it fits."""
    person = rows[Person]
    lift, put_back = (
        ("PRAGMA ignore_check_constraints = ON", "PRAGMA ignore_check_constraints = OFF")
        if connection.vendor == "sqlite"
        else ("ALTER TABLE governance_person DROP CONSTRAINT person_name_is_seen", "SELECT 1")
    )
    with connection.cursor() as cursor:
        cursor.execute(lift)
        try:
            Person.objects.filter(pk=person.pk).update(name="x" * 117 + "\u202ey")
            import_module("governance.migrations.0009_spell_names_out").spell_out(apps, None)
        finally:
            cursor.execute(put_back)
    person.refresh_from_db()
    assert person.name == "x" * 117 + "⟦U+"
