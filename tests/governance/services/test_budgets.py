"""Taking and giving back, in any order: the counters always say what is held, and never more than there is (LIM-03)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.services.append import OutsideTransactionError
from governance.domain.budget_claims import BudgetClaim
from governance.domain.budget_counter import add_up, make_holds
from governance.models import BudgetCounter
from governance.services.budgets import BudgetLostError, give_back, reserve_budgets, sweep_counters
from tests.builders.governance import make_workspace

NOW = datetime(2031, 5, 17, 9, 30, tzinfo=UTC)
LIMIT = 5

steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.sets(st.sampled_from("abc"), min_size=1), st.integers(1, 3)),
        st.tuples(st.just("give"), st.integers(0, 30), st.just(0)),
    ),
    max_size=25,
)


def holds_on(workspace, values, amount=1, *, limit=LIMIT, now=NOW):
    claims = [BudgetClaim("agent", value, "writes", "hour", amount, limit) for value in sorted(values)]
    return make_holds(claims, workspace_id=workspace.pk, now=now)


def take(workspace, holds):
    with transaction.atomic():
        reserve_budgets(holds, workspace_id=workspace.pk)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_counters_say_what_is_held_after_any_steps(steps):
    workspace = make_workspace(f"w-{uuid.uuid4().hex}")
    model, held = dict.fromkeys("abc", 0), []
    for verb, what, amount in steps:
        if verb == "take":
            has_room = all(model[value] + amount <= LIMIT for value in what)
            try:
                take(workspace, holds_on(workspace, what, amount))
                assert has_room
                held.append((what, amount))
                model |= {value: model[value] + amount for value in what}
            except BudgetLostError:
                assert not has_room
        elif held:
            values, taken = held.pop(what % len(held))
            with transaction.atomic():
                give_back({hold.id: hold.amount for hold in holds_on(workspace, values, taken)})
            model |= {value: model[value] - taken for value in values}
        rows = BudgetCounter.objects.filter(workspace=workspace)
        assert {row.value: row.used for row in rows if row.used} == {name: n for name, n in model.items() if n}


@pytest.mark.django_db
def test_all_is_taken_or_nothing():
    workspace = make_workspace()
    take(workspace, holds_on(workspace, "b", LIMIT))

    with pytest.raises(BudgetLostError):
        take(workspace, holds_on(workspace, "ab"))

    assert dict(BudgetCounter.objects.values_list("value", "used")) == {"b": LIMIT}


@pytest.mark.django_db
def test_more_than_a_whole_window_has_is_never_taken():
    workspace = make_workspace()

    with pytest.raises(BudgetLostError):
        take(workspace, holds_on(workspace, "a", LIMIT + 1))

    assert not BudgetCounter.objects.exists()


@pytest.mark.django_db
def test_the_next_window_begins_anew():
    workspace = make_workspace()
    take(workspace, holds_on(workspace, "a", LIMIT))

    take(workspace, holds_on(workspace, "a", LIMIT, now=NOW + timedelta(minutes=30)))

    assert list(BudgetCounter.objects.values_list("used", flat=True)) == [LIMIT, LIMIT]


def test_holds_of_many_requests_add_up_by_counter():
    workspace = type("W", (), {"pk": uuid.uuid4()})
    holds = [*holds_on(workspace, "ab"), *holds_on(workspace, "b", 2)]

    assert sorted((hold.claim.value, hold.amount) for hold in add_up(holds)) == [("a", 1), ("b", 3)]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_taken_or_given_outside_a_transaction():
    workspace = make_workspace()
    holds = holds_on(workspace, "a")

    with pytest.raises(OutsideTransactionError):
        reserve_budgets(holds, workspace_id=workspace.pk)
    with pytest.raises(OutsideTransactionError):
        give_back({holds[0].id: 1})


@pytest.mark.django_db
def test_counters_of_long_ago_are_swept_away_and_giving_back_to_them_is_harmless():
    workspace = make_workspace()
    holds = holds_on(workspace, "a")
    take(workspace, holds)

    assert sweep_counters(before=NOW) == 1

    with transaction.atomic():
        give_back({holds[0].id: 1})
    assert not BudgetCounter.objects.exists()
