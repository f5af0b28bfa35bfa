"""LIM-03/04/05: a limit that denies says which one it is, and when to come back; an error says nothing but that."""

from datetime import timedelta

import msgspec
import pytest

from governance.domain.breaker_checks import check_breaker, check_probes, retry_after_seconds
from governance.domain.budget_claims import BudgetClaim, is_budgeted, is_spend_budgeted, list_claims
from governance.domain.budget_table import make_budget_table
from governance.domain.case import open_case
from governance.domain.check_result import denied, failed, passed
from governance.domain.document import AnomalyRule, BreakerRule, BudgetRule
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import BreakerFacts, BudgetFacts, SwitchFacts, UsageFacts
from tests.builders.policy import AGENT, NOW, make_facts, make_human_facts, make_index, make_request

BREAKER = BreakerRule(
    name="errors",
    signal="errors",
    environment="sandbox",
    reason="ask Ann",
    window_seconds=600,
    min_calls=10,
    ratio=0.5,
    open_seconds=120,
    probes=2,
)
LONGER = msgspec.structs.replace(BREAKER, name="denials", signal="denials", open_seconds=600, reason="")
WRITES = BudgetRule(key="agent", unit="writes", window="hour", limit=5)
FULL = BudgetFacts("agent", AGENT, "writes", "hour", 5)
VOLUME = AnomalyRule(signal="volume", window="hour", floor=20, factor=3.0)


def opened(*ages, names=("errors", "denials")):
    moments = zip(names, ages, strict=False)
    return SwitchFacts(breakers=tuple(BreakerFacts(name, NOW - timedelta(seconds=age)) for name, age in moments))


def case(switches, used=(), **changes):
    index = make_index(breakers=(BREAKER, LONGER), **changes)
    return open_case(index, make_facts(switches=switches, budgets=used))


def probes(used, value="errors", key="probes"):
    return (BudgetFacts(key, value, "probes", "probes", used),)


# circuit breakers


def test_an_open_breaker_says_why_and_until_when():
    said = "the circuit breaker `errors` stopped this after too many errors (ask Ann); it is tried out again from"
    stopped = denied("breaker", "breaker_open", f"{said} 2031-05-17 09:31:00 UTC on")
    assert check_breaker(case(opened(60))) == stopped
    assert retry_after_seconds(case(opened(60))) == 60
    assert retry_after_seconds(case(opened(119.5))) == 1


def test_of_two_open_breakers_the_longer_one_speaks():
    both = case(opened(60, 60))
    assert check_breaker(both).message == (
        "the circuit breaker `denials` stopped this after too many denials; it is tried out again"
        " from 2031-05-17 09:39:00 UTC on"
    )
    assert retry_after_seconds(both) == 540


def test_a_closed_one_and_one_that_could_not_be_read():
    assert check_breaker(case(SwitchFacts())) == passed("breaker", "no circuit breaker stops it")
    assert check_breaker(case(opened(120))).code == "ok"
    assert check_breaker(case(SwitchFacts(breakers=None))) == failed("breaker")
    assert retry_after_seconds(case(SwitchFacts())) is None


@pytest.mark.parametrize(
    ("used", "is_free"),
    [((), True), (probes(1), True), (probes(2), False), (probes(9, "denials"), True), (probes(9, key="agent"), True)],
)
def test_a_half_open_breaker_lets_its_probes_through_and_nobody_else(used, is_free):
    tried = case(opened(120), used)
    free = passed("breaker_probes", "it is one of the probes of a half-open circuit breaker")
    words = "the circuit breaker `errors` is being tried out, and its 2 probes are taken"
    assert check_probes(tried) == (free if is_free else denied("breaker_probes", "breaker_open", words))
    assert retry_after_seconds(tried) == (None if is_free else 30)


def test_probes_that_could_not_be_counted_deny_and_name_no_time():
    unread = case(opened(120), None)
    assert check_probes(unread) == failed("breaker_probes")
    assert retry_after_seconds(unread) is None
    assert check_probes(case(opened(5))) == passed("breaker_probes", "no circuit breaker is being tried out")


def test_a_probe_is_taken_from_the_opening_of_its_breaker():
    """A breaker that opens again has its probes anew."""
    tried = case(opened(120))
    claim = BudgetClaim("probes", "errors", "probes", "probes", 1, 2, NOW - timedelta(seconds=120))
    assert claim in list_claims(tried.index, tried.facts)


# unusual volume


def volume(facts, rules=(VOLUME,)):
    return [claim for claim in list_claims(make_index(anomalies=rules), facts) if claim.key == "volume"]


def test_what_an_agent_asks_for_is_counted_against_what_is_usual_for_it():
    assert volume(make_facts()) == [BudgetClaim("volume", AGENT, "volume", "hour", 1, 20)]
    busy = volume(make_facts(switches=SwitchFacts(usual=50)))
    assert [claim.limit for claim in busy] == [150]
    own = msgspec.structs.replace(VOLUME, scope=AGENT, floor=7)
    assert [claim.limit for claim in volume(make_facts(), (VOLUME, own))] == [7]
    fields = msgspec.structs.replace(VOLUME, signal="new_fields")
    assert volume(make_facts(), (fields,)) == []


def test_nobody_else_and_nothing_twice_is_counted():
    assert volume(make_facts(is_second_look=True)) == []
    assert volume(make_facts(agent=None)) == []
    assert volume(make_human_facts()) == []
    assert volume(make_facts(), ()) == []


# what a denied agent is told by the decision


def wait(facts, **changes):
    return decide(make_index(**changes), facts).retry_after_seconds


def test_a_denied_agent_waits_for_the_last_of_what_denied_it():
    full = make_facts(budgets=(FULL,))
    assert wait(full, budgets=(WRITES,)) == 30 * 60
    stopped = make_facts(budgets=(FULL,), switches=opened(60))
    assert wait(stopped, budgets=(WRITES,), breakers=(BREAKER,)) == 30 * 60
    assert wait(make_facts(switches=opened(60)), budgets=(WRITES,), breakers=(BREAKER,)) == 60


def test_where_waiting_is_of_no_use_no_time_is_named():
    assert wait(make_facts()) is None
    assert wait(make_facts(make_request(changes={"fresh_field": "x"}))) is None
    greedy = BudgetRule(key="agent", unit="api_calls", window="minute", limit=3)
    both = make_facts(budgets=(FULL,), switches=opened(60))
    assert wait(both, budgets=(greedy,), breakers=(BREAKER,)) is None


def test_what_went_wrong_is_denied_under_the_policy_that_was_asked():
    for broken in (decide(make_index(), None), decide_without_record(make_index(), None)):
        assert (broken.outcome, broken.policy_version, broken.risk_tier) == ("deny", "sha256:" + "0" * 64, "blocked")
        assert broken.checks == (failed("facts"),)
    assert decide(None, make_facts()).policy_version == ""


def test_what_is_denied_early_shows_nothing_and_asks_nobody():
    early = decide_without_record(make_index(), make_facts(make_request(changes={"fresh_field": "x"}), record=None))
    assert (early.patch, early.requirement) == ((), None)


# which budgets there are


def test_spend_that_no_budget_names_is_denied():
    euros = BudgetRule(key="agent", unit="spend", window="day", limit=900, currency="EUR")
    table = make_budget_table((euros,))

    def spent(amount, currency, **facts):
        usage = UsageFacts(spend_micros=amount, currency=currency)
        return is_spend_budgeted(table, make_facts(make_request(usage=usage), **facts))

    assert spent(5, "EUR")
    assert not spent(5, "USD")
    assert spent(0, "USD")
    assert spent(5, "USD", agent=None)
    assert spent(5, "USD", actor_type="human")
    assert is_spend_budgeted(table, make_facts())
    request = make_request(usage=UsageFacts(spend_micros=5, currency="USD"))
    (check,) = [c for c in decide(make_index(budgets=(euros,)), make_facts(request)).reasons if c.check == "budgets"]
    words = "no budget of spend speaks for this currency: what none names is denied"
    assert check == denied("budgets", "spend_not_budgeted", words)


@pytest.mark.parametrize(
    ("rule", "agents_own_default"),
    [
        ({"key": "workspace"}, []),
        ({"key": "agent"}, []),
        ({"key": "record"}, ["agent"]),
        ({"key": "segment", "segment_field": "country"}, ["agent", "record"]),
    ],
)
def test_a_budget_of_a_part_leaves_the_default_of_the_whole(rule, agents_own_default):
    """LIM-02: a budget for one record or segment leaves the rest of the day open."""
    index = make_index(budgets=(BudgetRule(**{"unit": "writes", "window": "minute", "limit": 9, **rule}),))
    found = [claim.key for claim in list_claims(index, make_facts()) if claim.window != "minute"]
    assert found == agents_own_default


def test_a_budget_is_a_control_of_its_own_action():
    table = make_budget_table((BudgetRule(key="agent", unit="sends", window="day", limit=5), WRITES))
    sends_alone = make_budget_table((BudgetRule(key="agent", unit="sends", window="day", limit=5),))
    assert is_budgeted(sends_alone, "send_email", AGENT)
    assert not is_budgeted(sends_alone, "something_new", AGENT)
    assert is_budgeted(table, "something_new", AGENT)
