"""REG-01: a field that changed or went at the CRM is closed before the next publishing, and says so."""

import pytest

from governance.domain.engine import decide
from governance.domain.facts import ClosedField
from tests.builders.policy import make_facts, make_human_facts, make_index, make_request

CHANGED = "`country` changed at the CRM and nobody has reviewed it since"
GONE = "`country` is gone from the CRM's schema"


def said(facts):
    denials = [check for check in decide(make_index(), facts).checks if check.check == "review"]
    return {(check.code, check.field, check.message) for check in denials if check.outcome == "deny"}


def closed(*fields):
    return tuple(ClosedField(name, state) for name, state in fields)


COUNTRY = make_request(changes={"country": "Norway"})


@pytest.mark.parametrize(
    ("state", "facts", "found"),
    [
        ("unreviewed", make_facts, ("field_changed", "country", CHANGED)),
        ("gone", make_facts, ("field_gone", "country", GONE)),
        ("gone", make_human_facts, ("field_gone", "country", GONE)),
        ("unreviewed", make_human_facts, None),
    ],
)
def test_a_changed_field_is_closed_to_agents_and_a_gone_one_to_all(state, facts, found):
    assert said(facts(COUNTRY, closed_fields=closed(("country", state)))) == ({found} if found else set())


def test_fields_that_nobody_asked_for_close_nothing():
    assert said(make_facts(COUNTRY, closed_fields=closed(("industry", "gone")))) == set()
    assert said(make_facts(COUNTRY)) == set()


def test_the_suggestion_field_is_asked_after_too():
    """A value that goes elsewhere must be able to stand there."""
    request = make_request(changes={"linkedin": "x"})
    facts = make_facts(request, closed_fields=closed(("agent_linkedin", "unreviewed")))
    assert {field for _, field, _ in said(facts)} == {"agent_linkedin"}


def test_what_the_policy_itself_holds_unreviewed_is_denied_once():
    request = make_request(changes={"fresh_field": "x", "unheard": 1})
    facts = make_facts(request, closed_fields=closed(("fresh_field", "unreviewed"), ("unheard", "gone")))
    assert [code for code, _, _ in said(facts)] == ["field_unreviewed"]
    nowhere = make_request(object="invoices", changes={"country": "x"})
    assert said(make_facts(nowhere, closed_fields=closed(("country", "gone")))) == set()


def test_several_are_told_in_the_order_of_names():
    request = make_request(changes={"industry": "Software", "country": "Norway"})
    facts = make_facts(request, closed_fields=closed(("industry", "gone"), ("country", "gone")))
    checks = [check.field for check in decide(make_index(), facts).checks if check.code == "field_gone"]
    assert checks == ["country", "industry"]
