"""Preview writes nothing; a remote CRM is read by a worker, and both come to the same decision (APR-02, APR-03)."""

import pytest

from approvals.models import AgentActionRequest, Attempt, RequestBatch, Vote
from approvals.services.decision import decide_request
from approvals.services.intake_errors import UnknownPropertyError
from approvals.services.preview import preview_request
from approvals.services.sweep import run_due
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import AgentVersion
from tests.builders.api import make_site
from tests.builders.approvals import NAME_CHANGE, crm_value, get, make_principal, make_proposed, submit
from tests.builders.governance import make_switch
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db

TABLES = (AgentActionRequest, Attempt, RequestBatch, Vote, LedgerEvent, AgentVersion)


@pytest.fixture
def remote(monkeypatch):
    """The embedded CRM, as if it stood elsewhere."""
    board = FaultySwitchboard()

    def wrap(connector):
        far = board.wrap(connector)
        far.is_local = False
        return far

    serve_through(monkeypatch, wrap)
    return board


def preview(site, **changes):
    return preview_request(principal=make_principal(site.world), proposal=make_proposed(site, **changes), now=get_now())


@pytest.mark.parametrize(
    ("changes", "status", "fields"),
    [
        ({}, "approved", 1),
        (NAME_CHANGE, "pending", 1),
        ({"changes": {"industry": "Gardening"}, "expected": None}, "denied", 0),
        ({"expected": {"numberofemployees": 7}}, "conflict", 1),
    ],
)
def test_preview_tells_what_a_submission_would_become_and_writes_nothing(changes, status, fields):
    site = make_site()
    before = [table.objects.count() for table in TABLES]

    with captured_statements() as statements:
        answer = preview(site, **changes)

    assert (answer.status, answer.fields_touched) == (status, fields)
    assert [table.objects.count() for table in TABLES] == before
    assert statements
    assert all(statement.lstrip("(").startswith("SELECT") for statement in statements)
    assert submit(site, **changes).status == status


def test_preview_refuses_what_intake_refuses():
    with pytest.raises(UnknownPropertyError):
        preview(make_site(), changes={"shoe_size": 1}, expected=None)


def test_preview_reads_a_remote_crm_too(remote):
    answer = preview(make_site())

    assert (answer.status, answer.is_record_read, remote.count("read")) == ("approved", True, 1)


def test_a_remote_crm_is_not_read_at_intake_and_decided_by_the_worker(remote):
    site = make_site()

    submission = submit(site)
    assert (submission.status, submission.decision, remote.calls) == ("evaluating", None, [])

    counts = run_due(worker="test")
    assert (counts.decided, counts.executed) == (1, 1)
    assert (get(submission.request_id).status, crm_value(site, "numberofemployees")) == ("executed", 220)


def test_deciding_twice_decides_once(remote):
    request_id = submit(make_site(), **NAME_CHANGE).request_id

    assert [decide_request(request_id=request_id, now=get_now()) for _ in range(2)] == ["pending", "pending"]
    assert LedgerEvent.objects.filter(subject_id=str(request_id), type="request.decided").count() == 1


def test_a_switch_engaged_before_the_worker_looked_denies(remote):
    site = make_site()
    request_id = submit(site).request_id
    make_switch(site.world.workspace, "all")

    assert decide_request(request_id=request_id, now=get_now()) == "denied"


def test_a_remote_crm_that_cannot_be_read_denies(remote):
    request_id = submit(make_site()).request_id
    remote.plan("read", Fault.TRANSIENT)

    assert decide_request(request_id=request_id, now=get_now()) == "denied"
    assert get(request_id).status_code == "check_failed"


def test_a_denial_needs_no_remote_read(remote):
    submission = submit(make_site(), target={"object": "deals", "id": "1"}, changes={"amount": 5}, expected=None)

    assert (submission.status, remote.calls) == ("denied", [])
