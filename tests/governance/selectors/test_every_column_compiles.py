"""Every column that RevOps can set in a row of policy is read when the rows are compiled."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import RuleList
from governance.selectors.compilation import compile_policy
from governance.selectors.golden import run_golden_cases
from governance.selectors.policy_sections import SECTIONS
from tests.builders.governance import make_world
from tests.builders.policy import make_index
from tests.builders.rules import make_rule, when

pytestmark = pytest.mark.django_db

# What people are told about a row, or where it is shown: no decision needs it.
WORDS = {
    ("revenue_fields", "names_by_kind"),
    ("revenue_fields", "position"),
    ("revenue_fields", "owner_role"),  # coverage: which of the twenty lack an owner
    ("lawful_bases", "note"),
    ("lawful_bases", "recorded_by"),
}


# REG-10: kept in the policy file and told on every review; tests/governance/admin/test_inventory.py shows each column.
INVENTORY = {"systems", "write_paths"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_compiler_reads_every_column(section):
    """REG-03, POL-04: a column that no published policy holds would be declared and not enforced."""
    world = make_world()
    make_rule(world, when("confidence", "less", "0.5"))  # relations are read for rows that exist
    RuleList.objects.create(workspace=world.workspace, title="Accounts", slug="accounts", kind="domains")
    with CaptureQueriesContext(connection) as queries:
        compile_policy(workspace_id=world.workspace.pk)
        run_golden_cases(workspace_id=world.workspace.pk, index=make_index())
    read = "\n".join(query["sql"] for query in queries)
    if section.name in INVENTORY:
        return
    unread = {name for name in section.columns if place_of(section.model, name) not in read}
    assert {name for name in unread if (section.name, name) not in WORDS} == set()


def place_of(model, name: str) -> str:
    """Where the column lies: in the row itself, or in the table that joins it to others."""
    field = model._meta.get_field(name)
    if field.many_to_many:
        return f'"{field.remote_field.through._meta.db_table}"'
    return f'"{model._meta.db_table}"."{field.column}"'
