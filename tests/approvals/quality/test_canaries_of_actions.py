"""Canaries of every action that waits for people, not of updates alone: each bad by what it says (QAS-02)."""

import pytest
from django.db import DatabaseError, transaction

from approvals.domain.action_digest import action_digest
from approvals.domain.canary import PAYLOADS, CanaryOutcome
from approvals.domain.patch import read_patch
from approvals.models import AgentActionRequest, Canary, DeliveryReport, SamplingPlan, Touched
from approvals.services.canary_planting import plant_canaries
from approvals.services.claim import claim_request
from approvals.services.recheck import request_association
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.domain.action_class import OUTWARD
from governance.models import ActionTier, BudgetCounter, Touch
from tests.builders.approvals import correct, get, submit_pending, vote
from tests.builders.governance import make_grant, make_owned_field, publish
from tests.builders.outward import (
    call_of,
    email_to,
    enrolment_of,
    export_of,
    make_contact,
    make_sending_site,
    make_sequence,
    meeting_with,
)
from tests.builders.quality import plant_canary, settle

pytestmark = pytest.mark.django_db
STRANGERS = ("Halden Timber Yards", "Castellan Freight Brokers", "Orrin and Vale Dairies")
PREPARED = {
    "create_task": ("task", {"subject": "Call back"}, "subject"),
    "create_note": ("note", {"body": "They grow"}, "body"),
    "draft": ("message", {"subject": "Hello", "body": "We met at the fair"}, "body"),
    "queue": ("item", {"queue": "revops", "reason": "Two owners"}, "reason"),
}
BAD = {
    **{action: field for action, (_, _, field) in PREPARED.items()},
    "create": "name",
    "send_email": "subject",
    "enroll_sequence": "sender",
    "create_meeting": "title",
    "push_to_dialer": "reason",
    "export": "purpose",
}


@pytest.fixture
def site():
    """Everything waits for a person, and every decision of a person draws a canary."""
    site = make_sending_site()
    for object_type, action, fields in (("drafts", "draft", "subject body"), ("queue_items", "queue", "queue reason")):
        for name in fields.split():
            make_owned_field(site.world.connection, name, object_type=object_type, classification="draft_content")
        names = tuple(fields.split())
        make_grant(site.world.agent, site.world.connection, object_type=object_type, action=action, write_fields=names)
    ActionTier.objects.filter(workspace=site.world.workspace).exclude(action="update").update(risk_tier="approval")
    publish(site.world)
    SamplingPlan.objects.create(workspace=site.world.workspace, canary_every=1)
    settle()
    return site


def proposal_of(site, action):
    """A proposal of the action, in its own members."""
    if action in PREPARED:
        member, content, _ = PREPARED[action]
        return {"action": action, "changes": None, "expected": None, member: content}
    contact = make_contact(site)
    match action:
        case "create":
            changes = {"name": "Bekaert", "numberofemployees": 50}
            return {"action": action, "target": {"object": "companies"}, "changes": changes, "expected": None}
        case "send_email":
            return email_to(contact)
        case "enroll_sequence":
            asked = enrolment_of(contact, make_sequence(site))
            return asked | {"enrolment": {**asked["enrolment"], "sender": "sales@acme.example"}}
        case "create_meeting" | "push_to_dialer":
            return meeting_with(contact) if action == "create_meeting" else call_of(contact)
        case _:
            return export_of("lastname", row_limit=20)


def test_every_action_that_can_wait_is_one_that_canaries_are_made_of():
    assert set(PAYLOADS) == {"update", *BAD}
    assert set(PAYLOADS) >= OUTWARD


@pytest.mark.parametrize("action", BAD)
def test_one_is_planted_that_contradicts_its_evidence(site, action):
    """QAS-02: it waits like the agent's own, by the policy in force, and its digest is that of its effect."""
    field = BAD[action]
    canary = plant_canary(site, field=field, **proposal_of(site, action))
    after = {item["field"]: item["after"] for item in canary.patch}[field]
    row = Canary.objects.get(request=canary)
    assert (canary.actor_type, canary.action, canary.status) == ("canary", action, "pending")
    assert (canary.object_type, canary.target_object, canary.target_id) == (
        row.base.object_type,
        row.base.target_object,
        row.base.target_id,
    )
    assert any(name in after for name in STRANGERS) or after.startswith("office@")
    asked = row.base.body[PAYLOADS[action]][field]
    assert canary.body["evidence"][0]["excerpt"].endswith(f": {asked}")
    assert canary.body[PAYLOADS[action]][field] == after != asked
    assert canary.digest == action_digest(
        request_id=canary.pk,
        connection=canary.connection.name,
        action=canary.action,
        object_type=canary.object_type,
        record_id=canary.record_id,
        patch=read_patch(canary.patch),
        record_version=canary.record_version,
        association=request_association(canary),
    )


@pytest.mark.parametrize("action", BAD)
def test_who_approves_one_sends_makes_and_takes_nothing(site, action):
    """INVARIANT: whatever it is made of, nothing leaves, is made, or is counted."""
    canary = plant_canary(site, field=BAD[action], **proposal_of(site, action))
    before = (CrmRecord.objects.count(), BudgetCounter.objects.count(), Touch.objects.count())
    assert vote(site, canary).canary is CanaryOutcome.MISSED
    settle()
    assert (get(canary.pk).status, get(canary.pk).holds) == ("cancelled", [])
    assert claim_request(request_id=canary.pk, worker="test") is None
    assert (CrmRecord.objects.count(), BudgetCounter.objects.count(), Touch.objects.count()) == before
    assert not Touched.objects.exists()
    assert not DeliveryReport.objects.exists()
    for status in ("approved", "held", "executing", "executed"):
        with pytest.raises(DatabaseError), transaction.atomic():
            AgentActionRequest.objects.filter(pk=canary.pk).update(status=status)


def test_who_corrects_the_words_has_seen_through_it(site):
    """APR-12: also of what leaves the house, of which the words alone can be corrected."""
    canary = plant_canary(site, field="subject", **proposal_of(site, "send_email"))
    assert correct(site, canary, subject="Your question").canary is CanaryOutcome.CAUGHT


def test_none_is_planted_about_a_record_on_which_something_waits(site):
    """Two that say nearly the same of one person would look odd."""
    asked = proposal_of(site, "send_email")
    vote(site, submit_pending(site, **asked), verdict="deny", reason="no")
    submit_pending(site, **asked)
    settle()
    assert plant_canaries(now=get_now()) == 0
    assert Canary.objects.get().skipped == "nothing_fits"
