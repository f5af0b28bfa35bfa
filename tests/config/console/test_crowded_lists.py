"""Lists that are short in tests and long in life: what they cost and show does not grow with the rows (APR-01)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from approvals.models import BulkRevert
from audit.selectors.clock import get_now
from governance.domain.roles import PERMISSIONS
from governance.models import BreakGlass, ChangeProposal, Grant, LegalHold, StandIn
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed
from tests.builders.bulk_reverts import plan
from tests.builders.console import log_in, make_login, text_of
from tests.builders.crowds import multiply
from tests.builders.governance import make_agent, make_budget, make_person, publish
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db

MANY = 130


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def viewer(site):
    return make_login(site.world.workspace, *PERMISSIONS, name="Vera Viewer")


def cost(client, page):
    client.get(page)
    with captured_statements() as statements:
        assert client.get(page).status_code == 200
    return len(statements)


def make_glass(site, person):
    """One that is over, and the two-person change that it came of."""
    now = get_now()
    change = ChangeProposal.objects.create(
        workspace=site.world.workspace,
        kind="break_glass.open",
        subject="x",
        payload={},
        digest="d",
        reason="r",
        proposed_by=person,
        created_at=now,
        expires_at=now + timedelta(days=1),
        status="withdrawn",
        ended_by=person,
        ended_at=now,
    )
    return change, BreakGlass(
        agent=site.world.agent,
        connection=site.world.connection,
        action="update",
        object_type="companies",
        reason="r",
        asked_by=person,
        countersigned_by=site.world.owner,
        opened_at=now - timedelta(hours=2),
        minutes=60,
        expires_at=now - timedelta(hours=1),
        proposal=change,
    )


def test_bulk_reverts_cost_the_same_however_many(site, viewer):
    submit_executed(site)
    job = plan(site)
    BulkRevert.objects.filter(pk=job.pk).update(started_at=get_now(), state="finished")
    job.refresh_from_db()
    client, page = log_in(viewer), reverse("approvals:bulk_reverts")
    one = cost(client, page)
    multiply(job, MANY)
    assert cost(client, page) == one <= 12
    assert text_of(client.get(page)).count("All changes by agent.enrichment") == 50


def test_broken_glass_costs_the_same_however_much(site, viewer):
    change, glass = make_glass(site, viewer.person)
    glass.save()
    client, page = log_in(viewer), reverse("admin:governance_breakglass_changelist")
    one = cost(client, page)
    multiply(glass, 40, proposal_id=multiply(change, 40))
    assert cost(client, page) == one <= 12
    assert text_of(client.get(page)).count("may ask to update any of companies") == 41


def test_the_catalog_shows_twenty_agents_at_a_time(site, viewer):
    """PRM-09."""
    for number in range(25):
        make_agent(site.world.workspace, site.world.owner, name=f"agent.z{number:02}")
    client, page = log_in(viewer), reverse("approvals:catalog")
    first, second = client.get(page), client.get(page, {"page": "2"})
    assert [len(answer.context["items"]) for answer in (first, second)] == [20, 6]
    assert 'rel="next"' in text_of(first)
    assert 'rel="next"' not in text_of(second)
    assert "agent.z24" in text_of(second)
    assert len(client.get(page, {"agent": "agent.z24"}).context["items"]) == 1


def test_a_page_of_stand_ins_ends(site, viewer):
    """APR-05: the hundred that end next."""
    now = get_now()
    row = StandIn.objects.create(
        group=site.world.group,
        person=viewer.person,
        stand_in=make_person("Nina Next"),
        named_by=viewer.person,
        created_at=now,
        starts_at=now,
        ends_at=now + timedelta(days=2),
    )
    multiply(row, MANY)
    own = log_in(viewer).get(reverse("approvals:out_of_office")).context["own"]
    assert len(own.lent) == 100


def test_the_budgets_of_many_agents_are_a_hundred_at_most(site, viewer):
    """LIM-01: what is drawn on comes first; of what nothing is taken the first hundred are told, and how many more."""
    make_budget(site.world.workspace, unit="writes", key="agent", window="day", limit=10)
    publish(site.world)
    multiply(site.world.agent, MANY, name=lambda number: f"agent.z{number:03}")
    answer = log_in(viewer).get(reverse("admin:governance_budget_changelist"))
    (group,) = (group for group in answer.context["limits"] if len(group.idle) == 100)
    assert group.resting >= MANY - 100
    assert "The first 100 are shown" in text_of(answer)


def test_a_filter_draws_two_hundred_choices_and_the_chosen_one(site, viewer):
    """A column of thousands of values is no list to choose from."""
    row = Grant.objects.order_by("pk").first()
    multiply(row, 400, object_type=lambda number: f"object_{number:04}")
    client, page = log_in(viewer), reverse("admin:governance_grant_changelist")
    shown = client.get(page, {"object_type": "object_0390"}).content.decode()
    assert shown.count("?object_type=object_") < 210
    assert "object_0001" in shown
    assert "object_0300" not in shown
    assert 'title="object_0390"' in shown
    assert "more: search for them" in shown


def test_legal_holds_are_shown_by_the_hundred_and_found_by_name(site, viewer):
    """AUD-07: what is in force comes first, and the oldest is within reach."""
    held = LegalHold(
        workspace=site.world.workspace,
        kind="case",
        subject_id="x",
        name="Matter",
        placed_by=site.world.approver,
        placed_at=get_now(),
    )
    multiply(held, 150, name=lambda number: f"Matter {number:03}", subject_id=lambda number: f"case-{number}")
    client, page = log_in(viewer), reverse("approvals:retention")
    shown = client.get(page)
    assert len(shown.context["holds"]) == 100
    assert "The first hundred are shown." in text_of(shown)
    found = client.get(page, {"hold": "matter 007"})
    assert [hold.name for hold in found.context["holds"]] == ["Matter 007"]
    assert [hold.subject_id for hold in client.get(page, {"hold": "case-9"}).context["holds"]] == ["case-9"]
    assert client.get(page, {"hold": "\x00"}).status_code == 200
