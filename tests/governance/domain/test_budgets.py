"""LIM-01/02: what a request takes, what is left, and what people and agents are told about it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from governance.domain.budget_checks import check_budgets, retry_after_seconds
from governance.domain.budget_claims import BudgetClaim, budget_claims, list_claims, record_value
from governance.domain.budget_coherence import MAX_LIMIT, budget_errors, name_budget
from governance.domain.budget_counter import add_up, counter_id, dump_holds, make_holds, read_holds
from governance.domain.budget_state import list_states
from governance.domain.budget_table import make_budget_table
from governance.domain.budget_window import window_end, window_start
from governance.domain.case import open_case
from governance.domain.check_result import denied, failed, passed
from governance.domain.document import BudgetRule
from governance.domain.facts import BudgetFacts, MessageFacts, RecipientFacts, RecordFacts, UsageFacts
from tests.builders.policy import AGENT, NOW, make_document, make_facts, make_human_facts, make_index, make_request

WORKSPACE = UUID(int=7)
HOUR = NOW.replace(minute=0)


def budget(limit=5, **changes):
    return BudgetRule(**{"key": "agent", "unit": "writes", "window": "hour", "limit": limit, **changes})


def taken(used, **changes):
    return BudgetFacts(**{"key": "agent", "value": AGENT, "unit": "writes", "window": "hour", "used": used, **changes})


def claims(*rules, **facts):
    request = facts.pop("request", None)
    return budget_claims(make_budget_table(rules), make_facts(request, **facts))


def named(found):
    return {(claim.key, claim.value, claim.unit, claim.window): claim.amount for claim in found}


def case(*rules, used=(), request=None):
    return open_case(make_index(budgets=rules), make_facts(request, budgets=used))


# what a request takes


@pytest.mark.parametrize(
    ("action", "units"),
    [
        ("update", {"writes": 1, "api_calls": 4}),
        ("delete", {"writes": 1, "api_calls": 4}),
        ("create", {"creates": 1, "writes": 1, "api_calls": 2}),
        ("create_task", {"creates": 1, "writes": 1, "api_calls": 2}),
        ("draft", {"writes": 1, "api_calls": 2}),
        ("send_email", {"sends": 1, "api_calls": 2}),
        ("push_to_dialer", {"sends": 1, "api_calls": 2}),
        ("enroll_sequence", {"enrolments": 1, "api_calls": 2}),
        ("create_meeting", {"bookings": 1, "api_calls": 2}),
        ("export", {"exports": 1, "api_calls": 2}),
        ("something_new", {"writes": 1, "api_calls": 2}),
    ],
)
def test_every_action_takes_its_units(action, units):
    rules = [
        budget(unit=unit)
        for unit in ("writes", "creates", "sends", "enrolments", "bookings", "exports", "api_calls", "tokens")
    ]
    found = claims(*rules, request=make_request(action=action))
    assert {claim.unit: claim.amount for claim in found} == units


def test_what_nobody_budgeted_has_the_default_and_what_somebody_did_has_not():
    """LIM-02: what is not budgeted is not unlimited."""
    assert named(claims()) == {
        ("agent", AGENT, "writes", "hour"): 1,
        ("record", "embedded/companies/101", "writes", "day"): 1,
    }
    assert named(claims(budget(window="minute"))) == {("agent", AGENT, "writes", "minute"): 1}
    assert named(claims(budget(scope="agent.other")))[("agent", AGENT, "writes", "hour")] == 1


def test_tokens_and_money_are_taken_as_the_agent_says():
    usage = UsageFacts(tokens=900, spend_micros=250, currency="EUR")
    rules = (budget(unit="tokens"), budget(unit="spend", currency="EUR"), budget(unit="spend", currency="USD"))
    found = named(claims(*rules, request=make_request(usage=usage)))
    assert found[("agent", AGENT, "tokens", "hour")] == 900
    assert found[("agent", AGENT, "spend:EUR", "hour")] == 250
    assert ("agent", AGENT, "spend:USD", "hour") not in found
    idle = named(claims(*rules, request=make_request(usage=UsageFacts(currency="EUR"))))
    assert {unit for _, _, unit, _ in idle} == {"writes"}


@pytest.mark.parametrize(
    ("rule", "facts", "values"),
    [
        (budget(key="workspace"), {}, ["acme"]),
        (budget(key="record"), {}, ["embedded/companies/101"]),
        (budget(key="record"), {"request": make_request(record_id=None)}, []),
        (budget(key="segment", segment_field="country"), {}, ["country=Norge"]),
        (budget(key="segment", segment_field="country"), {"record": None}, []),
        (budget(key="segment", segment_field="website"), {}, []),
        (
            budget(key="segment", segment_field="country"),
            {"record": RecordFacts(exists=True, values={"country": ""})},
            [],
        ),
        (
            budget(key="segment", segment_field="employees"),
            {"record": RecordFacts(exists=True, values={"employees": 0})},
            ["employees=0"],
        ),
        (budget(key="mailbox"), {}, [AGENT]),
        (
            budget(key="mailbox"),
            {"request": make_request(message=MessageFacts(sender=" Sales@Acme.example "))},
            [AGENT, "sales@acme.example"],
        ),
        (
            budget(key="mailbox", scope="Sales@acme.example"),
            {"request": make_request(message=MessageFacts(sender="sales+7@Acme.example"))},
            ["sales@acme.example"],
        ),
        (budget(key="mailbox"), {"request": make_request(message=MessageFacts(sender=" "))}, [AGENT]),
        (budget(key="recipient_domain"), {"recipients": None}, []),
        (
            budget(key="recipient_domain"),
            {
                "recipients": (
                    RecipientFacts(kind="email", address="b@x@Rival.example "),
                    RecipientFacts(kind="email", address="a@acme.example"),
                    RecipientFacts(kind="email", address="b@acme.example"),
                    RecipientFacts(kind="phone", address="+14155552671"),
                )
            },
            ["acme.example", "rival.example"],
        ),
    ],
)
def test_a_budget_is_kept_for_each_value_of_its_key(rule, facts, values):
    """Where the request has no such value, nothing is taken, and the defaults of the unit hold again."""
    found = [claim.value for claim in claims(rule, **facts) if claim.key == rule.key and claim.window == rule.window]
    defaulted = {"agent": [AGENT]} if not values else {}
    assert found == (values or defaulted.get(rule.key, []))


@pytest.mark.parametrize(
    "spelling",
    ["a@xn--mller-kva.example", "b@M\u00dcLLER.example", "c@mu\u0308ller.example", "d@m\uff55\u0308ller.example"],
)
def test_another_spelling_of_a_domain_is_no_fresh_budget(spelling):
    """LIM-01: nor is it a way around the limit of one domain in particular."""
    recipients = (RecipientFacts(kind="email", address=spelling),)
    found = claims(
        budget(5, key="recipient_domain"),
        budget(0, key="recipient_domain", scope="M\u00fcller.example"),
        recipients=recipients,
    )
    assert [(claim.value, claim.limit) for claim in found if claim.key == "recipient_domain"] == [
        ("m\u00fcller.example", 0)
    ]


@pytest.mark.parametrize("sender", ["sales+1@acme.example", "made.up@acme.example", "x@other.example"])
def test_a_mailbox_that_the_agent_makes_up_counts_for_the_agent_too(sender):
    """LIM-02: 25 e-mails a day and mailbox are not 25 for each name that an agent can think of."""
    request = make_request(message=MessageFacts(sender=sender))
    found = claims(budget(25, key="mailbox"), budget(9, key="mailbox", scope="sales@own.example"), request=request)
    assert (AGENT, 25) in [(claim.value, claim.limit) for claim in found]


def test_two_spellings_of_one_scope_hold_together_by_the_lower_limit():
    rules = (budget(9, key="mailbox", scope="Sales@own.example"), budget(2, key="mailbox", scope="sales+x@own.example"))
    request = make_request(message=MessageFacts(sender="sales@own.example"))
    assert [claim.limit for claim in claims(*rules, request=request)] == [2]


def test_a_scope_stands_in_the_place_of_the_general_rule():
    found = claims(budget(5), budget(50, scope=AGENT))
    assert [claim.limit for claim in found] == [50]


def test_people_and_reverts_take_nothing():
    index = make_index(budgets=(budget(),))
    assert list_claims(index, make_human_facts()) == ()
    assert list_claims(index, make_human_facts(reverses=False)) == ()
    assert list_claims(index, make_facts(agent=None)) == ()
    assert len(list_claims(index, make_facts())) == 1


def test_a_record_is_named_with_all_that_tells_it_apart():
    assert record_value("embedded", "companies", "7") == "embedded/companies/7"
    assert record_value("embedded", "companies", "") == ""


# is there room


@pytest.mark.parametrize(("used", "is_room"), [(0, True), (4, True), (5, False), (6, False)])
def test_the_last_one_is_let_through_and_the_next_is_not(used, is_room):
    result = check_budgets(case(budget(5), used=(taken(used),)))
    full = denied("budgets", "budget_exhausted", f"{used} of 5 writes of this hour are taken for `{AGENT}`")
    assert result == (passed("budgets", "every budget has room") if is_room else full)


def test_what_others_took_from_other_budgets_counts_for_nothing():
    others = (taken(9, window="day"), taken(9, value="agent.other"), taken(9, unit="sends"), taken(9, key="mailbox"))
    assert check_budgets(case(budget(1), used=others)).code == "ok"
    assert retry_after_seconds(case(budget(1), used=others)) is None


def test_a_request_larger_than_a_whole_window_is_told_so_and_not_to_wait():
    greedy = case(budget(3, unit="api_calls"), used=(), request=make_request())
    assert check_budgets(greedy).message == f"it takes 4 api calls, and an hour has 3 for `{AGENT}`"
    full = case(budget(3, unit="api_calls"), used=(taken(3, unit="api_calls"),))
    assert retry_after_seconds(full) is None
    exact = case(budget(4, unit="api_calls"))
    assert check_budgets(exact).code == "ok"


def test_counters_that_could_not_be_read_deny_and_name_no_time():
    unread = case(budget(), used=None)
    assert check_budgets(unread) == failed("budgets")
    assert retry_after_seconds(unread) is None


def test_one_waits_for_the_last_of_the_exhausted_windows():
    full = (taken(5), taken(5, window="day"))
    assert retry_after_seconds(case(budget(5), used=full)) == 30 * 60
    assert retry_after_seconds(case(budget(5), budget(5, window="day"), used=full)) == 14 * 3_600 + 30 * 60
    assert retry_after_seconds(case(budget(1), used=(taken(1),))) == 30 * 60
    ends = open_case(
        make_index(budgets=(budget(5),)), make_facts(budgets=full, now=HOUR + timedelta(minutes=59, seconds=59.5))
    )
    assert retry_after_seconds(ends) == 1


# windows and counters


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        ("minute", datetime(2031, 5, 17, 9, 30, tzinfo=UTC), datetime(2031, 5, 17, 9, 31, tzinfo=UTC)),
        ("hour", datetime(2031, 5, 17, 9, tzinfo=UTC), datetime(2031, 5, 17, 10, tzinfo=UTC)),
        ("day", datetime(2031, 5, 17, tzinfo=UTC), datetime(2031, 5, 18, tzinfo=UTC)),
    ],
)
def test_windows_follow_the_clock_of_utc(window, start, end):
    inside = NOW + timedelta(seconds=59.9)
    assert (window_start(window, inside), window_end(window, inside)) == (start, end)
    assert window_start(window, start) == start
    with pytest.raises(KeyError):
        window_start("fortnight", NOW)


CLAIM = BudgetClaim("agent", AGENT, "writes", "hour", 1, 5)


def test_a_counter_has_one_name_and_no_two_counters_share_it():
    """Two that met would let one budget eat the other, or hide what it took."""
    others = [msgspec.structs.replace(CLAIM, **{name: "x"}) for name in ("key", "value", "unit", "window")]
    ids = {counter_id(WORKSPACE, claim, HOUR) for claim in (CLAIM, *others)}
    ids |= {counter_id(UUID(int=8), CLAIM, HOUR), counter_id(WORKSPACE, CLAIM, NOW)}
    assert len(ids) == 7


def test_a_release_finds_the_counters_of_the_one_before():
    """Under another name everything taken in the running windows would be forgotten."""
    assert counter_id(WORKSPACE, CLAIM, HOUR) == UUID("7e652bdd-6992-0c22-7afc-fa49068d7100")


def test_holds_begin_with_their_window_or_where_the_claim_says():
    daily = msgspec.structs.replace(CLAIM, window="day")
    probe = BudgetClaim("probes", "errors", "probes", "probes", 1, 3, NOW)
    sent = msgspec.structs.replace(CLAIM, unit="sends", amount=2, limit=9)
    holds = {hold.claim: hold for hold in make_holds((CLAIM, daily, probe, sent), workspace_id=WORKSPACE, now=NOW)}
    assert [holds[claim].starts_at for claim in (CLAIM, daily, probe, sent)] == [
        HOUR,
        NOW.replace(hour=0, minute=0),
        NOW,
        HOUR,
    ]
    assert all(hold.id == counter_id(WORKSPACE, claim, hold.starts_at) for claim, hold in holds.items())
    assert [(holds[claim].amount, holds[claim].limit) for claim in (CLAIM, sent)] == [(1, 5), (2, 9)]


def test_counters_are_locked_in_one_order_whoever_asks():
    """Two requests that take the same counters in another order would wait for each other for ever."""
    many = tuple(msgspec.structs.replace(CLAIM, value=str(number)) for number in range(9))
    ids = [hold.id for hold in make_holds(many, workspace_id=WORKSPACE, now=NOW)]
    again = make_holds(reversed(many), workspace_id=WORKSPACE, now=NOW)
    assert ids == sorted(ids) == [hold.id for hold in again]
    assert [hold.id for hold in add_up(reversed(again))] == ids


def test_holds_of_many_requests_add_up_under_the_smaller_limit():
    strict = msgspec.structs.replace(CLAIM, limit=3, amount=2)
    other = msgspec.structs.replace(CLAIM, value="agent.other")
    holds = [make_holds((claim,), workspace_id=WORKSPACE, now=NOW)[0] for claim in (CLAIM, strict, other, CLAIM)]
    total = {hold.claim.value: (hold.amount, hold.limit, hold.starts_at) for hold in add_up(holds)}
    assert total == {AGENT: (4, 3, HOUR), "agent.other": (1, 5, HOUR)}


def test_a_request_keeps_what_it_holds():
    holds = make_holds((CLAIM,), workspace_id=WORKSPACE, now=NOW)
    assert read_holds(dump_holds(holds)) == {holds[0].id: 1}


# what is left, for people and agents who look


def states(*rules, known=None, counted=None):
    found = list_states(make_budget_table(rules), known=known or {}, counted=counted or {}, now=NOW)
    return [(s.key, s.value, s.unit, s.window, s.currency, s.used, s.limit, s.left, s.is_default) for s in found]


def test_every_known_value_and_every_drawn_one_is_shown_with_what_is_left():
    rules = (budget(5), budget(9, scope="agent.big"), budget(2, key="mailbox", unit="sends", window="day"))
    counted = {
        ("agent", "agent.big", "writes", "hour"): 3,
        ("agent", "agent.gone", "writes", "hour"): 7,
        ("agent", "agent.late", "writes", "day"): 1,
        ("mailbox", "sales@acme.example", "sends", "day"): 1,
    }
    assert states(*rules, known={"agent": ["agent.new"]}, counted=counted)[1:] == [
        ("agent", "agent.gone", "writes", "hour", "", 7, 5, 0, False),
        ("agent", "agent.new", "bookings", "day", "", 0, 5, 5, True),
        ("agent", "agent.new", "enrolments", "hour", "", 0, 10, 10, True),
        ("agent", "agent.new", "exports", "day", "", 0, 5, 5, True),
        ("agent", "agent.new", "writes", "hour", "", 0, 5, 5, False),
        ("mailbox", "sales@acme.example", "sends", "day", "", 1, 2, 1, False),
    ]
    assert states(*rules, counted=counted)[0] == ("agent", "agent.big", "writes", "hour", "", 3, 9, 6, False)


def test_a_budget_of_one_agent_alone_leaves_the_others_their_default():
    shown = states(budget(5, scope="agent.a"), known={"agent": ["agent.a", "agent.b"]})
    assert [state for state in shown if state[2] == "writes"] == [
        ("agent", "agent.a", "writes", "hour", "", 0, 5, 5, False),
        ("agent", "agent.b", "writes", "hour", "", 0, 60, 60, True),
    ]


@pytest.mark.parametrize(
    ("rule", "agents_default"),
    [
        ({"key": "workspace"}, []),
        ({"key": "workspace", "scope": "acme"}, [60]),
        ({"key": "record"}, [60]),
        ({"key": "agent"}, []),
    ],
)
def test_a_default_is_shown_as_long_as_nothing_stands_in_its_place(rule, agents_default):
    """LIM-02: as it holds, so it is shown."""
    shown = states(budget(5, window="minute", **rule), known={"agent": ["agent.a"]})
    assert [limit for key, _, unit, _, _, _, limit, _, is_default in shown if unit == "writes" and is_default] == (
        agents_default
    )


def test_money_is_shown_in_its_currency_and_renewed_with_its_window():
    table = make_budget_table((budget(900, unit="spend", currency="EUR"),))
    counted = {("agent", AGENT, "spend:EUR", "hour"): 400}
    (state,) = list_states(table, known={}, counted=counted, now=NOW)
    assert (state.unit, state.currency, state.used, state.left) == ("spend", "EUR", 400, 500)
    assert state.renews_at == HOUR + timedelta(hours=1)


def test_the_fields_that_tell_segments_apart_are_known():
    """They are read with the record."""
    rules = (budget(), budget(key="segment", segment_field="country"))
    assert make_budget_table(rules).segment_fields == {"country"}


# what cannot be published


def errors(*rules):
    return [(error.row, error.code, error.message) for error in budget_errors(make_document(budgets=rules))]


def test_a_row_is_named_as_people_know_it():
    assert name_budget(budget()) == "budget of writes an hour for each agent (agent)"
    assert name_budget(budget(scope=AGENT)) == f"budget of writes an hour for `{AGENT}` (agent)"
    assert name_budget(budget(key="recipient_domain", unit="spend", currency="EUR")) == (
        "budget of spend in EUR an hour for each recipient domain (recipient_domain)"
    )
    assert name_budget(budget(key="segment", segment_field="country")) == (
        "budget of writes an hour for each segment by `country` (segment)"
    )


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"key": "planet"}, "unknown_value", "the key `planet` does not exist"),
        ({"unit": "wishes"}, "unknown_value", "the unit `wishes` does not exist"),
        ({"window": "fortnight"}, "unknown_value", "the window `fortnight` does not exist"),
        ({"limit": -1}, "budget_out_of_range", "a limit lies between 0 and 1000000000000000"),
        ({"limit": MAX_LIMIT + 1}, "budget_out_of_range", "a limit lies between 0 and 1000000000000000"),
        ({"unit": "spend"}, "budget_currency", "a budget of spend names its currency, and no other one does"),
        ({"currency": "EUR"}, "budget_currency", "a budget of spend names its currency, and no other one does"),
        ({"key": "segment"}, "budget_segment", "a budget by segment names its field, and no other one does"),
        ({"segment_field": "country"}, "budget_segment", "a budget by segment names its field, and no other one does"),
        ({"key": "segment", "segment_field": "mood"}, "unknown_field", "the field `mood` is not registered"),
        ({"scope": "agent.unknown"}, "unknown_agent", "no grant names the agent `agent.unknown`"),
    ],
)
def test_what_cannot_work_is_not_published(changes, code, message):
    rule = budget(**changes)
    assert errors(budget(window="day"), rule) == [(name_budget(rule), code, message)]


def test_one_thing_has_one_budget():
    assert errors(budget(5), budget(6)) == [
        (
            "budget of writes an hour for each agent (agent)",
            "budget_twice",
            "two budgets say how much the same thing may take",
        )
    ]


def test_what_can_work_is_published():
    assert (
        errors(
            budget(0),
            budget(MAX_LIMIT, scope=AGENT),
            budget(key="mailbox", scope="sales@acme.example"),
            budget(unit="spend", currency="EUR"),
            budget(key="segment", segment_field="country"),
        )
        == []
    )
