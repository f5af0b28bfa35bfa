"""APR-12: a reviewer corrects what an agent proposed; that patch binds, and policy has the last word."""

from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest

from approvals.api.representation import represent_first_answer
from approvals.domain.action_digest import action_digest
from approvals.domain.patch import read_patch
from approvals.models import AgentActionRequest, Correction, Vote
from approvals.selectors.replay import Replay, replay_decision
from approvals.services.correction import seen_digest
from approvals.services.review_errors import (
    AlreadyDecidedError,
    ApprovalExpiredError,
    CorrectionRefusedError,
    DiffChangedError,
    NotAnApproverError,
    SelfApprovalError,
)
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from governance.models import ActionTier, Agent, FieldOwnership, Membership, RegisteredField
from governance.services.publish import NothingChangedError
from tests.builders.api import get as get_api
from tests.builders.api import make_site, propose
from tests.builders.approvals import correct, crm_value, execute, get, make_approver, submit, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.builders.dnc import list_entry
from tests.builders.governance import allow, make_group, make_person, make_switch, make_user, publish
from tests.builders.outward import email_to, mail_of, make_contact, make_sending_site
from tests.builders.rules import make_rule, when

pytestmark = pytest.mark.django_db

BOTH = {"changes": {"name": "Umicore NV", "numberofemployees": 220}, "expected": None}


def refusal_of(site, request, **edit):
    """The codes of what refused, with nothing written."""
    events = LedgerEvent.objects.count()
    with pytest.raises(CorrectionRefusedError) as refused:
        correct(site, request, **edit)
    fresh = get(request.pk)
    assert (fresh.digest, fresh.status, fresh.patch) == (request.digest, "pending", request.patch)
    assert (Vote.objects.count(), Correction.objects.count(), LedgerEvent.objects.count()) == (0, 0, events)
    return " ".join(f"{field}: {words}" for field, words in refused.value.reasons)


def test_the_corrected_value_is_what_is_written():
    site = make_site()
    request = submit_pending(site)

    result = correct(site, request, name="Umicore SA", reason="its legal name")

    fresh = get(request.pk)
    assert (result.status, fresh.status, fresh.decided_by) == (
        "approved",
        "approved",
        f"person:{site.world.approver.pk}",
    )
    assert [(change["field"], change["after"]) for change in fresh.patch] == [("name", "Umicore SA")]
    assert Vote.objects.get().digest == fresh.digest != request.digest
    assert execute(request.pk) == "executed"
    assert crm_value(site, "name") == "Umicore SA"


def test_the_new_digest_is_over_the_corrected_patch():
    """Digest seen = judged = executed."""
    site = make_site()
    request = submit_pending(site)
    correct(site, request, name="Umicore SA")
    fresh = get(request.pk)
    assert fresh.digest == action_digest(
        request_id=fresh.pk,
        connection="embedded",
        action="update",
        object_type="companies",
        record_id=site.company,
        patch=read_patch(fresh.patch),
        record_version=fresh.record_version,
    )


def test_the_original_stays_on_record_and_the_edit_is_an_event():
    site = make_site()
    request = submit_pending(site, **BOTH)

    correct(site, request, name="Umicore SA", left_out=("numberofemployees",), reason="its legal name")

    row, fresh = Correction.objects.get(), get(request.pk)
    assert fresh.body == request.body
    assert (row.proposed["digest"], row.proposed["patch"]) == (request.digest, request.patch)
    assert (row.digest, row.fields, row.left_out) == (fresh.digest, ["name"], ["numberofemployees"])
    told = LedgerEvent.objects.filter(subject_id=str(request.pk), actor_type="human").order_by("id")
    assert list(told.values_list("type", flat=True)) == ["request.edited", "request.voted", "request.approved"]
    body = msgspec.json.decode(bytes(told[0].body))
    assert body["data"]["digest_before"] == request.digest
    assert (body["data"]["edited"], body["data"]["left_out"]) == (["name"], ["numberofemployees"])
    assert "Umicore" not in str(body["data"]), "values are kept where they can be erased"


def test_what_is_left_out_is_not_written():
    site = make_site()
    request = submit_pending(site, **BOTH)
    correct(site, request, left_out=("numberofemployees",))
    assert execute(request.pk) == "executed"
    assert (crm_value(site, "name"), crm_value(site, "numberofemployees")) == ("Umicore NV", 100)


def test_the_agent_sees_which_fields_were_changed():
    """APR-12: the feedback, and the same answer to the same key as before (APR-02)."""
    site = make_site()
    answer = propose(site, changes={"name": "Umicore NV", "numberofemployees": 220}, expected=None)
    request = get(answer["id"])
    correct(site, request, name="Umicore SA", left_out=("numberofemployees",))

    seen = get_api(f"/action-requests/{request.pk}/", token=site.world.token).json()
    assert (seen["corrected"]["fields"], seen["corrected"]["left_out"]) == (["name"], ["numberofemployees"])
    assert [change["after"] for change in seen["patch"]] == ["Umicore SA"]
    assert "corrected_by_person" in [reason["code"] for reason in seen["decision"]["reasons"]]
    trace = get_api(f"/action-requests/{request.pk}/trace/", token=site.world.token).json()
    assert trace["proposal"]["changes"] == {"name": "Umicore NV", "numberofemployees": 220}
    assert "request.edited" in [event["type"] for event in trace["events"]]


def test_a_repeat_of_the_proposal_gets_the_first_answer():
    site, _ = two_person_site()
    first = submit(site, key="k", changes={"name": "Umicore NV"}, expected=None)
    correct(site, get(first.request_id), name="Umicore SA")
    answer = represent_first_answer(get(first.request_id))
    assert (answer["status"], answer["digest"], answer["corrected"]) == ("pending", first.digest, None)
    assert [change.after for change in answer["patch"]] == ["Umicore NV"]


def test_the_decision_can_be_replayed():
    """RPL-02: the correction is one of the facts."""
    site = make_site()
    request = submit_pending(site)
    correct(site, request, name="Umicore SA")
    assert replay_decision(get(request.pk)) is Replay.SAME


def two_person_site():
    site = make_site()
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    second = make_approver(site, "Bo Second")
    publish(site.world)
    return site, second


def test_of_two_people_the_other_must_agree_to_the_new_patch():
    """APR-07: the earlier vote was on another patch; the editor's is the first on this one."""
    site, (second, user) = two_person_site()
    request = submit_pending(site)
    vote(site, request, person=second, user=user)

    result = correct(site, request, name="Umicore SA")

    assert (result.status, result.missing_count) == ("pending", 1)
    with pytest.raises(DiffChangedError):
        vote(site, request, person=second, user=user)
    assert vote(site, get(request.pk), person=second, user=user).status == "approved"
    assert execute(request.pk) == "executed"
    assert crm_value(site, "name") == "Umicore SA"


def test_the_editor_alone_is_never_two():
    site, _ = two_person_site()
    request = submit_pending(site)
    correct(site, request, name="Umicore SA")
    assert vote(site, get(request.pk)).is_repeat
    assert correct(site, get(request.pk), name="Umicore AG").status == "pending"
    assert execute(request.pk) == "pending"


def test_back_to_what_was_agreed_counts_once():
    """Two corrections that lead back to the first patch: its votes are on that very patch."""
    site, (second, user) = two_person_site()
    request = submit_pending(site)
    vote(site, request)
    correct(site, request, name="Umicore SA")
    result = correct(site, get(request.pk), name="Umicore NV", person=second, user=user)
    assert (get(request.pk).digest, result.status) == (request.digest, "approved")
    assert Vote.objects.filter(digest=request.digest).count() == 2


def test_a_correction_never_asks_for_less():
    """What two people were asked for is asked of two still, though the new value alone would need nobody."""
    site, (second, user) = two_person_site()
    request = submit_pending(site, **BOTH)
    result = correct(site, request, left_out=("name",))
    assert result.status == "pending"
    fresh = get(request.pk)
    assert fresh.decision["requirement"] == {"groups": ["revops"], "count": 2, "alternatives": []}
    assert vote(site, fresh, person=second, user=user).status == "approved"
    assert execute(request.pk) == "executed"
    assert (crm_value(site, "name"), crm_value(site, "numberofemployees")) == ("Umicore", 220)


def test_what_the_new_value_needs_is_asked_for_too():
    site = make_site()
    compliance = make_person("Carla Compliance")
    group = make_group(site.world.workspace, "compliance", compliance)
    user = make_user(compliance)
    allow(user, site.world.workspace, "review_requests")
    make_rule(
        site.world,
        when("new_value", "contains", "SA", field="name"),
        effect="approval",
        groups=(group.slug,),
    )
    publish(site.world)
    request = submit_pending(site)
    result = correct(site, request, name="Umicore SA")
    assert (result.status, result.missing_groups) == ("pending", ("compliance",))
    assert vote(site, get(request.pk), person=compliance, user=user).status == "approved"


# ---- never a way around policy: for each blocked class the edit is refused ----


def raise_to(site, field, **matrix):
    FieldOwnership.objects.filter(field__connection=site.connection_id, field__name=field).update(**matrix)


def retype(site, field, **registry):
    RegisteredField.objects.filter(connection=site.connection_id, name=field).update(**registry)


BLOCKED = {
    "human commitment": lambda site: (
        retype(site, "name", classification="human_commitment"),
        raise_to(site, "name", permission_level="blocked", allowed_writers=["human"]),
    ),
    "compliance": lambda site: retype(site, "name", classification="compliance"),
    "blocked level": lambda site: raise_to(site, "name", permission_level="blocked"),
    "read only for agents": lambda site: raise_to(site, "name", permission_level="read_only"),
    "administrators only": lambda site: raise_to(site, "name", permission_level="admin_only"),
    "people only": lambda site: raise_to(site, "name", allowed_writers=["human"]),
    "golden": lambda site: raise_to(site, "name", is_golden=True, permission_level="read_only"),
    "unreviewed": lambda site: retype(site, "name", review_state="unreviewed"),
    "truth elsewhere": lambda site: raise_to(site, "name", source_of_truth="erp"),
    "grant gone": lambda site: site.world.agent.grants.all().delete(),
    "tier blocked": lambda _site: ActionTier.objects.filter(action="update").update(risk_tier="blocked"),
    "agent too free": lambda _site: Agent.objects.update(autonomy_level="manual"),
}


@pytest.mark.parametrize("case", BLOCKED)
def test_what_policy_closes_no_correction_opens(case):
    """For each class that the live policy closes the edit is refused, whatever was pending before."""
    site = make_site()
    request = submit_pending(site)
    BLOCKED[case](site)
    with suppress(NothingChangedError):
        publish(site.world)
    assert refusal_of(site, request, name="Umicore SA")


LIVE = {
    "agent stopped": lambda site: make_switch(site.world.workspace, "agent", agent=site.world.agent),
    "everything stopped": lambda site: make_switch(site.world.workspace, "all"),
    "write-back off": lambda site: make_switch(site.world.workspace, "write_back"),
    "read only": lambda site: make_switch(site.world.workspace, "read_only"),
    "agent retired": lambda _site: Agent.objects.update(lifecycle="retired"),
    "credential revoked": lambda site: type(site.world.credential).objects.update(revoked_at=get_now()),
    "connection off": lambda site: type(site.world.connection).objects.update(is_active=False),
}


@pytest.mark.parametrize("case", LIVE)
def test_what_bites_at_once_bites_a_correction(case):
    site = make_site()
    request = submit_pending(site)
    LIVE[case](site)
    assert refusal_of(site, request, name="Umicore SA")


INVALID = {
    "industry": ("Steam", "options"),
    "numberofemployees": ("many", "number"),
    "country": ("x" * 41, "at most 40"),
    "name": ("  ", "required"),
    "annualrevenue": ("1e5", "number"),
}


@pytest.mark.parametrize("field", INVALID)
def test_an_invalid_value_is_refused_in_words(field):
    site = make_site()
    changes = {
        "name": "Umicore NV",
        "industry": "Retail",
        "numberofemployees": 220,
        "country": "BE",
        "annualrevenue": 5.5,
    }
    request = submit_pending(site, changes=changes)
    typed, words = INVALID[field]
    assert words in refusal_of(site, request, **{field: typed})


@pytest.mark.parametrize("typed", ["a\u202eb", "a\x07b", "a\nb"])
def test_text_that_reads_otherwise_than_it_is_is_refused(typed):
    site = make_site()
    assert "name" in refusal_of(site, submit_pending(site), name=typed)


def test_only_what_was_proposed_can_be_corrected():
    site = make_site()
    request = submit_pending(site)
    assert "annualrevenue" in refusal_of(site, request, annualrevenue="7")
    assert "country" in refusal_of(site, request, left_out=("country",))


def test_nothing_changed_is_no_correction():
    site = make_site()
    request = submit_pending(site)
    assert "approve it instead" in refusal_of(site, request, name="Umicore NV")


def test_nothing_left_is_a_denial():
    site = make_site()
    assert "deny it instead" in refusal_of(site, submit_pending(site), left_out=("name",))


def test_what_the_record_holds_already_is_no_change():
    site = make_site()
    assert refusal_of(site, submit_pending(site), name="Umicore")


def test_a_redirected_value_is_corrected_where_it_goes():
    """REG-05: the suggestion is another one; the golden field stays the person's."""
    site = make_site()
    raise_to(site, "agent_suggested_next_step", permission_level="approval")
    publish(site.world)
    deal = make_record(site.connection_id, "deals", dealname="Pilot", next_step="Call")
    request = submit_pending(
        site, target={"object": "deals", "id": deal}, changes={"next_step": "Send the offer"}, expected=None
    )
    correct(site, request, agent_suggested_next_step="Send a better offer")
    assert execute(request.pk) == "executed"
    assert crm_value(site, "next_step", record=deal, object_type="deals") == "Call"
    suggested = crm_value(site, "agent_suggested_next_step", record=deal, object_type="deals")
    assert suggested == "Send a better offer"


# ---- who, when, and on what ----


def test_the_agents_owner_cannot_correct_what_it_asked_for():
    site = make_site()
    request = submit_pending(site)
    user = make_user(site.world.owner)
    allow(user, site.world.workspace, "review_requests")
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    with pytest.raises(SelfApprovalError):
        correct(site, request, person=site.world.owner, user=user, name="Umicore SA")


def test_who_answers_for_nothing_here_corrects_nothing():
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    request = submit_pending(site)
    outsider = make_person("Otto Outsider")
    user = make_user(outsider)
    with pytest.raises(NotAnApproverError):  # no permission at all
        correct(site, request, person=outsider, user=user, name="Umicore SA")
    allow(user, site.world.workspace, "review_requests")
    with pytest.raises(NotAnApproverError):  # the permission, and no group
        correct(site, request, person=outsider, user=user, name="Umicore SA")
    with pytest.raises(NotAnApproverError):  # another workspace's approver
        correct(site, request, person=other.world.approver, user=other.world.approver_user, name="Umicore SA")
    assert get(request.pk).digest == request.digest


def test_a_person_s_own_request_is_not_corrected():
    site = make_site()
    request = submit_pending(site)
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() - timedelta(seconds=1))
    with pytest.raises(ApprovalExpiredError):
        correct(site, request, name="Umicore SA")


def test_what_is_decided_is_not_corrected():
    site = make_site()
    request = submit_pending(site)
    vote(site, request, verdict="deny")
    with pytest.raises(AlreadyDecidedError):
        correct(site, request, name="Umicore SA")


def test_a_stale_page_corrects_nothing():
    """APR-04: neither on another digest nor on another value of the record than the one that was shown."""
    site = make_site()
    request = submit_pending(site)
    with pytest.raises(DiffChangedError):
        correct(site, request, digest="sha256:" + "0" * 64, name="Umicore SA")
    with pytest.raises(DiffChangedError):
        correct(site, request, seen={}, name="Umicore SA")
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values={"name": "Somebody else's"},
        actor="rosa",
        now=get_now(),
    )
    with pytest.raises(DiffChangedError):
        correct(site, request, name="Umicore SA")
    seen = {"name": seen_digest("Somebody else's")}
    assert correct(site, request, seen=seen, name="Umicore SA").status == "approved"
    assert execute(request.pk) == "executed"
    assert crm_value(site, "name") == "Umicore SA"


def test_a_correction_buys_no_time():
    site, _ = two_person_site()
    request = submit_pending(site)
    correct(site, request, name="Umicore SA")
    assert get(request.pk).expires_at == request.expires_at


# ---- what leaves the house ----


def test_the_words_of_an_email_are_corrected_and_judged():
    """The text that leaves is the corrected one; links and claims in it are looked at anew."""
    site = make_sending_site()
    request = get(submit(site, **email_to(make_contact(site))).request_id)
    correct(site, request, body="A better answer. Reply with STOP to opt out.", subject="Your question, answered")
    assert execute(request.pk) == "executed"
    sent = mail_of(site, request.pk)
    assert "A better answer." in sent
    assert "Your question, answered" in sent
    assert "Here is the answer." not in sent


def test_whom_it_reaches_is_not_corrected():
    site = make_sending_site()
    request = get(submit(site, **email_to(make_contact(site), cc=["boss@acme.example"])).request_id)
    for field in ("to", "cc", "sender", "bcc"):
        assert refusal_of(site, request, **{field: "else@acme.example"})
        assert refusal_of(site, request, left_out=(field,), body="Another text.")


def test_who_is_on_the_list_since_stops_the_correction():
    """DNC-01: the list is asked again."""
    site = make_sending_site()
    request = get(submit(site, **email_to(make_contact(site))).request_id)
    list_entry(site.world.workspace, "jane@acme.example")
    assert "do-not-contact" in refusal_of(site, request, body="Another text.")
