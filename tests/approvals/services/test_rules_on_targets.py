"""Rules on what a preparation is about, and trying a rule on what happened (POL-04)."""

import pytest

from approvals.services.rule_trial import try_rule
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.governance import publish
from tests.builders.rules import make_draft, make_rule, when

pytestmark = pytest.mark.django_db
TASK = {
    "action": "create_task",
    "changes": None,
    "expected": None,
}


def make_task(site, **changes):
    target = {"object": "companies", "id": site.company}
    return submit(site, **{**TASK, "target": target, "task": {"subject": "Call them"}, **changes})


def test_a_rule_sees_the_record_that_a_task_is_about():
    site = make_site()
    make_rule(site.world, when("record_value", "is", "Umicore", field="name"), actions=("create_task",))
    publish(site.world)
    assert make_task(site).status_code == "rule_denied"


def test_a_record_that_is_not_there_holds_nothing():
    site = make_site()
    make_rule(site.world, when("record_value", "is", "Umicore", field="name"), actions=("create_task",))
    publish(site.world)
    decision = make_task(site, target={"object": "companies", "id": "999999"}).decision
    assert "rule_denied" not in {check.code for check in decision.checks}


def test_a_trial_names_what_a_rule_would_have_matched_and_writes_nothing():
    site = make_site()
    matching = submit(site, confidence=0.72)
    submit(site, confidence=0.95)
    draft = make_draft(site.world, when("confidence", "less", "0.8"))
    trial = try_rule(workspace_id=site.world.workspace.pk, rule=draft.rule)
    assert (trial.looked_at, [request.pk for request in trial.matches]) == (2, [matching.request_id])
    assert trial.untold == ()


def test_a_trial_says_where_the_facts_do_not_suffice():
    site = make_site()
    submit(site)
    draft = make_draft(site.world, when("duplicate", "not_empty"))
    trial = try_rule(workspace_id=site.world.workspace.pk, rule=draft.rule)
    assert (len(trial.matches), len(trial.untold)) == (0, 1)
