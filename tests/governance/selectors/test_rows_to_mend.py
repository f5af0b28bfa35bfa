"""POL-03: whatever row the compiler complains of, the page leads to it."""

import pytest

from governance.domain.anomaly_coherence import name_anomaly
from governance.domain.breaker_coherence import name_breaker
from governance.domain.budget_coherence import name_budget
from governance.domain.compile_error import CompileError
from governance.domain.document import AnomalyRule, BudgetRule
from governance.domain.starter.breakers import STARTER_BREAKERS
from governance.models import Anomaly, Budget, Grant
from governance.selectors.rows_to_mend import find_rows
from tests.builders.governance import make_anomaly, make_breaker, make_budget, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def led_to(world, name):
    (found,) = find_rows(world.workspace.pk, [CompileError(name, "some_code", "mend it")])
    return found.model, found.pk


@pytest.mark.parametrize("scope", ["", "agent.enrichment"])
def test_an_anomaly_stop_is_found_by_what_it_is_of(world, scope):
    make_anomaly(world.workspace, 9, window="hour", scope="another")
    row = make_anomaly(world.workspace, 5, window="hour", scope=scope)
    rule = AnomalyRule(signal=row.signal, window="hour", floor=5, factor=1.0, scope=scope)
    assert led_to(world, name_anomaly(rule)) == ("anomaly", str(row.pk))
    assert Anomaly.objects.count() == 2


def test_a_breaker_is_found_by_its_name(world):
    row = make_breaker(world.workspace, world.owner, name=STARTER_BREAKERS[0].name)
    make_breaker(world.workspace, world.owner, name="denials")
    rule = STARTER_BREAKERS[0]
    assert led_to(world, name_breaker(rule)) == ("breaker", str(row.pk))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"scope": "agent.enrichment"},
        {"unit": "spend", "currency": "USD"},
        {"key": "segment", "segment_field": "country"},
        {"key": "segment", "segment_field": "country", "scope": "Norway"},
        {"key": "recipient_domain", "unit": "sends"},
    ],
)
def test_a_budget_is_found_by_all_that_makes_it_one(world, values):
    Budget.objects.filter(workspace=world.workspace).delete()
    kept = {"key": "agent", "unit": "writes", "window": "hour", **values}
    row = Budget.objects.create(workspace=world.workspace, limit=5, **kept)
    make_budget(world.workspace, 5, key="workspace", window="minute")
    assert led_to(world, name_budget(BudgetRule(limit=5, **kept))) == ("budget", str(row.pk))


def test_a_grant_is_found_and_what_is_unknown_leads_nowhere(world):
    grant = Grant.objects.filter(agent=world.agent, action="update", object_type="companies").get()
    name = f"grant of `{world.agent.name}` to `update` `companies` on `embedded` (sandbox)"
    assert led_to(world, name) == ("grant", str(grant.pk))
    assert led_to(world, "breaker `gone`") == ("breaker", "")
    assert led_to(world, "the policy as a whole") == ("", "")
