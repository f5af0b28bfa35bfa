"""Shadow runs: a draft beside the live policy, on live traffic, with no effect (POL-06)."""

from datetime import timedelta

import pytest

from approvals.models import AgentActionRequest
from approvals.services import shadow
from approvals.services.shadow import run_shadows
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import FieldOwnership, ShadowDifference, ShadowRun
from governance.services.shadow import ShadowError, start_shadow, stop_shadow
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_pending
from tests.builders.governance import publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(shadow, "SETTLING", timedelta(seconds=-5))


def start(site):
    FieldOwnership.objects.filter(field__name="numberofemployees").update(permission_level="blocked")
    return start_shadow(workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, now=get_now())


def test_the_draft_is_judged_beside_the_live_policy_and_nothing_is_enforced():
    site = make_site()
    start(site)
    submission = submit(site)
    pending = submit_pending(site)
    assert run_shadows() == 2
    (difference,) = ShadowDifference.objects.all()
    assert difference.request_id == submission.request_id
    assert (difference.change, difference.live["outcome"], difference.draft["outcome"]) == ("denied", "allow", "deny")
    assert get(submission.request_id).status == "approved"
    assert get(pending.pk).status == "pending"
    run = ShadowRun.objects.get()
    assert (run.judged, run.differing) == (2, 1)


def test_requests_are_judged_once_and_only_from_the_start_on():
    site = make_site()
    submit(site)
    start(site)
    submit(site, changes={"numberofemployees": 230})
    run_shadows()
    assert run_shadows() == 0
    assert ShadowDifference.objects.count() == 1


def test_a_request_that_is_not_decided_yet_is_waited_for():
    site = make_site()
    start(site)
    first = submit(site)
    submit(site, changes={"numberofemployees": 230})
    AgentActionRequest.objects.filter(pk=first.request_id).update(outcome="")
    assert run_shadows() == 0
    AgentActionRequest.objects.filter(pk=first.request_id).update(outcome="allow")
    assert run_shadows() == 2


def test_after_the_stop_nothing_more_is_judged_and_what_was_found_stays():
    site = make_site()
    run_id = start(site)
    submit(site)
    run_shadows()
    assert stop_shadow(run_id=run_id, person_id=site.world.owner.pk, now=get_now())
    assert not stop_shadow(run_id=run_id, person_id=site.world.owner.pk, now=get_now())
    submit(site, changes={"numberofemployees": 230})
    assert run_shadows() == 0
    assert ShadowDifference.objects.count() == 1
    assert LedgerEvent.objects.filter(type__in=["shadow.started", "shadow.stopped"]).count() == 2


def test_one_draft_at_a_time():
    site = make_site()
    start(site)
    with pytest.raises(ShadowError, match="stop it first"):
        start(site)


def test_a_version_that_comes_into_force_ends_the_run():
    """POL-06: what the draft was compared with is in force no longer."""
    site = make_site()
    start(site)
    publish(site.world)
    run = ShadowRun.objects.get()
    assert run.stopped_at is not None
    assert LedgerEvent.objects.filter(type="shadow.stopped", subject_id=str(run.pk)).count() == 1
    submit(site)
    assert run_shadows() == 0
    start_shadow(workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, now=get_now())
