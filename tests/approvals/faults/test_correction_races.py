"""Corrections, votes and cancellations at the same moment: whoever commits first wins (APR-12, APR-14)."""

import pytest

from approvals.models import AgentActionRequest, Correction, Vote
from approvals.services.cancel import cancel_request
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from tests.approvals.faults.test_races import events, together
from tests.builders.api import make_site
from tests.builders.approvals import correct, crm_value, execute, get, make_approver, submit, submit_pending, vote
from tests.builders.outward import email_to, mail_of, make_contact, make_sending_site, set_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_round", range(3))
def test_of_two_corrections_one_binds(_round):
    """The other learns that the change is another one, or decided, by now."""
    site = make_site()
    request = submit_pending(site)
    second, user = make_approver(site, "Bo Second")

    results = together(
        lambda: correct(site, request, name="Umicore SA"),
        lambda: correct(site, request, person=second, user=user, name="Umicore AG"),
    )

    codes = sorted(getattr(result, "code", "won") for result in results)
    assert codes in (["already_decided", "won"], ["diff_changed", "won"])
    fresh = get(request.pk)
    assert (Correction.objects.count(), Vote.objects.get().digest) == (1, fresh.digest)
    assert execute(request.pk) == "executed"
    assert crm_value(site, "name") == fresh.patch[0]["after"]


@pytest.mark.parametrize("_round", range(3))
def test_a_correction_and_an_approval_never_mix(_round):
    """What is approved is what somebody saw: the agent's value with the vote on it, or the corrected one."""
    site = make_site()
    request = submit_pending(site)
    second, user = make_approver(site, "Bo Second")

    results = together(
        lambda: correct(site, request, name="Umicore SA"),
        lambda: vote(site, request, person=second, user=user),
    )

    assert sorted(getattr(result, "code", "won") for result in results) == ["already_decided", "won"]
    fresh = get(request.pk)
    assert fresh.status == "approved"
    assert Vote.objects.get(request=request).digest == fresh.digest
    assert events(request.pk, "request.approved") == 1
    assert execute(request.pk) == "executed"
    is_corrected = not isinstance(results[0], Exception)
    assert crm_value(site, "name") == ("Umicore SA" if is_corrected else "Umicore NV")


@pytest.mark.parametrize("_round", range(3))
def test_a_cancelled_send_does_not_leave(_round):
    """APR-14: cancel against claim at the window's end; either it left, and the cancel is refused, or it did not."""
    site = make_sending_site()
    set_hold(site, "send_email", 60)
    request = get(submit(site, **email_to(make_contact(site))).request_id)
    vote(site, request)
    assert execute(request.pk) == "held"
    AgentActionRequest.objects.filter(pk=request.pk).update(not_before=get_now())

    def cancel():
        user = site.world.approver_user
        return cancel_request(
            request_id=request.pk, actor=Actor("human", "rosa"), reason="wait", now=get_now(), user_id=user.pk
        )

    results = together(cancel, lambda: execute(request.pk))

    is_cancelled = results[0] == "cancelled"
    assert is_cancelled or results[0].code == "not_cancellable"
    assert (mail_of(site, request.pk) is None) is is_cancelled
    assert get(request.pk).status == ("cancelled" if is_cancelled else "executed")
