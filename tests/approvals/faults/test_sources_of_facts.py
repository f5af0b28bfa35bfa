"""Every source of facts, failing one at a time: what needs it is denied, and nothing leaves the house (POL-01, EXE-01).

The sources are those of `approvals.services.world`: a new one that this send does not need fails here, and wants a
proposal that does.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.services import world
from audit.selectors.clock import get_now
from governance.models import ActionTier, BreakGlass, ChangeProposal, Delegation
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.frequency import make_cap
from tests.builders.governance import make_person, publish
from tests.builders.outward import email_to, mail_of, make_contact, make_sending_site
from tests.builders.rules import make_rule, when

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = [source.fact for source in world.SOURCES]
# An opening that cannot be read is none: the tier stays as blocked as policy says.
INSTEAD = {"break_glass": "tier_blocked"}


@pytest.fixture
def site():
    """Every source is needed here: whom it acts for, a blocked tier that was opened, caps, rules on who is known."""
    site = make_sending_site()
    make_cap(site.world)
    make_rule(site.world, when("newness", "one_of", "person"), name="New", effect="approval", groups=("revops",))
    make_rule(site.world, when("duplicate", "is_empty"), name="Known", effect="approval", groups=("revops",))
    ActionTier.objects.filter(action="send_email").update(risk_tier="blocked")
    publish(site.world)
    open_glass(site)
    return site


def open_glass(site):
    now, people = get_now(), [make_person(name) for name in ("Sam Asks", "Carl Countersigns", "Ana Rep")]
    until = now + timedelta(minutes=30)
    proposal = ChangeProposal.objects.create(
        workspace=site.world.workspace,
        kind="break_glass.open",
        subject="send_email",
        payload={},
        digest="sha256:" + "0" * 64,
        reason="the board meets",
        proposed_by=people[0],
        created_at=now,
        expires_at=until,
    )
    BreakGlass.objects.create(
        proposal=proposal,
        agent=site.world.agent,
        connection=site.world.connection,
        action="send_email",
        object_type="emails",
        reason="the board meets",
        asked_by=people[0],
        countersigned_by=people[1],
        opened_at=now,
        minutes=30,
        expires_at=until,
    )
    Delegation.objects.create(
        agent=site.world.agent,
        person=people[2],
        actions=["send_email"],
        objects_named=["emails"],
        reason="away",
        granted_by=people[2],
        created_at=now,
        expires_at=until,
    )


def ask(site):
    return get(submit(site, on_behalf_of="ana.rep@example.com", **email_to(make_contact(site))).request_id)


@pytest.fixture
def let_fail(monkeypatch):
    """The source of this fact raises, and says whether anybody asked."""
    asked = []

    def fail(*_):
        asked.append(True)
        raise RuntimeError("the table is gone")

    def put(fact):
        sources = tuple(replace(item, ask=fail) if item.fact == fact else item for item in world.SOURCES)
        monkeypatch.setattr(world, "SOURCES", sources)
        return asked

    return put


def test_with_every_source_at_hand_a_person_is_asked(site):
    """Without this the denials below could have another cause."""
    request = ask(site)
    vote(site, request)
    assert get(request.pk).status == "approved", request.decision["checks"]


@pytest.mark.parametrize("fact", FACTS)
def test_a_source_that_fails_denies_the_request(site, let_fail, fact):
    asked = let_fail(fact)
    request = ask(site)
    assert asked, f"nothing here asks for `{fact}`"
    assert (request.status, request.status_code) == ("denied", INSTEAD.get(fact, "check_failed"))
    execute(request.pk)
    assert (get(request.pk).status, request.attempts.count(), mail_of(site, request.pk)) == ("denied", 0, None)


@pytest.mark.parametrize("fact", FACTS)
def test_a_source_that_fails_at_the_claim_stops_what_was_approved(site, let_fail, fact):
    """EXE-01: nothing that was known at the decision stands in for what cannot be known now."""
    request = ask(site)
    vote(site, request)
    asked = let_fail(fact)
    execute(request.pk)
    request = get(request.pk)
    assert asked, f"nothing here asks for `{fact}`"
    assert (request.status, request.status_code) == ("denied", INSTEAD.get(fact, "check_failed"))
    assert (request.attempts.count(), mail_of(site, request.pk)) == (0, None)
