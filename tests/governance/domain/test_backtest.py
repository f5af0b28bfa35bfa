"""A draft replayed against real requests, in the pure core (POL-06)."""

import pytest

from governance.domain.backtest import KEPT_CHANGES, PastRequest, Tally, compare_decisions, count_request, summarize
from tests.builders.policy import ACTIONS, FIELDS, field, make_agent, make_facts, make_index, make_request
from tests.governance.domain.test_diff import replaced

LIVE = make_index()


def industry(**changes):
    return make_index(fields=(field("industry", type="picklist", options=("IT", "Software"), **changes), *FIELDS[1:]))


def past(number=1, facts=None, **changes):
    values = {"id": str(number), "agent": "agent.enrichment", "about": "update companies 101"}
    return PastRequest(**{**values, "facts": facts or make_facts(), **changes})


@pytest.mark.parametrize(
    ("draft", "before", "after", "change"),
    [
        (LIVE, "allow", "allow", ""),
        (industry(permission_level="blocked"), "allow", "deny", "denied"),
        (industry(permission_level="approval"), "allow", "require_approval", "gated"),
    ],
)
def test_the_same_facts_are_judged_by_both(draft, before, after, change):
    compared = compare_decisions(draft, LIVE, make_facts())
    assert (compared.before, compared.after, compared.change) == (before, after, change)


def test_what_needed_a_person_and_no_longer_does_is_newly_automatic():
    facts = make_facts(make_request(changes={"annualrevenue": 5.0}))
    draft = make_index(fields=replaced(FIELDS, 3, permission_level="safe_write"))
    assert compare_decisions(draft, LIVE, facts).change == "automatic"


def test_another_number_of_approvers_is_a_change_too():
    facts = make_facts(make_request(changes={"annualrevenue": 5.0}))
    draft = make_index(actions=replaced(ACTIONS, 0, approvals_needed=2))
    assert compare_decisions(draft, LIVE, facts).change == "otherwise"


def test_the_reasons_are_those_that_the_draft_adds_or_drops():
    gated = compare_decisions(industry(permission_level="approval"), LIVE, make_facts())
    assert [reason.split("/")[0] for reason in gated.reasons] == ["permission_level"]
    back = compare_decisions(LIVE, industry(permission_level="blocked"), make_facts())
    assert back.change == "automatic"
    assert any(reason.startswith("permission_level/") for reason in back.reasons)


def test_what_nobody_read_at_the_time_is_undecidable_and_never_called_a_denial():
    unread = make_facts(agent=make_agent(lifecycle="quarantined"), record=None)
    assert compare_decisions(LIVE, LIVE, unread).change == ""
    no_record = make_facts(record=None)
    assert compare_decisions(LIVE, LIVE, no_record).is_undecidable
    held = make_facts().record
    narrow = make_facts(
        make_request(changes={"linkedin": "https://example.com/x"}),
        record=type(held)(exists=True, version="7", values={"linkedin": None, "dealstage": "open"}),
    )
    assert compare_decisions(LIVE, make_index(fields=FIELDS[:6]), narrow).is_undecidable


def test_without_a_policy_in_force_everything_was_denied():
    assert compare_decisions(LIVE, None, make_facts()).change == "automatic"


def test_the_tally_counts_by_agent_and_reason_and_keeps_the_changed():
    tally, draft = Tally(), industry(permission_level="approval")
    for number in range(3):
        count_request(tally, past(number, was_reverted=number == 0), draft=draft, bases={"sandbox": LIVE})
    count_request(
        tally, past(9, make_facts(make_request(changes={"country": "Norway"}))), draft=draft, bases={"sandbox": LIVE}
    )
    result = summarize(tally, days=2)
    assert (result["replayed"], result["gated"], result["denied"], result["reverted"]) == (4, 3, 0, 1)
    assert result["by_agent"] == {"agent.enrichment": {"gated": 3}}
    assert [change["id"] for change in result["changed"]] == ["0", "1", "2"]
    assert (result["approvals_a_day_before"], result["approvals_a_day_after"]) == (0.0, 1.5)


def test_the_list_of_changed_requests_is_bounded_but_the_counts_are_not():
    tally, draft = Tally(), industry(permission_level="blocked")
    for number in range(KEPT_CHANGES + 5):
        count_request(tally, past(number), draft=draft, bases={"sandbox": LIVE})
    assert (tally.denied, len(tally.changed)) == (KEPT_CHANGES + 5, KEPT_CHANGES)


def test_each_environment_is_compared_with_what_is_in_force_there():
    tally = Tally()
    count_request(tally, past(), draft=LIVE, bases={"production": LIVE})
    assert tally.automatic == 1


def test_work_on_no_record_is_judged_without_one():
    """A task, a note or a new record never had a record to read: that says nothing about what was looked at."""
    task = make_request(
        action="create_task", object="tasks", target_object="companies", changes={"title": "Call"}, record_id=None
    )
    facts = make_facts(task, record=None)
    assert not compare_decisions(LIVE, LIVE, facts).is_undecidable
    tier = make_index(actions=replaced(ACTIONS, 2, risk_tier="approval", approver_groups=("revops",)))
    assert compare_decisions(tier, LIVE, facts).change == "gated"
    assert compare_decisions(LIVE, make_index(grants=()), facts).is_undecidable
