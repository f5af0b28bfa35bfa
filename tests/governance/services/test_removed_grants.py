"""A grant that is removed is as good as withdrawn, and a row in its place gives nothing back unpublished (PRM-06)."""

import pytest

from approvals.selectors.agent_profile import get_agent_profile
from approvals.selectors.read_facts import get_read_facts
from approvals.services.trying import try_proposal
from audit.domain.canonical import canonical_bytes
from audit.selectors.clock import get_now
from governance.models import Grant, PolicyVersion
from governance.selectors.grants import list_grant_states
from governance.selectors.switches import is_grant_withdrawn
from governance.services.publish import NothingChangedError
from governance.services.releases import restore_version
from tests.builders.api import make_body, make_site
from tests.builders.approvals import execute, get, make_principal, submit, submit_pending, vote
from tests.builders.governance import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def remove(site, action="update"):
    """As a form removes it; the row that it was, for another in its place."""
    grant = Grant.objects.get(agent=site.world.agent, object_type="companies", action=action)
    members = {name: getattr(grant, name) for name in ("object_type", "action", "read_fields", "write_fields")}
    grant.delete()
    return members


def add(site, members):
    return Grant.objects.create(agent=site.world.agent, connection=site.world.connection, **members)


def codes(submission):
    return {check.code for check in submission.decision.reasons}


def test_added_again_it_bites_only_from_its_own_version_on(site):
    """POL-03: nobody gives it back without publishing."""
    assert submit(site).status == "approved"
    members = remove(site)
    assert codes(submit(site, changes={"numberofemployees": 230})) == {"grant_withdrawn"}
    add(site, members)
    assert codes(submit(site, changes={"numberofemployees": 240})) == {"grant_withdrawn"}
    publish(site.world)
    assert submit(site, changes={"numberofemployees": 250}).status == "approved"


def test_what_was_approved_before_is_not_carried_out_by_it(site):
    """EXE-01: at the claim too."""
    request = submit_pending(site)
    vote(site, request)
    add(site, remove(site))
    execute(request.pk)
    assert (get(request.pk).status, get(request.pk).status_code) == ("denied", "grant_withdrawn")


def test_it_reads_nothing_and_is_told_to_nobody_before(site):
    """PRM-06: a removed right to read ends at once, and does not come back by itself."""
    asked = {"principal": make_principal(site.world), "connection": "embedded", "object_type": "companies"}
    assert get_read_facts(**asked, action="read").granted
    members = remove(site, "read")
    assert get_read_facts(**asked, action="read").granted is None
    add(site, members)
    assert get_read_facts(**asked, action="read").granted is None
    told = {rule.action for rule in get_agent_profile(asked["principal"]).grants if rule.object == "companies"}
    assert "read" not in told
    assert "update" in told


def test_a_draft_is_tried_with_it(site):
    """POL-07: what publishing would give is what the trial says."""
    add(site, remove(site))
    trial = try_proposal(
        workspace_id=site.world.workspace.pk,
        agent_id=site.world.agent.pk,
        body=canonical_bytes(make_body(site)),
        now=get_now(),
    )
    assert (trial.live.status, trial.draft.status) == ("denied", "approved")


def test_an_earlier_version_in_force_again_does_not_give_it_back(site):
    """It was published without that row: the next version, though it says the same, names it."""
    asked = {"agent_id": site.world.agent.pk, "connection_id": site.world.connection.pk, "object_type": "companies"}
    first = PolicyVersion.objects.latest("number")
    members = remove(site)
    publish(site.world)
    add(site, members)
    release = {"person_id": site.world.owner.pk, "reason": "back", "now": get_now()}
    restore_version(version_id=first.pk, environment="sandbox", **release)
    assert is_grant_withdrawn(**asked, action="update")
    publish(site.world)
    assert PolicyVersion.objects.latest("number").digest == first.digest
    assert not is_grant_withdrawn(**asked, action="update")


def test_what_says_the_same_and_brings_nothing_to_life_is_published_once(site):
    """POL-03."""
    with pytest.raises(NothingChangedError):
        publish(site.world)


def test_the_screen_says_that_it_is_not_published(site):
    """PRM-06."""
    row = add(site, remove(site))
    assert list_grant_states([row]) == {row.pk: "not published"}
    publish(site.world)
    assert list_grant_states([row]) == {row.pk: "published"}
