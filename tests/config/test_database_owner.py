"""AUD-01: migrations act as the owner of the tables, and nothing else does."""

import pytest
from django.db import connection

from config.database_owner import acting_as_owner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner():
    """A role that may log in, beside the one the suite uses."""
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS countersign_owner")
        cursor.execute("CREATE ROLE countersign_owner LOGIN PASSWORD 'owner'")
    yield "countersign_owner"
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE countersign_owner")


def current_user():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('statement_timeout')")
        return cursor.fetchone()


def test_the_owner_acts_inside_and_only_inside(owner):
    usual = current_user()
    with acting_as_owner(connection, f"postgresql://{owner}:owner@x/{connection.settings_dict['NAME']}") as is_owner:
        assert is_owner
        assert current_user() == (owner, "0")
    assert current_user() == usual


def test_another_database_or_none_changes_nothing(owner):
    usual = current_user()
    for url in ("", f"postgresql://{owner}:owner@x/elsewhere"):
        with acting_as_owner(connection, url) as is_owner:
            assert not is_owner
            assert current_user() == usual
