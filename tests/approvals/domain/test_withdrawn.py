"""What was lost since a request was judged, from how things stand now (EXE-01)."""

import pytest

from approvals.domain.withdrawn import ENDS, JUDGED_ANEW, Standing, lost_since

AGENT = {"agent": {"autonomy_level": "autonomous"}}
PERSON = {"agent": None, "human_roles": ["revops", "sales"]}


@pytest.mark.parametrize(
    ("standing", "facts", "code"),
    [
        ({"autonomy": "autonomous"}, AGENT, ""),
        ({"autonomy": "manual"}, AGENT, "autonomy_changed"),
        ({"autonomy": "autonomous", "code": "credential_revoked"}, AGENT, "credential_revoked"),
        ({"autonomy": "autonomous", "code": "grant_withdrawn"}, AGENT, "grant_withdrawn"),
        ({"autonomy": "autonomous", "code": "grant_withdrawn"}, AGENT | {"is_grant_withdrawn": True}, ""),
        ({"roles": frozenset({"revops", "sales"})}, PERSON, ""),
        ({"roles": frozenset({"revops", "sales", "legal"})}, PERSON, ""),
        ({"roles": frozenset({"revops"})}, PERSON, "role_lost"),
        ({"autonomy": "autonomous", "closed": frozenset({"name"})}, AGENT, "field_closed"),
        ({"autonomy": "autonomous", "closed": frozenset({"city"})}, AGENT, ""),
        (
            {"autonomy": "autonomous", "closed": frozenset({"name"})},
            AGENT | {"closed_fields": [{"name": "name", "state": "gone"}]},
            "",
        ),
    ],
)
def test_what_was_lost_is_what_differs_from_the_facts_that_were_judged(standing, facts, code):
    assert lost_since(Standing(**standing), facts, ["name"]) == code


def test_every_code_has_one_end():
    assert not ENDS & JUDGED_ANEW
