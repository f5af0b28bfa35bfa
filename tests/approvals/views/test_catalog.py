"""What everyone may read: the catalog of the live policy and a rep's own page, where nothing is changed (PRM-09)."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.catalog import list_action_lines
from governance.domain.roles import Role
from governance.models import ActionTier, Agent
from governance.selectors.policy import get_policy_index
from governance.services.roles import assign_role
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_person, make_user, make_workspace, publish

pytestmark = pytest.mark.django_db
CATALOG, MINE = reverse("approvals:catalog"), reverse("approvals:mine")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def rep(site):
    user = make_user(make_person("Ana Rep"), is_staff=False)
    actor = Actor("system", "test")
    assign_role(user_id=user.pk, workspace_id=site.world.workspace.pk, role=Role.REP, actor=actor, now=get_now())
    return user


def lines_of(site, **changes):
    agent = {"agent": "agent.enrichment", "lifecycle": "active", "autonomy_level": "autonomous", **changes}
    index = get_policy_index(site.world.workspace.pk, "sandbox")
    found = list_action_lines(index, environment="sandbox", **agent)
    return {(line.action, line.object): line for line in found}


def test_each_action_is_alone_with_approval_or_never(site):
    lines = lines_of(site)
    assert lines["update", "companies"].how == "alone"
    assert lines["create", "companies"].how == "with approval"
    assert {line.how for line in lines_of(site, lifecycle="quarantined").values()} == {"never"}
    assert {line.how for line in lines_of(site, autonomy_level="manual").values()} == {"never"}
    drafting = lines_of(site, autonomy_level="draft_only")
    assert (drafting["update", "companies"].how, drafting["create task", "tasks"].how) == ("never", "alone")
    assert lines_of(site, autonomy_level="with_approval")["update", "companies"].how == "with approval"


def test_each_field_says_why(site):
    fields = {line.field: line for line in lines_of(site)["update", "companies"].fields}
    assert fields["industry"].how == "alone"
    assert fields["annualrevenue"].how == "with approval"
    amount = {line.field: line for line in lines_of(site)["update", "deals"].fields}["amount"]
    assert amount.how == "never"
    assert any("commitment" in reason for reason in amount.why)
    step = {line.field: line for line in lines_of(site)["update", "deals"].fields}["next_step"]
    assert any("agent_suggested_next_step" in reason for reason in step.why)


def test_a_blocked_tier_is_never(site):
    ActionTier.objects.filter(action="update").update(risk_tier="blocked")
    assert lines_of(site)["update", "companies"].how == "alone"  # not published: nothing has changed yet
    publish(site.world)
    assert lines_of(site)["update", "companies"].how == "never"


def test_every_member_reads_it_and_nobody_changes_anything(site, rep):
    auditor = make_login(site.world.workspace, "view_ledger", name="Aldo")
    for user in (rep, auditor, site.world.approver_user):
        answer = log_in(user).get(CATALOG)
        assert answer.status_code == 200
        assert "annualrevenue" in text_of(answer)
        assert not find_acting_nodes(answer.content)
        assert log_in(user).post(CATALOG).status_code == 405


def test_who_belongs_nowhere_or_elsewhere_reads_nothing_here(site):
    assert Client().get(CATALOG).status_code == 302
    assert log_in(make_login(None, name="Nobody")).get(CATALOG).status_code == 403
    stranger = make_login(make_workspace("other"), "view_requests", name="Stranger")
    assert site.world.agent.name not in text_of(log_in(stranger).get(CATALOG))
    assert log_in(stranger).get(f"{CATALOG}?workspace={site.world.workspace.slug}").status_code == 404


def test_a_retired_agent_is_not_listed(site, rep):
    Agent.objects.update(lifecycle="retired")
    assert "agent.enrichment" not in text_of(log_in(rep).get(CATALOG))


def test_a_rep_lands_on_their_own_page_and_sees_only_their_own(site, rep):
    """IDN-07: a rep reads their own records' requests and changes nothing."""
    submit(site)
    client = log_in(rep)
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0] == MINE
    assert "Nothing yet" in text_of(answer)
    submit(site, on_behalf_of=rep.email, changes={"industry": "Retail"}, expected=None)
    page = text_of(client.get(MINE))
    assert "agent.enrichment" in page
    assert "Nothing yet" not in page


@pytest.mark.parametrize("name", ["inbox", "requests", "stops"])
def test_a_rep_opens_none_of_the_reviewers_pages(site, rep, name):
    assert log_in(rep).get(reverse(f"approvals:{name}")).status_code == 403


def test_a_rep_opens_no_request(site, rep):
    request_id = submit(site).request_id
    for name in ("review", "trace"):
        assert log_in(rep).get(reverse(f"approvals:{name}", args=[request_id])).status_code == 404
