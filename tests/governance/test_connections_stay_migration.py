"""OPS-01: migrations can be gone back, and leave nothing of theirs behind."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from tests.builders.governance import make_agent, make_connection, make_credential, make_workspace

pytestmark = pytest.mark.django_db
OPERATIONS = import_module("governance.migrations.0016_connections_stay").Migration.operations
EDITOR = SimpleNamespace(connection=connection)


def can_delete(row):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {row._meta.db_table}")  # noqa: S608  # our own name
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_gone_back_a_connection_may_be_deleted_again_and_a_credential_still_not():
    workspace = make_workspace()
    row, credential = make_connection(workspace), make_credential(make_agent(workspace))

    for operation in reversed(OPERATIONS):
        operation.reverse_code(apps, EDITOR)
    assert (can_delete(row), can_delete(credential)) == (True, False)

    for operation in OPERATIONS:
        operation.code(apps, EDITOR)
    assert (can_delete(row), can_delete(credential)) == (False, False)
