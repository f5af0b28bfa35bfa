"""What is withdrawn after the claim keeps the call back (EXE-01, APR-04, KIL-01; DESIGN §5.4, invariant 1)."""

from datetime import timedelta

import pytest
from django.db.models import F
from guardian.shortcuts import assign_perm, remove_perm

from approvals.models import AgentActionRequest, Attempt, BulkRevert, Suggestion
from approvals.selectors.due import list_due
from approvals.services import execution, execution_together
from approvals.services.bulk_reverts import pause_bulk_revert, resume_bulk_revert, stop_bulk_revert
from approvals.services.promotion import promote_suggestion
from approvals.services.revert import revert_request
from approvals.services.sweep import run_due
from audit.adapters.files import ledger_dir
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.barrier import forget_barrier
from audit.services.maintain import maintain_ledger
from governance.models import Agent, Connection, Credential, Grant, Membership, Person, RegisteredField, User
from tests.builders.api import make_site
from tests.builders.approvals import (
    count_writes,
    execute,
    get,
    make_approver,
    submit,
    submit_executed,
    submit_pending,
    vote,
)
from tests.builders.bulk_reverts import plan, results, start, work, write_some
from tests.builders.crm_connectors import make_record
from tests.builders.outward import call_of, make_contact, make_sending_site
from tests.doubles.batching_connector import serve_batches
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(monkeypatch):
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    return board


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something done once, after the claim and right before the gate."""

    def arrange(do, at=execution):
        real, done = at.commit_before_read, []

        def overtaken(steps):
            real(steps)
            if not done:
                done.append(steps)
                do(steps)

        monkeypatch.setattr(at, "commit_before_read", overtaken)

    return arrange


def agreed(site):
    request = submit_pending(site)
    vote(site, request)
    return request


def last_event(request):
    return LedgerEvent.objects.filter(subject_id=str(request.pk)).order_by("-id").values_list("type", flat=True)[0]


def execute_again(request):
    """What the sweep does with what is due."""
    AgentActionRequest.objects.filter(pk=request.pk).update(not_before=None)
    forget_barrier()
    return execute(request.pk)


ENDED = {
    "agent_inactive": lambda site: Agent.objects.filter(pk=site.world.agent.pk).update(lifecycle="quarantined"),
    "credential_revoked": lambda site: Credential.objects.filter(pk=site.world.credential.pk).update(
        revoked_at=get_now()
    ),
}


@pytest.mark.parametrize("code", ENDED)
def test_who_asked_and_may_act_no_more_reaches_no_crm(board, meanwhile, code):
    """EXE-01, IDN-06: the agent's retirement or its credential's revocation bites right before the call; on record."""
    site = make_site()
    request = agreed(site)
    meanwhile(lambda _: ENDED[code](site))

    assert execute(request.pk) == "cancelled"
    assert (get(request.pk).status_code, board.count("send"), count_writes(request.pk)) == (code, 0, 0)
    assert last_event(request) == "request.cancelled"
    assert Attempt.objects.get().error_code == code


def change_field(site):
    RegisteredField.objects.filter(connection=site.connection_id, name="name").update(
        review_state="changed", was_reviewed=True
    )


def leave_group(site):
    Membership.objects.filter(person=site.world.approver).delete()


def lose_right(site):
    remove_perm("governance.review_requests", site.world.approver_user, site.world.workspace)


JUDGED_ANEW = {
    "voter left the group": (leave_group, "approval_void", "pending", "approval_void"),
    "voter may not review": (lose_right, "approval_void", "pending", "approval_void"),
    "voter deactivated": (
        lambda site: Person.objects.filter(pk=site.world.approver.pk).update(is_active=False),
        "approval_void",
        "pending",
        "approval_void",
    ),
    "voter's login closed": (
        lambda site: User.objects.filter(pk=site.world.approver_user.pk).update(is_active=False),
        "approval_void",
        "pending",
        "approval_void",
    ),
    "grant withdrawn": (
        lambda site: Grant.objects.filter(agent=site.world.agent).update(is_withdrawn=True),
        "grant_withdrawn",
        "denied",
        "grant_withdrawn",
    ),
    "connection switched off": (
        lambda site: Connection.objects.filter(pk=site.connection_id).update(is_active=False),
        "connection_inactive",
        "denied",
        "connection_inactive",
    ),
    "autonomy lowered": (
        lambda site: Agent.objects.filter(pk=site.world.agent.pk).update(autonomy_level="draft_only"),
        "autonomy_changed",
        "denied",
        "",
    ),
    "field changed at the CRM": (change_field, "field_closed", "denied", "field_changed"),
}


@pytest.mark.parametrize("case", JUDGED_ANEW)
def test_what_was_withdrawn_after_the_claim_is_judged_anew_and_not_sent(board, meanwhile, case):
    """EXE-01, APR-04, PRM-06: given back with its code, and the next claim does what it would have done at once."""
    withdraw, code, status, status_code = JUDGED_ANEW[case]
    site = make_site()
    request = agreed(site)
    meanwhile(lambda _: withdraw(site))

    assert execute(request.pk) == "approved"
    assert (get(request.pk).status_code, board.count("send"), last_event(request)) == (code, 0, "request.released")
    assert execute_again(request) == status
    assert get(request.pk).status_code == status_code or not status_code
    assert (board.count("send"), count_writes(request.pk)) == (0, 0)


def test_being_given_back_at_the_gate_is_no_fault_of_the_action(board, meanwhile):
    """F28: a vote that was void and is there again goes through, however often."""
    site = make_site()
    request = agreed(site)
    for _ in range(4):
        Membership.objects.filter(person=site.world.approver).delete()
        Membership.objects.create(group=site.world.group, person=site.world.approver)
        meanwhile(lambda _: leave_group(site))
        assert execute_again(request) == "approved"
        Membership.objects.create(group=site.world.group, person=site.world.approver)

    assert execute_again(request) == "executed"
    assert board.count("send") == 1


def hold(site):
    """An approved call that waits in its send window."""
    request = submit_pending(site, **call_of(make_contact(site)))
    vote(site, request)
    assert execute(request.pk) == "held"
    return request


def wait_out(request):
    """Its window passes."""
    AgentActionRequest.objects.filter(pk=request.pk).update(not_before=F("not_before") - timedelta(days=1))
    return execute(request.pk)


def test_what_is_approved_anew_after_the_gate_waits_its_send_window_anew(board, meanwhile):
    """APR-14: whoever approves last has the window to call it off, as whoever approved first had."""
    site = make_sending_site(hold_seconds=600)
    request = hold(site)
    meanwhile(lambda _: leave_group(site))
    assert wait_out(request) == "approved"
    assert execute_again(request) == "pending"
    person, user = make_approver(site, "Nora New")

    vote(site, get(request.pk), person=person, user=user)
    assert execute(request.pk) == "held"
    assert get(request.pk).not_before > get_now() + timedelta(minutes=9)
    assert board.count("send") == 0
    assert wait_out(request) == "executed"


def test_a_send_that_is_tried_again_does_not_wait_its_window_twice(board):
    """APR-14: one approval, one window."""
    site = make_sending_site(hold_seconds=600)
    request = hold(site)
    board.plan("send", Fault.TRANSIENT)
    assert wait_out(request) == "approved"
    assert wait_out(request) == "executed"


def test_an_approval_that_expired_before_the_call_is_expired_and_never_a_no(board, meanwhile):
    """APR-08: by the clock of the gate."""
    site = make_site()
    request = agreed(site)
    past = get_now() - timedelta(seconds=1)

    def let_time_pass(steps):
        steps[0].claim.request.expires_at = past
        AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=past)

    meanwhile(let_time_pass)

    assert execute(request.pk) == "approved"
    assert (get(request.pk).status_code, board.count("send")) == ("expired", 0)
    assert execute_again(request) == "expired"


def test_what_no_person_had_to_agree_to_is_not_asked_about_votes(board):
    site = make_site()
    assert execute(submit(site).request_id) == "executed"
    assert board.count("send") == 1


@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_lost_its_anchor_after_the_claim_sends_nothing(board, meanwhile):
    """AUD-06, F41."""
    site = make_site()
    request = agreed(site)
    maintain_ledger(now=get_now())

    def lose_anchor(_):
        for path in ledger_dir().glob("anchor-*.jsonl"):
            path.unlink()
        forget_barrier()

    meanwhile(lose_anchor)
    assert execute(request.pk) == "approved"
    assert (get(request.pk).status_code, board.count("send")) == ("ledger_set_back", 0)
    assert execute_again(request) == "approved"
    assert board.count("send") == 0


def make_revert(site, person=None, user=None):
    """A revert that waits to be executed, and what it takes back."""
    original = submit_executed(site)
    submission = revert_request(
        request_id=original.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        reason="wrong source",
        now=get_now(),
    )
    return get(submission.request_id)


def deactivate(_site, user):
    Person.objects.filter(pk=user.person_id).update(is_active=False)


def lose_revert(site, user):
    remove_perm("governance.revert_requests", user, site.world.workspace)


ASKERS = {"person_inactive": deactivate, "right_lost": lose_revert}


@pytest.mark.parametrize("code", ASKERS)
def test_a_person_who_may_not_revert_any_more_takes_nothing_back(meanwhile, code):
    """DESIGN §5.5: judged by the person's role, up to the call."""
    site = make_site()
    person, user = make_approver(site, "Petra Person")
    revert = make_revert(site, person, user)
    meanwhile(lambda _: ASKERS[code](site, user))

    assert execute(revert.pk) == "cancelled"
    assert (get(revert.pk).status_code, count_writes(revert.pk)) == (code, 0)


def test_an_agents_owner_is_who_owns_it_at_the_call(board, meanwhile):
    """APR-07: whoever was given the agent since the claim has a stake, and their vote counts no more."""
    site = make_site()
    request = agreed(site)
    meanwhile(lambda _: Agent.objects.filter(pk=site.world.agent.pk).update(owner=site.world.approver))

    assert execute(request.pk) == "approved"
    assert (get(request.pk).status_code, board.count("send")) == ("approval_void", 0)
    assert execute_again(request) == "pending"


def test_a_person_who_left_their_group_is_judged_anew(meanwhile):
    """DESIGN §5.5."""
    site = make_site()
    person, user = make_approver(site, "Petra Person")
    revert = make_revert(site, person, user)
    meanwhile(lambda _: Membership.objects.filter(person=person).delete())

    assert execute(revert.pk) == "approved"
    assert (get(revert.pk).status_code, count_writes(revert.pk)) == ("role_lost", 0)


def test_a_right_that_was_lost_before_the_claim_cancels_there():
    """IDN-07: the claim looks at the same things."""
    site = make_site()
    person, user = make_approver(site, "Petra Person")
    revert = make_revert(site, person, user)
    lose_revert(site, user)

    assert execute(revert.pk) == "cancelled"
    assert (get(revert.pk).status_code, count_writes(revert.pk)) == ("right_lost", 0)
    assert not Attempt.objects.filter(request=revert).exists()


def make_promotion(site, user, *, on):
    """A suggestion that `user` promotes by the right held on `on`, waiting to be executed."""
    deal = make_record(site.connection_id, "deals", next_step="Call Ann")
    changes = {"target": {"object": "deals", "id": deal}, "changes": {"next_step": "Send the offer"}}
    suggestion = Suggestion.objects.get(request=submit_executed(site, **changes, expected=None))
    assign_perm("governance.promote_suggestions", user, on)
    done = promote_suggestion(
        suggestion_id=suggestion.pk, person_id=user.person_id, user_id=user.pk, shown="Call Ann", now=get_now()
    )
    return get(done.request_id)


def lose_promoting(site, user):
    for place in (site.world.workspace, site.world.agent):
        remove_perm("governance.promote_suggestions", user, place)


@pytest.mark.parametrize("place", ["workspace", "agent"])
class TestPromotions:
    """REG-06, IDN-07: the person's right to promote is asked for up to the call."""

    @pytest.fixture
    def site(self):
        return make_site()

    @pytest.fixture
    def user(self, site):
        return make_approver(site, "Petra Person")[1]

    @pytest.fixture
    def promotion(self, site, user, place):
        return make_promotion(site, user, on=getattr(site.world, place))

    def test_whoever_may_promote_does(self, promotion):
        assert execute(promotion.pk) == "executed"

    def test_a_right_that_was_lost_before_the_claim_promotes_nothing(self, site, user, promotion):
        lose_promoting(site, user)
        assert execute(promotion.pk) == "cancelled"
        assert (get(promotion.pk).status_code, count_writes(promotion.pk)) == ("right_lost", 0)

    def test_a_right_that_was_lost_after_the_claim_promotes_nothing(self, meanwhile, site, user, promotion):
        meanwhile(lambda _: lose_promoting(site, user))
        assert execute(promotion.pk) == "cancelled"
        assert (get(promotion.pk).status_code, count_writes(promotion.pk)) == ("right_lost", 0)


class TestBulkReverts:
    """RVT-02: stopping and pausing reach what was claimed and not yet sent."""

    def ask(self, site, job, verb):
        verb(
            job_id=job.pk,
            person_id=site.world.approver.pk,
            user_id=site.world.approver_user.pk,
            now=get_now(),
        )

    def test_a_stop_after_the_claim_writes_nothing_more(self, meanwhile):
        site = make_site()
        requests = write_some(site, 3)
        job = plan(site)
        start(site, job)
        meanwhile(lambda _: self.ask(site, job, stop_bulk_revert), at=execution_together)
        work()

        assert BulkRevert.objects.get().state == "stopped"
        reverts = AgentActionRequest.objects.filter(reverses__in=requests)
        assert set(reverts.values_list("status", "status_code")) == {("cancelled", "bulk_revert_stopped")}
        assert [count_writes(revert.pk) for revert in reverts] == [0, 0, 0]
        assert set(results(job).values()) == {"stopped"}

    def test_a_pause_after_the_claim_keeps_everything_until_it_is_resumed(self, meanwhile):
        site = make_site()
        requests = write_some(site, 3)
        job = plan(site)
        start(site, job)
        meanwhile(lambda _: self.ask(site, job, pause_bulk_revert), at=execution_together)
        work()

        reverts = AgentActionRequest.objects.filter(reverses__in=requests)
        assert set(reverts.values_list("status", "status_code")) == {("approved", "bulk_revert_paused")}
        assert [execute_again(revert) for revert in reverts] == ["approved"] * 3
        assert [count_writes(revert.pk) for revert in reverts] == [0, 0, 0]

        self.ask(site, job, resume_bulk_revert)
        assert [execute_again(revert) for revert in reverts] == ["executed"] * 3
        work()
        assert set(results(job).values()) == {"reverted"}

    def pause_made(self, site, meanwhile):
        """A job that is paused once it has made its reverts, and these."""
        requests = write_some(site, 2)
        job = plan(site)
        start(site, job)
        meanwhile(lambda _: self.ask(site, job, pause_bulk_revert), at=execution_together)
        work()
        return job, list(AgentActionRequest.objects.filter(reverses__in=requests))

    def test_what_a_pause_keeps_crowds_out_nobody_and_is_due_at_once_when_resumed(self, meanwhile):
        site = make_site()
        job, reverts = self.pause_made(site, meanwhile)
        run_due(worker="test")

        assert list_due(now=get_now() + timedelta(seconds=25), limit=10).approved == []
        assert sorted(list_due(now=get_now() + timedelta(seconds=31), limit=10).approved) == sorted(
            revert.pk for revert in reverts
        )
        self.ask(site, job, resume_bulk_revert)
        run_due(worker="test")
        assert [get(revert.pk).status for revert in reverts] == ["executed"] * 2

    def test_what_a_pause_keeps_does_not_expire_meanwhile(self, meanwhile):
        """APR-09: its approval was in time; nobody but the pause kept it."""
        site = make_site()
        job, (late, other) = self.pause_made(site, meanwhile)
        AgentActionRequest.objects.filter(pk=late.pk).update(expires_at=get_now() - timedelta(days=3))

        assert run_due(worker="test").expired == 0
        assert execute_again(late) == "approved"
        assert list_due(now=get_now(), limit=10).approved == []
        self.ask(site, job, resume_bulk_revert)
        run_due(worker="test")
        assert [get(revert.pk).status for revert in (late, other)] == ["executed"] * 2

    def test_what_the_gate_gives_back_during_the_resumption_has_time_left_too(self, meanwhile):
        """APR-09: it read the pause a moment ago, and is on its way back to `approved`."""
        site = make_site()
        job, (late, _) = self.pause_made(site, meanwhile)
        past = get_now() - timedelta(days=3)
        AgentActionRequest.objects.filter(pk=late.pk).update(status="executing", expires_at=past)
        self.ask(site, job, resume_bulk_revert)
        assert get(late.pk).expires_at > get_now()

    def test_what_nobody_decided_in_time_expires_under_a_pause_too(self, meanwhile):
        """APR-09: a pause keeps nobody from voting."""
        site = make_site()
        _, (late, _) = self.pause_made(site, meanwhile)
        AgentActionRequest.objects.filter(pk=late.pk).update(status="pending", expires_at=get_now() - timedelta(days=3))

        assert run_due(worker="test").expired == 1
        assert get(late.pk).status == "expired"

    def test_what_goes_by_itself_is_claimed_right_before_its_call(self, monkeypatch):
        """What ends between two calls ends the second one before it is claimed."""
        site = make_site()
        made = [
            submit_pending(
                site, action="create", target={"object": "companies"}, changes={"name": f"Novum {n}"}, expected=None
            )
            for n in range(3)
        ]
        for request in made:
            vote(site, request)
            assert execute(request.pk) == "executed"
        job = plan(site)
        start(site, job)
        calls = serve_batches(monkeypatch, size=100, after_call=lambda: lose_revert(site, site.world.approver_user))
        work(turns=1)

        assert (calls.together, calls.alone) == ([], 1)
        reverts = AgentActionRequest.objects.filter(reverses__in=made)
        assert sorted(reverts.values_list("status", "status_code")) == [
            ("cancelled", "right_lost"),
            ("cancelled", "right_lost"),
            ("executed", ""),
        ]
        assert Attempt.objects.filter(request__in=reverts).count() == 1
