"""What nobody can decide, group by group: in the report, on its own page and on the group's screen (APR-05, REP-01)."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Stranded
from approvals.selectors.stranded import count_stranded_by_group, list_stranded
from audit.selectors.clock import get_now
from governance.domain.roles import ROLE_PERMISSIONS, Role
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_group

pytestmark = pytest.mark.django_db

REPORT, PAGE = reverse("approvals:report"), reverse("approvals:stranded")


@pytest.fixture
def site():
    """Two requests for revops, of which one is stranded, and a second group that nothing waits for."""
    made = make_site()
    make_group(made.world.workspace, "legal")
    lost, _waiting = (submit_pending(made, correlation_id=name) for name in "ab")
    Stranded.objects.create(request=lost, since=get_now(), checked_at=get_now())
    return made


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, *ROLE_PERMISSIONS[Role.REVOPS_ADMIN], name="Rea Revops"))


def test_each_group_counts_what_waits_for_it(site):
    assert count_stranded_by_group(workspace_id=site.world.workspace.pk) == {"revops": 1}
    assert len(list_stranded(workspace_id=site.world.workspace.pk, group="revops")) == 1
    assert list_stranded(workspace_id=site.world.workspace.pk, group="legal") == []


def test_the_report_names_every_group_and_its_number_opens_its_rows(client):
    page = text_of(client.get(REPORT))
    assert "Legal" in page
    ((address, number),) = re.findall(rf'href="({PAGE}[^"]+)">(\d+)<', page)
    assert len(client.get(unescape(address)).context["rows"]) == int(number) == 1


def test_the_groups_own_screen_says_so(site, client):
    address = reverse("admin:governance_approvergroup_change", args=[site.world.group.pk])
    page = text_of(client.get(address))
    assert "1 request that nobody in this group can decide" in " ".join(page.split())
    Stranded.objects.all().delete()
    assert "No request waits for this group in vain" in text_of(client.get(address))


def test_what_was_decided_since_is_not_counted(site):
    vote(site, Stranded.objects.get().request, verdict="deny")
    assert count_stranded_by_group(workspace_id=site.world.workspace.pk) == {}


def test_it_takes_one_query_however_many_there_are(site):
    with CaptureQueriesContext(connection) as queries:
        count_stranded_by_group(workspace_id=site.world.workspace.pk)
    assert len(queries) == 1


def test_other_workspaces_are_not_counted(site):
    other = make_site("other", agent_name="agent.other")
    assert count_stranded_by_group(workspace_id=other.world.workspace.pk) == {}
