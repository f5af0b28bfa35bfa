"""LIM-01: what a request takes from budgets is worked out once, and is what its judged facts say."""

import pytest
from msgspec import convert

from approvals.domain import asked
from approvals.services.budget_facts import holds_on
from approvals.services.judging import load_index
from governance.domain.budget_claims import list_claims
from governance.domain.budget_counter import read_holds
from governance.domain.facts import Facts
from tests.bench.starter import make_starter_site, starter_body
from tests.builders.approvals import get, submit

pytestmark = pytest.mark.django_db


def test_the_budgets_of_a_request_are_looked_through_once_and_taken_as_judged(monkeypatch):
    looked = []
    monkeypatch.setattr(asked, "list_claims", lambda *given: looked.append(given) or list_claims(*given))
    site = make_starter_site()
    body = starter_body(site)
    request = get(submit(site, expected=body["expected"], evidence=body["evidence"]).request_id)
    assert request.status == "approved"
    assert len(looked) == 1

    facts = convert(request.facts, Facts)
    index = load_index(request.decision["policy_version"])
    taken = holds_on(index, facts, workspace_id=request.workspace_id, now=facts.now)
    counted = {hold.id: hold.amount for hold in taken if hold.claim.key != "volume"}
    assert counted
    assert read_holds(request.holds) == counted
