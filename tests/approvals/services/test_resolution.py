"""A person settles what no machine could (EXE-03)."""

import pytest

from approvals.services.resolution import ResolutionError, resolve_unknown
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.selectors.access import NotAllowedError
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit, submit_executed
from tests.builders.governance import make_user
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


@pytest.fixture
def unsettled(monkeypatch):
    """A site, and a request that the CRM took with a difference."""
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    site = make_site()
    request_id = submit(site, changes={"country": "Belgium", "numberofemployees": 5}, expected=None).request_id
    board.plan("send", Fault.IGNORE_FIELD)
    assert execute(request_id) == "unknown"
    return site, request_id


def resolve(site, request_id, *, outcome="applied", reason="looked at the record", user=None):
    return resolve_unknown(
        request_id=request_id,
        person_id=site.world.approver.pk,
        user_id=(user or site.world.approver_user).pk,
        outcome=outcome,
        reason=reason,
        now=get_now(),
    )


@pytest.mark.parametrize(("outcome", "status"), [("applied", "executed"), ("not_applied", "failed")])
def test_a_person_says_what_became_of_it(unsettled, outcome, status):
    site, request_id = unsettled

    assert resolve(site, request_id, outcome=outcome) == status

    assert (get(request_id).status, get(request_id).status_code) == (status, "resolved_by_person")
    told = LedgerEvent.objects.filter(subject_id=str(request_id)).order_by("id").last()
    assert (told.type, told.actor_type) == (f"request.{status}", "human")


def test_only_who_may_review_here_settles_it(unsettled):
    site, request_id = unsettled

    with pytest.raises(NotAllowedError):
        resolve(site, request_id, user=make_user(username="sten@example.com"))
    assert get(request_id).status == "unknown"


@pytest.mark.parametrize("changes", [{"reason": " "}, {"outcome": "maybe"}])
def test_a_word_and_a_reason_are_needed(unsettled, changes):
    site, request_id = unsettled

    with pytest.raises(ResolutionError):
        resolve(site, request_id, **changes)


def test_what_is_settled_is_not_settled_again():
    site = make_site()

    with pytest.raises(ResolutionError):
        resolve(site, submit_executed(site).pk)
