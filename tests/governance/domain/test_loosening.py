"""What allows more than before, and what does not (POL-03)."""

import pytest

from governance.domain.document import StageRule
from governance.domain.loosening import find_loosening
from tests.builders.policy import ACTIONS, FIELDS, GRANTS, STAGES, field, make_document
from tests.governance.domain.test_diff import replaced


def loosens(**changes):
    return find_loosening(make_document(), make_document(**changes))


TIGHTER = [
    {"grants": GRANTS[1:]},
    {"grants": replaced(GRANTS, 0, write_fields=("country",))},
    {"fields": replaced(FIELDS, 0, permission_level="blocked")},
    {"fields": replaced(FIELDS, 0, permission_level="approval")},
    {"fields": replaced(FIELDS, 0, allowed_writers=("human",))},
    {"fields": replaced(FIELDS, 0, is_golden=True)},
    {"fields": replaced(FIELDS, 2, max_length=10)},
    {"fields": replaced(FIELDS, 0, review_state="unreviewed")},
    {"fields": replaced(FIELDS, 0, label="Line of business")},
    {"fields": FIELDS[1:]},
    {"actions": ACTIONS[1:]},
    {"actions": replaced(ACTIONS, 0, risk_tier="approval")},
    {"actions": replaced(ACTIONS, 0, approver_groups=("legal", "revops"))},
    {"actions": replaced(ACTIONS, 0, approvals_needed=2)},
    {"actions": replaced(ACTIONS, 0, min_confidence=0.9)},
    {"actions": replaced(ACTIONS, 0, expires_after_seconds=60)},
    {"stages": replaced(STAGES, 0, required_fields=("amount", "loss_reason"))},
    {
        "stages": (
            *STAGES,
            StageRule(
                connection="embedded", object="deals", stage_field="dealstage", stage="won", required_fields=("amount",)
            ),
        )
    },
]
LOOSER = [
    {"grants": replaced(GRANTS, 0, read_fields=("country", "industry", "name"))},
    {"grants": (*GRANTS, *replaced(GRANTS[:1], 0, agent="agent.other"))},
    {"fields": replaced(FIELDS, 3, permission_level="safe_write")},
    {"fields": replaced(FIELDS, 0, allowed_writers=("agent", "human", "system"))},
    {"fields": replaced(FIELDS, 4, is_required=False)},
    {"fields": tuple(rule for rule in FIELDS if rule.field != "title")},
    {"fields": replaced(FIELDS, 2, max_length=None)},
    {"fields": replaced(FIELDS, 10, review_state="reviewed")},
    {"fields": replaced(FIELDS, 8, classification="enrichment")},
    {"fields": (*FIELDS, field("new_field"))},
    {"actions": replaced(ACTIONS, 0, risk_tier="autonomous")},
    {"actions": replaced(ACTIONS, 0, min_confidence=0.1)},
    {"actions": replaced(ACTIONS, 0, approver_groups=())},
    {"actions": replaced(ACTIONS, 0, expires_after_seconds=864_000)},
    {"stages": ()},
    {"workspace": "rival"},
]


@pytest.mark.parametrize("changes", TIGHTER)
def test_what_only_takes_away_is_no_loosening(changes):
    assert loosens(**changes) == ()


@pytest.mark.parametrize("changes", LOOSER)
def test_whatever_may_allow_more_is_one(changes):
    assert loosens(**changes)


def test_a_row_that_tightens_and_loosens_at_once_loosens():
    assert loosens(actions=replaced(ACTIONS, 0, approvals_needed=2, min_confidence=0.1))


def test_without_an_earlier_policy_everything_loosens():
    assert find_loosening(None, make_document())
