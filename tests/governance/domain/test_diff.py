"""Differences between documents, in words (POL-03)."""

import msgspec
import pytest

from governance.domain.diff import diff_documents
from tests.builders.policy import ACTIONS, FIELDS, GRANTS, STAGES, field, make_document


def messages(old, new):
    return [change.message for change in diff_documents(old, new)]


def replaced(rules, position, **changes):
    return (*rules[:position], msgspec.structs.replace(rules[position], **changes), *rules[position + 1 :])


def test_equal_documents_differ_in_nothing():
    assert diff_documents(make_document(), make_document(fields=FIELDS[::-1])) == ()


def test_without_a_predecessor_everything_is_new():
    kinds = {change.kind for change in diff_documents(None, make_document())}
    assert kinds == {"added"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"fields": replaced(FIELDS, 0, permission_level="blocked", is_golden=True)},
            "field `companies.industry` of `embedded`: permission level `safe_write` → `blocked`; golden no → yes",
        ),
        (
            {"fields": replaced(FIELDS, 0, suggestion_field="twin")},
            "field `companies.industry` of `embedded`: suggestion field none → `twin`",
        ),
        (
            {"fields": replaced(FIELDS, 0, options=("IT", "Hardware"))},
            "field `companies.industry` of `embedded`: options +`Hardware` -`Software`",
        ),
        (
            {"fields": replaced(FIELDS, 0, options=("Software", "IT"))},
            "field `companies.industry` of `embedded`: options `IT`, `Software` → `Software`, `IT`",
        ),
        (
            {"grants": replaced(GRANTS, 3, write_fields=("title",))},
            "grant of `agent.enrichment` to `create_task` `tasks` on `embedded` (sandbox): fields to write -`due`",
        ),
        (
            {"grants": replaced(GRANTS, 3, environment="production")},
            "grant of `agent.enrichment` to `create_task` `tasks` on `embedded` (sandbox) is gone",
        ),
        (
            {"actions": replaced(ACTIONS, 0, risk_tier="autonomous", min_confidence=0.0)},
            "tier of `update`: risk tier `gated` → `autonomous`; least confidence `0.7` → `0.0`",
        ),
        ({"stages": ()}, "stage rule `deals.dealstage` = `lost` of `embedded` is gone"),
        (
            {"stages": replaced(STAGES, 0, required_fields=("amount", "loss_reason"))},
            "stage rule `deals.dealstage` = `lost` of `embedded`: required fields +`amount`",
        ),
        ({"workspace": "rival"}, "workspace: `acme` → `rival`"),
    ],
)
def test_what_changed_is_said(changes, message):
    assert message in messages(make_document(), make_document(**changes))


def test_a_field_that_was_dropped_is_said():
    assert messages(make_document(fields=(*FIELDS, field("x"))), make_document()) == [
        "field `companies.x` of `embedded` is gone"
    ]
