"""The home page and the shell around every page: true counts, nothing one may not see, a constant price."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.services.sweep import sweep
from audit.adapters.files import ledger_dir
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.anchor_anew import anchor_anew
from audit.services.barrier import forget_barrier
from audit.services.checkpoint import sign_checkpoint
from audit.services.maintain import maintain_ledger
from audit.services.sequence import sequence_pending
from governance.models import FieldOwnership, PolicyVersion, User
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed, submit_pending
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import allow, make_switch, make_workspace

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")
LATER = reverse("admin:home_later")
EVERYTHING = ("view_requests", "review_requests", "publish_policy", "edit_policy", "view_ledger", "engage_switches")


@pytest.fixture
def site():
    site = make_site()
    allow(site.world.approver_user, site.world.workspace, *EVERYTHING)
    return site


def home_of(site, user=None):
    return log_in(user or site.world.approver_user).get(HOME)


def later_of(site, user=None):
    """The tiles that the page fetches."""
    return log_in(user or site.world.approver_user).get(LATER).context["later"]


def test_an_empty_workspace_says_so(site):
    page = text_of(home_of(site))
    for expected in ("Nothing waits for you", "Nothing failed", "Nothing has run yet", "no checkpoint yet"):
        assert expected in page


def test_it_counts_what_waits_what_ran_and_what_went_wrong(site):
    submit_pending(site)
    submit_pending(site, correlation_id="run-2")
    submit_executed(site)
    home = home_of(site).context["home"]
    assert (home.overview.waiting, home.overview.executed, home.overview.trouble) == (2, 1, 0)
    assert len(home.overview.waiting_rows) == 2


def test_a_conflict_is_trouble(site):
    submit_pending(site)
    denied = submit_pending(site, correlation_id="run-2")
    AgentActionRequest.objects.filter(pk=denied.pk).update(status="conflict", finished_at=get_now())
    overview = home_of(site).context["home"].overview
    assert overview.trouble == 1
    assert [row.request.pk for row in overview.trouble_rows] == [denied.pk]


def test_unpublished_changes_are_counted(site):
    assert f'data-later="{LATER}?workspace=acme"' in home_of(site).content.decode()
    assert later_of(site).policy.changes == 0
    FieldOwnership.objects.filter(field__name="industry").update(permission_level="approval")
    policy = later_of(site).policy
    assert (policy.changes, policy.number) == (1, PolicyVersion.objects.get().number)


def test_the_ledger_says_how_far_its_proof_reaches(site):
    submit_pending(site)
    before = home_of(site).context["home"].ledger
    assert before.unproven == before.size > 0
    sequence_pending(now=get_now())
    sign_checkpoint(now=get_now())
    after = home_of(site).context["home"].ledger
    assert (after.unproven, after.size) == (0, before.size)


def test_a_stop_in_force_is_in_the_header_of_every_page(site):
    make_switch(site.world.workspace, "write_back")
    client = log_in(site.world.approver_user)
    for address in (
        HOME,
        reverse("approvals:inbox"),
        reverse("approvals:requests"),
        reverse("admin:governance_agent_changelist"),
    ):
        assert "Write-back is off" in text_of(client.get(address)), address


def test_a_ledger_that_is_set_back_is_told_on_every_page_to_who_decides(site):
    """AUD-06: why nothing is executed, and where the way out is; gone once somebody has answered for it."""
    maintain_ledger(now=get_now())
    for anchor in ledger_dir().glob("anchor-*.jsonl"):
        anchor.unlink()
    forget_barrier()
    sweep(now=get_now())
    client = log_in(site.world.approver_user)
    pages = [HOME, *map(reverse, ("approvals:inbox", "approvals:requests", "admin:governance_agent_changelist"))]
    for address in pages:
        page = text_of(client.get(address))
        assert all(words in page for words in ("Nothing is executed", "anchor is not in DATA_DIR", "docs/runbook.md"))
    root = log_in(User.objects.create_superuser("root@example.com", password="x"))
    assert "Nothing is executed" in text_of(root.get(HOME))
    onlooker = log_in(make_login(site.world.workspace, "view_requests", name="Olga Onlooker"))
    assert "Nothing is executed" not in text_of(onlooker.get(HOME))

    anchor_anew(actor=Actor("human", str(site.world.approver.pk)), reason="restored", now=get_now())
    sweep(now=get_now())
    assert "Nothing is executed" not in text_of(client.get(HOME))


def test_a_stop_of_another_workspace_is_not_shown(site):
    make_switch(make_workspace("other"), "all")
    assert "Everything is stopped" not in text_of(home_of(site))


def test_one_sees_what_one_may_see(site):
    """A reviewer without the ledger or policy gets neither tile, and no menu that would refuse them."""
    submit_pending(site)
    reviewer = make_login(site.world.workspace, "view_requests")
    answer = home_of(site, reviewer)
    home = answer.context["home"]
    assert (home.later, home.ledger) == (None, None)
    later = later_of(site, reviewer)
    assert (later.policy, later.review) == (None, None)
    page = text_of(answer)
    assert reverse("approvals:inbox") in page
    assert "Ownership matrix" not in page
    assert "Logins" not in page


def test_a_login_without_a_role_sees_no_workspace(site):
    submit_pending(site)
    answer = home_of(site, make_login(None))
    assert answer.context["home"] is None
    assert "no role in a workspace yet" in text_of(answer)
    assert "Umicore" not in text_of(answer)


def test_another_workspace_cannot_be_asked_for(site):
    other = make_site("other", agent_name="agent.other")
    submit_pending(other)
    home = log_in(site.world.approver_user).get(HOME, {"workspace": "other"}).context["home"]
    assert home.workspace == site.world.workspace


def test_a_stranger_is_sent_to_the_login():
    assert Client().get(HOME)["Location"].startswith("/admin/login/")
    assert Client().get("/")["Location"] == HOME


def test_more_requests_cost_no_more_queries(site, django_assert_max_num_queries):
    submit_pending(site)
    submit_executed(site)
    client = log_in(site.world.approver_user)
    client.get(HOME)
    with django_assert_max_num_queries(MOST) as few:
        client.get(HOME)
    for number in range(6):
        submit_pending(site, correlation_id=f"run-{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(HOME)


MOST = 19
