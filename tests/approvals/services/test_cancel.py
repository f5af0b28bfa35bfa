"""Cancelling: one's own, before the claim."""

import pytest

from approvals.services.cancel import NotCancellableError, NotFoundError, cancel_request
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.selectors.access import NotAllowedError
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, submit_executed, submit_pending
from tests.builders.governance import make_user

pytestmark = pytest.mark.django_db


def cancel(request_id, **whose):
    return cancel_request(
        request_id=request_id, actor=Actor("agent", "agent.enrichment"), reason="stale", now=get_now(), **whose
    )


def test_an_agent_takes_its_own_request_back():
    site = make_site()
    for request_id in (submit_pending(site).pk, submit(site).request_id):
        assert cancel(request_id, agent_id=site.world.agent.pk) == "cancelled"
        assert cancel(request_id, agent_id=site.world.agent.pk) == "cancelled", "again is harmless"
        assert execute(request_id) == "cancelled"
        assert LedgerEvent.objects.filter(subject_id=str(request_id), type="request.cancelled").count() == 1


def test_an_agent_finds_no_one_elses():
    """Invariant 8."""
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    request = submit_pending(site)

    with pytest.raises(NotFoundError):
        cancel(request.pk, agent_id=other.world.agent.pk)
    assert get(request.pk).status == "pending"


def test_what_was_executed_cannot_be_cancelled():
    site = make_site()

    with pytest.raises(NotCancellableError):
        cancel(submit_executed(site).pk, agent_id=site.world.agent.pk)


def test_a_person_needs_the_permission():
    site = make_site()
    request = submit_pending(site)

    with pytest.raises(NotAllowedError):
        cancel(request.pk, user_id=make_user(username="sten@example.com").pk)
    assert cancel(request.pk, user_id=site.world.approver_user.pk) == "cancelled"
