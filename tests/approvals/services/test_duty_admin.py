"""The rota and the clocks in the console: who edits them, what is refused, what the ledger keeps (EXC-02)."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from approvals.models import DutyEntry, ExceptionCalendar
from audit.models import LedgerEvent
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
ADD = reverse("admin:approvals_dutyentry_add")


def fields(workspace, person, **more):
    return {"workspace": str(workspace.pk), "weekday": "0", "on_date": "", "person": str(person.pk), **more}


def test_revops_puts_somebody_on_the_rota_and_the_ledger_keeps_it():
    workspace = make_workspace()
    editor = make_login(workspace, "edit_policy", name="Eda Editor")
    able = make_login(workspace, "handle_exceptions", name="Abel Able")
    assert log_in(editor).post(ADD, fields(workspace, able.person)).status_code == 302
    assert DutyEntry.objects.get().person_id == able.person_id
    assert DutyEntry.history.count() == 1
    assert LedgerEvent.objects.filter(type="config.changed", subject_type="dutyentry").count() == 1


def test_who_may_not_work_on_exceptions_cannot_be_on_duty_and_a_line_names_one_day():
    workspace = make_workspace()
    editor = make_login(workspace, "edit_policy", name="Eda Editor")
    looker = make_login(workspace, "view_requests", name="Lena Looker")
    able = make_login(workspace, "handle_exceptions", name="Abel Able")
    assert "Select a valid choice" in text_of(log_in(editor).post(ADD, fields(workspace, looker.person)))
    both = log_in(editor).post(ADD, fields(workspace, able.person, on_date="2026-05-01"))
    assert "a weekday or a date" in text_of(both)
    assert not DutyEntry.objects.exists()


@pytest.mark.parametrize("permissions", [("view_requests", "handle_exceptions"), ("view_ledger",)])
def test_other_roles_change_neither_rota_nor_clocks(permissions):
    workspace = make_workspace()
    user = make_login(workspace, *permissions)
    for address in (ADD, reverse("admin:approvals_exceptioncalendar_add")):
        assert log_in(user).post(address, fields(workspace, user.person)).status_code == 403


def test_another_workspaces_rota_is_not_seen_and_not_written():
    here, there = make_workspace("here"), make_workspace("there")
    editor = make_login(there, "edit_policy", name="Eda Editor")
    able = make_login(here, "handle_exceptions", name="Abel Able")
    row = DutyEntry.objects.create(workspace=here, weekday=0, person=able.person)
    client = log_in(editor)
    assert client.get(reverse("admin:approvals_dutyentry_change", args=[row.pk])).status_code in (302, 404)
    client.post(ADD, fields(here, able.person, weekday="1"))
    assert DutyEntry.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc/passwd"},
        {"working_days": []},
        {"working_days": [0, 0]},
        {"working_days": [7]},
        {"holidays": ["soon"]},
        {"opens_at": time(18), "closes_at": time(9)},
        {"review_hours": 100, "remediation_hours": 72},
        {"review_hours": 0},
    ],
)
def test_a_calendar_that_no_clock_could_run_by_is_refused(wrong):
    with pytest.raises(ValidationError):
        ExceptionCalendar(workspace=make_workspace(), **wrong).full_clean()


def test_a_calendar_until_midnight_is_one():
    ExceptionCalendar(workspace=make_workspace(), closes_at=time(0)).full_clean()
