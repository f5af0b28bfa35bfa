"""An agent makes a record or a task; a person takes it back; nobody else's work goes with it (RVT-03, RVT-05)."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.services.sweep import run_due
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from audit.services.verify import verify_ledger
from crm_connectors.models import CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.api import Site, get, make_site, propose
from tests.builders.approvals import make_approver
from tests.builders.console import log_in, text_of

pytestmark = pytest.mark.django_db(transaction=True)

COMPANY = {"action": "create", "target": {"object": "companies"}, "changes": {"name": "Novum"}, "expected": None}
TASK = {"action": "create_task", "changes": None, "expected": None,
        "task": {"subject": "Call Umicore", "due_date": "2026-12-01", "body": "About the pilot."}}  # fmt: skip


@dataclass
class Made:
    """A record that an agent made, and the people around it."""

    site: Site
    row: AgentActionRequest
    object_type: str
    record_id: str

    @property
    def record(self) -> CrmRecord:
        return CrmRecord.objects.get(number=int(self.record_id), crm_object__name=self.object_type)

    def edit(self, **values: Any) -> None:
        """Somebody goes on with the record by hand."""
        edit_record(
            connection_id=self.site.connection_id,
            object_type=self.object_type,
            record_id=self.record_id,
            values=values,
            actor="human:petra",
            now=get_now(),
        )

    def take_back(self, **form: str) -> Any:
        client = log_in(self.site.world.approver_user)
        return client.post(reverse("approvals:revert", args=[self.row.pk]), {"reason": "a double", **form})

    def status(self) -> str:
        """As the agent sees it."""
        return str(get(f"/action-requests/{self.row.pk}/", token=self.site.world.token).json()["status"])


def decide(site: Site, request: AgentActionRequest) -> None:
    """Whoever may, approves what waits, on its page."""
    if request.status == "pending":
        _, user = make_approver(site, f"Bo Second {request.pk}")
        answer = log_in(user).post(reverse("approvals:approve", args=[request.pk]), {"digest": request.digest})
        assert answer.status_code == 302, text_of(answer)
    run_due(worker="journey")


@pytest.fixture(params=["create", "create_task"])
def made(request: pytest.FixtureRequest) -> Made:
    """Proposed over the API, approved where a person is asked, and written."""
    site = make_site()
    answer = propose(site, **(COMPANY if request.param == "create" else TASK))
    assert answer["status"] == ("pending" if request.param == "create" else "approved")
    decide(site, AgentActionRequest.objects.get())
    row = AgentActionRequest.objects.get()
    assert row.status == "executed", row.status_code
    return Made(site, row, row.object_type, row.attempts.get().result_record_id)


def the_revert(made: Made) -> AgentActionRequest:
    return AgentActionRequest.objects.get(reverses=made.row)


def test_it_is_archived_and_the_agent_reads_that_it_was_taken_back(made: Made) -> None:
    assert made.record.archived_at is None

    assert made.take_back().status_code == 302
    decide(made.site, the_revert(made))

    assert the_revert(made).status == "executed", the_revert(made).status_code
    assert made.record.archived_at is not None
    assert made.status() == "reverted"
    while sequence_pending(now=get_now()):
        pass
    assert verify_ledger().is_ok


def test_what_somebody_went_on_with_is_not_taken_away_unasked(made: Made) -> None:
    name = "name" if made.object_type == "companies" else "subject"
    made.edit(**{name: "Petra's words"})

    answer = made.take_back()

    assert answer.status_code == 409
    assert "Somebody else wrote since" in text_of(answer)
    assert "Petra&#x27;s words" in text_of(answer)
    assert not AgentActionRequest.objects.filter(reverses=made.row).exists()
    assert (made.record.archived_at, made.status()) == (None, "executed")


def test_a_person_may_take_it_away_all_the_same_by_saying_so(made: Made) -> None:
    name = "name" if made.object_type == "companies" else "subject"
    made.edit(**{name: "Petra's words"})

    assert made.take_back(keep=name).status_code == 302
    decide(made.site, the_revert(made))

    assert made.record.archived_at is not None


def test_what_somebody_wrote_while_the_revert_was_on_its_way_is_not_taken_away(made: Made) -> None:
    """Invariant 10: judged on what was there, executed only if it is still there."""
    name = "name" if made.object_type == "companies" else "subject"
    assert made.take_back().status_code == 302
    made.edit(**{name: "Petra's words"})

    decide(made.site, the_revert(made))

    assert the_revert(made).status != "executed"
    assert (made.record.archived_at, made.record.values[name]) == (None, "Petra's words")
    assert made.status() == "executed"
