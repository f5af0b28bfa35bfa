"""The console's tables are for looking, even for a superuser."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from approvals.models import AgentActionRequest, Attempt, BadActionReport, ExceptionCase, Incident, Vote
from governance.models import User


@pytest.mark.parametrize("model", [AgentActionRequest, Attempt, BadActionReport, ExceptionCase, Incident, Vote])
def test_nobody_adds_changes_or_deletes_in_the_admin(model):
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    page = admin.site._registry[model]

    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
