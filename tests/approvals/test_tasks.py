"""Messages of the queue: what one of their ids is keeps no other waiting (EXE-01)."""

import pytest

from approvals import tasks
from approvals.tasks import execute_requests
from tests.builders.api import make_site
from tests.builders.approvals import get, submit_pending, vote

pytestmark = pytest.mark.django_db
GARBAGE = ["not-a-uuid", None, 5, "\x00", "9" * 10_000]


@pytest.fixture
def approved():
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    return request


def test_what_is_no_id_is_told_after_the_others_were_worked_on(approved):
    with pytest.raises(ExceptionGroup) as told:
        execute_requests(request_ids=[*GARBAGE, str(approved.pk)])
    assert len(told.value.exceptions) == len(GARBAGE)
    assert get(approved.pk).status == "executed"


def test_what_is_no_id_keeps_none_from_being_handed_on(approved, monkeypatch):
    handed = []
    monkeypatch.setattr(tasks, "_HAND_ON_SECONDS", -1.0)
    monkeypatch.setattr(tasks, "nudge", lambda task, request_id: handed.append((task, request_id)))
    with pytest.raises(ExceptionGroup):
        execute_requests(request_ids=["first", *GARBAGE, str(approved.pk)])
    assert handed == [("execute", approved.pk)]
