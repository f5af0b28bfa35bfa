"""PRM-03, RDG-05, attack case 103: an export holds nothing that the agent may not read in clear, and never too much."""

import json

import pytest

from governance.domain.check_result import denied, failed, passed
from governance.domain.document import ActionRule, GrantRule
from governance.domain.engine import decide
from tests.builders.policy import AGENT, FIELDS, field, make_facts, make_human_facts, make_index, make_request

PLACE = {"agent": AGENT, "connection": "embedded", "environment": "sandbox", "object": "companies"}
GRANTS = (
    GrantRule(**PLACE, action="export"),
    GrantRule(**PLACE, action="read", read_fields=("industry", "secret", "shut")),
    GrantRule(**PLACE, action="search", read_fields=("country",)),
)
CLOSED = (field("secret", is_sensitive=True), field("shut", permission_level="blocked"))
RULE = ActionRule(action="export", risk_tier="autonomous", max_rows=100)


def judged(agent=True, rule=RULE, target="companies", **changes):
    asked = {"object": "companies", "fields": "industry, country", "filters": "", "row_limit": 100, **changes}
    request = make_request(action="export", object="exports", target_object=target, record_id=None, changes=asked)
    index = make_index(grants=GRANTS, fields=(*FIELDS, *CLOSED), actions=(rule,) if rule else ())
    facts = make_facts(request) if agent else make_facts(request, agent=None)
    return next(check for check in decide(index, facts).checks if check.check == "export")


def clear(name):
    return denied("export", "export_not_granted", f"no grant lets the agent read `{name}` in clear", name)


TOO_MANY = denied("export", "export_too_large", "an export holds 1 to 100 rows")
FINE = passed("export", "the agent may read every field that is exported")


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, FINE),
        ({"fields": "industry"}, FINE),
        ({"filters": json.dumps({"country": "Norway"})}, FINE),
        ({"fields": "", "filters": json.dumps({"country": "Norway"})}, FINE),
        ({"row_limit": 1}, FINE),
        ({"fields": ""}, denied("export", "export_not_granted", "the export names no fields")),
        ({"fields": ["industry"]}, denied("export", "export_not_granted", "the export names no fields")),
        ({"fields": "industry, name"}, clear("name")),
        ({"fields": "secret"}, clear("secret")),
        ({"fields": "shut"}, clear("shut")),
        ({"fields": "unheard"}, clear("unheard")),
        ({"filters": json.dumps({"secret": "a"})}, clear("secret")),
        ({"filters": "[1]"}, failed("export")),
        ({"filters": "{"}, failed("export")),
        ({"object": "deals"}, clear("industry")),
        ({"row_limit": 101}, TOO_MANY),
        ({"row_limit": 0}, TOO_MANY),
        ({"row_limit": True}, TOO_MANY),
        ({"row_limit": "5"}, TOO_MANY),
        ({"row_limit": None}, TOO_MANY),
    ],
)
def test_an_export_holds_what_may_be_read_in_clear(changes, result):
    assert judged(**changes) == result


def test_without_an_agent_a_rule_or_a_registered_object_nothing_is_exported():
    assert judged(agent=False) == clear("industry")
    assert judged(target="invoices", object="invoices") == clear("industry")
    assert judged(rule=None) == denied("export", "export_too_large", "an export holds 1 to 0 rows")


def test_whatever_else_is_done_exports_nothing():
    (check,) = [check for check in decide(make_index(), make_facts()).checks if check.check == "export"]
    assert check == passed("export", "nothing is exported")
    assert "export" not in {check.check for check in decide(make_index(), make_human_facts()).checks}
