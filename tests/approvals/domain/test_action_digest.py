"""The action digest changes with everything that the effect depends on, and with nothing else (APR-04)."""

import uuid

import pytest

from approvals.domain.action_digest import action_digest
from governance.domain.decision import FieldChange

REQUEST = uuid.UUID("01980000-0000-7000-8000-000000000001")
PATCH = (FieldChange("industry", "IT", "Software"), FieldChange("country", None, "BE"))


def make(**changes):
    given = {
        "request_id": REQUEST,
        "connection": "embedded",
        "action": "update",
        "object_type": "companies",
        "record_id": "101",
        "patch": PATCH,
        "record_version": "7",
        "association": None,
    }
    return action_digest(**{**given, **changes})


def test_equal_effects_have_equal_digests():
    assert make() == make(patch=list(PATCH))
    assert make().startswith("sha256:")


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": uuid.UUID("01980000-0000-7000-8000-000000000002")},
        {"connection": "production"},
        {"action": "delete"},
        {"object_type": "deals"},
        {"record_id": "102"},
        {"record_version": "8"},
        {"association": ("companies", "101")},
        {"patch": ()},
        {"patch": PATCH[:1]},
        {"patch": tuple(reversed(PATCH))},
        {"patch": (FieldChange("industry", "IT", "Software "), PATCH[1])},
        {"patch": (FieldChange("industry", "Retail", "Software"), PATCH[1])},
        {"patch": (FieldChange("Industry", "IT", "Software"), PATCH[1])},
        {"patch": (PATCH[0], FieldChange("country", "", "BE"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_any_other_effect_has_another_digest(changes):
    """A vote on one effect never fits another one (a replayed approval, a tampered diff)."""
    assert make(**changes) != make()
