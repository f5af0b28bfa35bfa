"""Many models in one operation leave what Django's own leave one by one."""

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from audit.adapters.create_models import CreateModels

TABLES = {"audit_house", "audit_room"}


def house_and_room():
    return [
        CreateModel("House", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),
        CreateModel(
            "Room",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("house", models.ForeignKey("audit.House", models.PROTECT)),
                ("number", models.IntegerField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["house", "number"], name="room_number")]},
        ),
    ]


def tables():
    return TABLES & set(connection.introspection.table_names())


def test_the_state_is_that_of_one_after_the_other():
    at_once, one_by_one = ProjectState(), ProjectState()
    CreateModels(house_and_room()).state_forwards("audit", at_once)
    for operation in house_and_room():
        operation.state_forwards("audit", one_by_one)
    assert at_once == one_by_one


@pytest.mark.django_db(transaction=True)
def test_tables_come_with_their_constraints_and_go_again():
    before, after, operation = ProjectState(), ProjectState(), CreateModels(house_and_room())
    operation.state_forwards("audit", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("audit", editor, before, after)
    try:
        assert tables() == TABLES
        with connection.cursor() as cursor:
            assert "room_number" in connection.introspection.get_constraints(cursor, "audit_room")
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards("audit", editor, after, before)
    assert tables() == set()


def test_it_says_what_it_does():
    assert CreateModels(house_and_room()).describe() == "Create 2 models"
