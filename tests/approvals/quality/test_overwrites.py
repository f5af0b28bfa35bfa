"""A person who overwrites an agent's value in the CRM has rejected it: scored, told, and a case (QAS-01)."""

from datetime import timedelta

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import CaseRequest, ExceptionCase, SamplingPlan, WrittenField
from approvals.services.overwrites import watch_overwrites
from approvals.services.revert import revert_request
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.api import get, make_site
from tests.builders.approvals import execute, submit_executed
from tests.builders.quality import make_sampling_site, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_sampling_site(safe_percent=0, new_agent_percent=0, risky_percent=0)


def edit(site, actor="human:rep", **values):
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values=values,
        actor=actor,
        now=get_now(),
    )


def watch(days=0.0):
    settle()
    return watch_overwrites(now=get_now() + timedelta(days=days, seconds=15))


def fates():
    return dict(WrittenField.objects.values_list("field", "fate"))


@pytest.mark.parametrize("value", [100, 150, None])
def test_a_person_who_writes_another_value_has_rejected_it(site, value):
    request = submit_executed(site)
    assert watch() == 0
    edit(site, numberofemployees=value)
    assert watch(days=0.01) == 1
    assert fates() == {"numberofemployees": "overwritten"}

    case = ExceptionCase.objects.get()
    assert (case.kind, case.agent, case.field, case.count) == (
        "silent_rejection",
        site.world.agent,
        "numberofemployees",
        1,
    )
    assert CaseRequest.objects.get().request_id == request.pk
    body = LedgerEvent.objects.get(type="write.judged").body
    assert msgspec.json.decode(bytes(body))["data"]["fate"] == "overwritten"
    assert watch() == 0


def test_the_agent_is_told_which_field_and_when_and_neither_who_nor_what(site):
    """`GET action-requests/{id}/` says it; the list does not ask for it."""
    request = submit_executed(site)
    answer = get(f"/action-requests/{request.pk}/", token=site.world.token).json()
    assert answer["feedback"] == []
    edit(site, actor="human:secret-rep", numberofemployees=77_777)
    watch()
    content = get(f"/action-requests/{request.pk}/", token=site.world.token).content
    told = msgspec.json.decode(content)["feedback"]
    assert [(item["kind"], item["field"]) for item in told] == [("overwritten", "numberofemployees")]
    assert b"secret-rep" not in content
    assert b"77777" not in content


def test_like_rejections_are_one_case(site):
    for value in (220, 230):
        submit_executed(site, changes={"numberofemployees": value}, expected=None)
        edit(site, numberofemployees=value - 100)
    assert watch() == 2
    assert ExceptionCase.objects.get().count == 2


def test_what_an_integration_or_another_agent_wrote_is_no_rejection(site):
    submit_executed(site)
    edit(site, actor="integration:clearbit", numberofemployees=300)
    assert watch() == 1
    assert fates() == {"numberofemployees": "replaced"}
    assert not ExceptionCase.objects.exists()


def test_our_own_taking_back_is_no_rejection(site):
    request = submit_executed(site)
    back = revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong company",
        now=get_now(),
    )
    execute(back.request_id)
    assert watch() == 1
    assert fates() == {"numberofemployees": "reverted"}
    assert not ExceptionCase.objects.exists()


def test_what_nobody_touched_is_kept_when_its_time_is_over(site):
    submit_executed(site, changes={"numberofemployees": 220, "country": "Belgium"}, expected=None)
    edit(site, country="Belgium")  # the same again is no rejection
    assert watch() == 0
    assert watch(days=13) == 0
    assert watch(days=15) == 2
    assert set(fates().values()) == {"kept"}


def test_the_plan_says_how_long_values_are_watched(site):
    """Declared means enforced: with a window of two days, day three is too late."""
    SamplingPlan.objects.update(watch_days=2)
    submit_executed(site)
    assert watch(days=3) == 1
    edit(site, numberofemployees=1)
    assert watch(days=4) == 0
    assert fates() == {"numberofemployees": "kept"}


def test_without_a_plan_nothing_is_watched():
    site = make_site()
    submit_executed(site)
    edit(site, numberofemployees=1)
    assert watch() == 0


def test_a_crm_that_cannot_be_read_is_asked_again_later(site):
    submit_executed(site)
    settle()
    kind = site.world.connection.kind
    type(site.world.connection).objects.update(kind="no-such-crm")
    assert watch() == 0
    assert WrittenField.objects.get().next_look_at > get_now() + timedelta(minutes=5)
    type(site.world.connection).objects.update(kind=kind)
    edit(site, numberofemployees=1)
    assert watch_overwrites(now=get_now() + timedelta(minutes=11)) == 1


@pytest.mark.parametrize("count", [2, 8])
def test_looking_at_many_takes_as_many_reads_as_at_few(site, count):
    for number in range(count):
        submit_executed(site, changes={"numberofemployees": 300 + number}, expected=None)
    settle()
    newest = WrittenField.objects.latest("written_at")  # not by id: rows that are noted together may share a moment
    WrittenField.objects.exclude(pk=newest.pk).update(fate="kept")
    with CaptureQueriesContext(connection) as captured:
        watch_overwrites(now=get_now() + timedelta(seconds=15))
    assert len(captured) <= 8
