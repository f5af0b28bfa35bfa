"""Samples are drawn from the ledger: once each, by a committed seed, checkable by anyone afterwards (QAS-01)."""

import json
from datetime import timedelta
from unittest.mock import ANY

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.domain.sampling import commitment
from approvals.models import FirstDone, QualitySample, SampledField, SamplingPeriod, SamplingPlan
from approvals.services.sampling import QUALITY_SAMPLES
from approvals.services.sampling_check import check_samples
from approvals.services.sampling_periods import keep_period, keep_periods
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.follow import follow
from audit.services.maintain import maintain_ledger
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit, submit_executed, submit_pending, vote
from tests.builders.quality import make_sample, make_sampling_site, settle

pytestmark = pytest.mark.django_db


def told(event_type):
    rows = LedgerEvent.objects.filter(type=event_type).order_by("id")
    return [msgspec.json.decode(bytes(row.body))["data"] for row in rows]


def test_a_period_is_committed_before_it_draws_and_shown_only_when_it_is_over():
    """QAS-01: the sha256 comes first; the seed is told by nobody as long as it decides anything."""
    site = make_sampling_site()
    period = SamplingPeriod.objects.get()
    assert told("sampling.opened") == [
        {"period": str(period.pk), "number": 1, "commitment": commitment(bytes(period.seed)), "rates": ANY}
    ]
    make_sample(site)
    secret = bytes(period.seed)
    assert not any(secret in bytes(row.body) or secret.hex().encode() in bytes(row.body) for row in _all_events())

    assert keep_period(workspace_id=site.world.workspace.pk, now=get_now() + timedelta(days=7))

    assert told("sampling.revealed") == [{"period": str(period.pk), "number": 1, "seed": secret.hex()}]
    assert bytes(SamplingPeriod.objects.get(number=2).seed) != secret


def _all_events():
    return LedgerEvent.objects.all()


def test_an_edited_plan_draws_in_a_period_of_its_own():
    """QAS-01: what was drawn before the edit was drawn by the plan before it; declared means enforced."""
    site = make_sampling_site()
    make_sample(site)
    SamplingPlan.objects.update(new_agent_percent=0)
    settle()
    submit_executed(site, changes={"numberofemployees": 221}, expected=None)
    settle()
    assert QualitySample.objects.count() == 1
    assert [period["rates"]["new_agent_percent"] for period in told("sampling.opened")] == [100, 0]


def test_within_a_week_and_without_an_edit_the_period_stays():
    make_sampling_site()
    assert keep_periods(now=get_now()) == 0
    assert SamplingPeriod.objects.count() == 1


def test_what_was_executed_is_drawn_once_with_its_reason_and_its_fields():
    site = make_sampling_site()
    sample = make_sample(site)
    assert (sample.percent, sample.reasons) == (100, ["new_agent"])
    assert list(SampledField.objects.values_list("object_type", "field")) == [("companies", "numberofemployees")]
    assert told("sample.drawn")[0]["sample"] == str(sample.pk)

    settle()
    assert QualitySample.objects.count() == 1


def test_what_a_person_approved_is_restricted():
    """QAS-01: all of it is looked at, whatever the rate of safe ones."""
    site = make_sampling_site(new_agent_percent=0, safe_percent=0, risky_percent=0)
    row = submit_pending(site)
    vote(site, row)
    assert execute(row.pk) == "executed"
    submit_executed(site)
    settle()
    assert list(QualitySample.objects.values_list("request_id", "reasons")) == [(row.pk, ["restricted"])]


def test_what_was_not_executed_and_what_people_do_is_not_drawn():
    site = make_sampling_site()
    submit(site, changes={"amount": 5}, target={"object": "deals", "id": "1"}, expected=None)
    submit_pending(site)
    settle()
    assert not QualitySample.objects.exists()


def test_low_confidence_a_large_account_and_a_field_taken_back_are_drawn_more_often():
    site = make_sampling_site(new_agent_percent=0, safe_percent=0, low_confidence=0.9, large_from=5_000)
    submit_executed(site)
    submit_executed(site, confidence=0.85, changes={"numberofemployees": 230}, expected=None)
    submit_executed(site, changes={"numberofemployees": 9_000}, expected=None)
    settle()
    assert sorted(QualitySample.objects.values_list("reasons", flat=True)) == [["large_account"], ["low_confidence"]]


def test_without_a_plan_nothing_is_drawn():
    site = make_site()
    submit_executed(site)
    settle()
    assert not QualitySample.objects.exists()
    assert FirstDone.objects.filter(kind="field", key="companies.numberofemployees").count() == 1


def test_the_check_draws_the_same_again_and_finds_what_was_dropped_or_slipped_in(capsys):
    """QAS-01: `verify_samples` needs the ledger, the seeds and the requests, and finds every change."""
    site = make_sampling_site(new_agent_percent=50)
    for number in range(12):
        submit_executed(site, changes={"numberofemployees": 300 + number}, expected=None)
    settle()
    keep_period(workspace_id=site.world.workspace.pk, now=get_now() + timedelta(days=8))
    settle()
    checked = check_samples()
    assert (checked.executed, checked.wrong) == (12, ())
    assert checked.drawn == QualitySample.objects.count()
    call_command("verify_samples", "--json")
    assert json.loads(capsys.readouterr().out) == {"executed": 12, "drawn": checked.drawn, "wrong": []}

    QualitySample.objects.update(percent=1)
    assert len(check_samples().wrong) == checked.drawn
    SamplingPeriod.objects.filter(number=1).update(seed=b"x" * 32)
    with pytest.raises(CommandError):
        call_command("verify_samples")


def test_a_dropped_sample_is_found():
    site = make_sampling_site()
    sample = make_sample(site)
    SampledField.objects.all().delete()
    sample.delete()
    assert check_samples().wrong == (f"{sample.request_id}: was to be sampled and is not",)


@pytest.mark.parametrize("count", [2, 9])
def test_drawing_many_takes_as_many_queries_as_drawing_few(count):
    site = make_sampling_site()
    for number in range(count):
        submit_executed(site, changes={"numberofemployees": 300 + number}, expected=None)
    maintain_ledger(now=get_now())
    with CaptureQueriesContext(
        connection,
    ) as captured:
        follow(QUALITY_SAMPLES)
    assert QualitySample.objects.count() == count
    assert len(captured) <= 24
