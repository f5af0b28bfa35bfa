"""Revert: taking back what was done, and nothing that someone else did (RVT-01, RVT-03, RVT-04)."""

import pytest

from approvals.models import AgentActionRequest
from approvals.services import execution
from approvals.services.revert import (
    IrreversibleError,
    NothingToRevertError,
    NotRevertibleError,
    RevertConflictError,
    RevertDeniedError,
    RevertExistsError,
    plan_revert,
    revert_request,
)
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from governance.models import ControlEvidence
from tests.builders.api import make_site
from tests.builders.approvals import crm_value, execute, get, make_approver, submit_executed, submit_pending, vote
from tests.builders.governance import make_person, make_switch, make_user

pytestmark = pytest.mark.django_db

TWO_FIELDS = {"changes": {"numberofemployees": 220, "country": "Belgium"}, "expected": None}


def revert(site, request, *, drop=(), person=None, user=None):
    return revert_request(
        request_id=request.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        reason="wrong source",
        now=get_now(),
        drop_fields=frozenset(drop),
    )


def edit(site, **values):
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values=values,
        actor="human:petra",
        now=get_now(),
    )


def test_a_revert_is_a_request_of_its_own_and_puts_the_values_back():
    """RVT-04."""
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)

    submission = revert(site, original)

    assert submission.status == "approved"
    assert get(original.pk).status == "executed", "nothing is undone before the worker did it"
    assert execute(submission.request_id) == "executed"
    assert (crm_value(site, "numberofemployees"), crm_value(site, "country")) == (100, None)
    new = get(submission.request_id)
    assert (get(original.pk).status, new.actor_type, new.reverses_id) == ("reverted", "human", original.pk)
    assert LedgerEvent.objects.filter(subject_id=str(original.pk), type="request.reverted").count() == 1


def test_a_value_that_someone_wrote_since_refuses_the_whole_and_is_shown_three_ways():
    """RVT-03."""
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)
    edit(site, numberofemployees=300)

    with pytest.raises(RevertConflictError) as refusal:
        revert(site, original)

    rows = {row.field: (row.before, row.ours, row.now, row.is_conflict) for row in refusal.value.fields}
    assert rows == {"country": (None, "Belgium", "Belgium", False), "numberofemployees": (100, 220, 300, True)}
    assert AgentActionRequest.objects.count() == 1


def test_a_person_may_leave_conflicted_fields_as_they_are():
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)
    edit(site, numberofemployees=300)

    submission = revert(site, original, drop=["numberofemployees"])

    assert execute(submission.request_id) == "executed"
    assert (crm_value(site, "numberofemployees"), crm_value(site, "country")) == (300, None)


def test_a_value_written_between_revert_and_execution_is_not_overwritten():
    """Invariant 10."""
    site = make_site()
    original = submit_executed(site)
    submission = revert(site, original)
    edit(site, numberofemployees=300)

    assert execute(submission.request_id) == "conflict"
    assert (crm_value(site, "numberofemployees"), get(original.pk).status) == (300, "executed")


def test_dropping_every_field_leaves_nothing_to_do():
    site = make_site()
    original = submit_executed(site)
    edit(site, numberofemployees=300)

    with pytest.raises(NothingToRevertError):
        revert(site, original, drop=["numberofemployees"])


def test_there_is_one_live_revert_per_request():
    site = make_site()
    original = submit_executed(site)
    revert(site, original)

    with pytest.raises(RevertExistsError):
        revert(site, original)

    assert AgentActionRequest.objects.filter(reverses=original).count() == 1


def test_what_was_reverted_cannot_be_reverted_again_but_the_revert_can():
    site = make_site()
    original = submit_executed(site)
    first = revert(site, original)
    execute(first.request_id)

    with pytest.raises(NotRevertibleError):
        revert(site, original)
    second = revert(site, get(first.request_id))
    assert execute(second.request_id) == "executed"
    assert crm_value(site, "numberofemployees") == 220


def test_a_record_that_was_made_is_archived_and_that_has_no_way_back():
    """RVT-05."""
    site = make_site()
    created = submit_pending(
        site, action="create", target={"object": "companies"}, changes={"name": "Novum"}, expected=None
    )
    vote(site, created)
    assert execute(created.pk) == "executed"
    record = get(created.pk).attempts.get().result_record_id

    submission = revert(site, get(created.pk))
    if submission.status == "pending":
        second, user = make_approver(site, "Bo Second")
        vote(site, get(submission.request_id), person=second, user=user)

    assert execute(submission.request_id) == "executed"
    assert CrmRecord.objects.get(number=int(record), crm_object__name="companies").archived_at is not None
    with pytest.raises(IrreversibleError):
        revert(site, get(submission.request_id))


@pytest.mark.parametrize("kind", ["agent", "read_only"])
def test_what_stops_agents_does_not_stop_a_person_from_taking_back(kind):
    """Reverts are exempt from agent stops."""
    site = make_site()
    original = submit_executed(site)
    make_switch(site.world.workspace, kind, agent=site.world.agent if kind == "agent" else None)

    submission = revert(site, original)

    assert execute(submission.request_id) == "executed"


@pytest.mark.parametrize("kind", ["all", "write_back"])
def test_stop_all_and_write_back_off_hold_reverts_too(kind):
    site = make_site()
    original = submit_executed(site)
    submission = revert(site, original)
    make_switch(site.world.workspace, kind)

    assert execute(submission.request_id) == "approved"
    assert crm_value(site, "numberofemployees") == 220


def test_reverting_needs_the_permission_and_ones_own_login():
    site = make_site()
    original = submit_executed(site)
    stranger = make_person("Sten Stranger")

    with pytest.raises(RevertDeniedError):
        revert(site, original, person=stranger, user=make_user(stranger))
    with pytest.raises(RevertDeniedError):
        revert(site, original, person=stranger)
    assert AgentActionRequest.objects.count() == 1


def test_only_what_was_executed_can_be_reverted():
    site = make_site()

    with pytest.raises(NotRevertibleError):
        revert(site, submit_pending(site))


def test_the_plan_shows_three_ways_and_commits_nothing():
    site = make_site()
    original = submit_executed(site)
    edit(site, numberofemployees=300)
    events = LedgerEvent.objects.count()

    plan = plan_revert(request_id=original.pk, person_id=site.world.approver.pk, user_id=site.world.approver_user.pk)

    assert [(row.field, row.is_conflict) for row in plan.fields] == [("numberofemployees", True)]
    assert (AgentActionRequest.objects.count(), LedgerEvent.objects.count()) == (1, events)


def test_a_rollback_read_back_in_a_sandbox_is_kept_as_proof():
    """SBX-01: what a promotion to production asks for."""
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)
    execute(revert(site, original).request_id)
    proof = ControlEvidence.objects.get()
    assert (proof.kind, proof.agent_id) == ("sandbox_revert", site.world.agent.pk)
    assert LedgerEvent.objects.filter(type="control.proven").count() == 1


def test_a_rollback_in_production_proves_nothing_for_production():
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)
    again = revert(site, original)
    type(original.connection).objects.filter(pk=site.connection_id).update(environment="production")
    execute(again.request_id)
    assert not ControlEvidence.objects.exists()


def test_what_was_taken_back_and_moved_on_meanwhile_keeps_no_end_from_its_revert(monkeypatch):
    """EXE-03, RVT-04: what was written and read back is `executed`; nothing is told twice of the original."""
    site = make_site()
    original = submit_executed(site, **TWO_FIELDS)
    submission = revert(site, original)
    real = execution.commit_verified

    def mark_meanwhile(found):
        real(found)
        AgentActionRequest.objects.filter(pk=original.pk).update(status="reverted")

    monkeypatch.setattr(execution, "commit_verified", mark_meanwhile)

    assert execute(submission.request_id) == "executed"
    assert get(original.pk).status == "reverted"
    types = LedgerEvent.objects.filter(subject_id__in=[str(original.pk), str(submission.request_id)])
    told = list(types.values_list("type", flat=True))
    assert (told.count("request.reverted"), told.count("request.executed")) == (0, 2)
