"""The demo's lessons: a rep's silent correction counts, and an exception becomes a rule draft (EXC-02, QAS-01)."""

from datetime import timedelta

import pytest

from approvals.models import ExceptionCase, WrittenField
from approvals.services.overwrites import watch_overwrites
from audit.selectors.clock import get_now
from config.demo import learning
from config.demo.scene import THE_HOUSE
from config.demo.story import HYGIENE, REVOPS
from governance.domain.roles import PERMISSIONS
from governance.models import Rule
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed
from tests.builders.exceptions import make_case
from tests.builders.governance import allow, make_person, make_user
from tests.builders.quality import make_sampling_site, settle

pytestmark = pytest.mark.django_db


def test_a_rep_corrects_an_agent_and_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "wait_for", lambda condition, **_: condition())
    since, told = get_now(), list[str]()
    submit_executed(make_sampling_site())
    settle()
    row = learning.correct_silently(since=since, scene=THE_HOUSE, say=told.append)
    watch_overwrites(now=get_now() + timedelta(seconds=15))
    learning.tell_corrected(row, told.append)
    assert WrittenField.objects.get().fate == "overwritten"
    assert "silent rejection" in told[-1]


def test_without_a_value_to_correct_nothing_is_told() -> None:
    told = list[str]()
    row = learning.correct_silently(since=get_now(), scene=THE_HOUSE, say=told.append)
    learning.tell_corrected(row, told.append)
    assert told == []


def test_an_exception_becomes_a_rule_that_is_not_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "wait_for", lambda condition, **_: settle() or condition())
    site, told = make_site(agent_name=HYGIENE), list[str]()
    user = make_user(make_person("Rhea", email=REVOPS))
    allow(user, site.world.workspace, *PERMISSIONS)
    case = make_case(site.world.workspace, agent=HYGIENE, code="level_read_only", object_type="deals", field="amount")
    learning.make_rule_of_case(told.append)
    case = ExceptionCase.objects.get(pk=case.pk)
    rule = Rule.objects.get()
    assert (rule.is_active, rule.fields_named, case.owner_id, case.change_id) == (
        False,
        ["amount"],
        user.person_id,
        str(rule.pk),
    )
    learning.make_rule_of_case(told.append)  # a second run of the demo leaves it as it is
    assert (Rule.objects.count(), len(told)) == (1, 1)
