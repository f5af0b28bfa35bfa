"""Whose writes a promotion widens (SBX-01)."""

import pytest

from governance.domain.write_behaviour import agents_with_new_writes
from tests.builders.policy import ACTIONS, AGENT, FIELDS, GRANTS, make_document
from tests.governance.domain.test_diff import replaced


def widened(old, new, environment="sandbox"):
    return agents_with_new_writes(old, new, environment=environment)


def test_without_an_earlier_version_every_writer_is_new():
    assert widened(None, make_document()) == (AGENT,)
    assert widened(None, make_document(), "production") == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"grants": GRANTS[2:]},
        {"fields": replaced(FIELDS, 0, permission_level="blocked")},
        {"fields": replaced(FIELDS, 0, label="Another word")},
        {"grants": replaced(GRANTS, 5, read_fields=("country", "name"))},
    ],
)
def test_less_or_the_same_needs_no_proof(changes):
    assert widened(make_document(), make_document(**changes)) == ()


@pytest.mark.parametrize(
    "before",
    [
        {"grants": GRANTS[1:]},
        {"fields": replaced(FIELDS, 0, permission_level="approval")},
        {"actions": replaced(ACTIONS, 0, risk_tier="approval")},
    ],
)
def test_a_new_field_an_easier_level_or_an_easier_tier_does(before):
    assert widened(make_document(**before), make_document()) == (AGENT,)
