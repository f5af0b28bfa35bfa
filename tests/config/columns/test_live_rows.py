"""Every column of every row that bites at once: changed alone, a decision, a vote or a claim is another one."""

import pytest
from django.apps import apps

from tests.builders.other_values import is_noticed, own_columns, seen
from tests.config.columns.excused import COMPILED, DECIDES_NOTHING, LIVE, NOT_IN_THE_DOCUMENT, RECORDS
from tests.config.columns.stages import STAGES, Stage

pytestmark = pytest.mark.django_db

ROOMS = ("governance", "approvals", "crm_connectors")


def noticed(stage: Stage) -> tuple[set[str], set[str]]:
    """The columns of the staged rows, and which of them somebody notices. Asked twice, the stage says the same."""
    columns, found = set(), set()
    for row in stage.rows:
        before = seen(row, stage.observe, {})
        assert seen(row, stage.observe, {}) == before
        for column in own_columns(type(row)):
            name = f"{type(row).__name__}.{column}"
            columns.add(name)
            along = stage.along.get(column)
            if name not in found and is_noticed(row, column, stage.observe, before=before, along=along):
                found.add(name)
    return columns, found


# Two stages show the columns of a touch; each leaves these to the other.
LEFT = {
    "touch": {"Touch.request_id", "Touch.reserved_at"},
    "waiting touch": {"Touch.action", "Touch.agent", "Touch.key", "Touch.touched_at"},
}


@pytest.mark.parametrize("name", STAGES)
def test_a_column_bites_or_says_why_not(name):
    """KIL-01, LIM-01, APR-05, APR-11, DNC-01: what is live is read; a column that nothing reads has its reason."""
    columns, found = noticed(STAGES[name]())
    compiled = {column for column in columns if column.split(".")[0] in COMPILED}
    assert columns - compiled - found == (columns & set(RECORDS)) | LEFT.get(name, set())
    assert {column for column in compiled if NOT_IN_THE_DOCUMENT.get(column) == LIVE} <= found


def test_no_column_is_left_by_both():
    assert LEFT["touch"].isdisjoint(LEFT["waiting touch"])


def test_every_model_is_walked_or_decides_nothing():
    """A new table has a stage, is compiled, or says what it is for."""
    staged = {column.split(".")[0] for column in RECORDS} | {"Grant", "Membership", "AgentBaseline"}
    others = {model.__name__ for model in our_models()} - COMPILED - staged
    assert others == set(DECIDES_NOTHING)


def test_what_is_excused_is_a_column():
    known = {f"{model.__name__}.{column}" for model in our_models() for column in own_columns(model)}
    assert set(RECORDS) | set(NOT_IN_THE_DOCUMENT) <= known


def our_models():
    """Tables of ours; what keeps their history, or stands for a table that is there already, is none."""
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not model._meta.proxy and not hasattr(model, "instance_type")
    ]
