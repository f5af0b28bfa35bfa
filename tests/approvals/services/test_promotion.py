"""Promotion: what an agent suggests becomes the field's value only by a person's own request (REG-06)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals.models import AgentActionRequest, ExceptionCase, SamplingPlan, Suggestion, WrittenField
from approvals.services.overwrites import watch_overwrites
from approvals.services.promotion import dismiss_suggestion, promote_approved, promote_suggestion
from approvals.services.promotion_errors import (
    PromotionDeniedError,
    PromotionUnderWayError,
    ReasonMissingError,
    SuggestionSettledError,
)
from approvals.services.revert import revert_request
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from governance.models import FieldOwnership
from tests.builders.api import make_site
from tests.builders.approvals import crm_value, execute, get, submit_executed, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow, make_person, make_switch, make_user, publish
from tests.builders.quality import settle

pytestmark = pytest.mark.django_db


def make_deal_site(**deal):
    site = make_site()
    allow(site.world.approver_user, site.world.workspace, "promote_suggestions")
    return site, make_record(site.connection_id, "deals", **{"next_step": "Call Ann", **deal})


def suggest(site, deal, value="Send the offer"):
    """The agent asks for the golden field; its value goes to the suggestion field."""
    changes = {"target": {"object": "deals", "id": deal}, "changes": {"next_step": value}, "expected": None}
    request = submit_executed(site, **changes)
    return request, Suggestion.objects.filter(request=request).first()


def promote(site, row, *, shown="Call Ann", person=None, user=None):
    return promote_suggestion(
        suggestion_id=row.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        shown=shown,
        now=get_now(),
    )


def dismiss(site, row, reason="we call first"):
    dismiss_suggestion(
        suggestion_id=row.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason=reason,
        now=get_now(),
    )


def step(site, deal, field="next_step"):
    return crm_value(site, field, record=deal, object_type="deals")


def edit(site, deal, **values):
    edit_record(
        connection_id=site.connection_id,
        object_type="deals",
        record_id=deal,
        values=values,
        actor="human:petra",
        now=get_now(),
    )


def test_a_redirected_value_waits_as_an_open_suggestion():
    site, deal = make_deal_site()

    _, row = suggest(site, deal)

    assert (row.field, row.suggestion_field, row.value, row.state) == (
        "next_step",
        "agent_suggested_next_step",
        "Send the offer",
        "open",
    )
    assert step(site, deal) == "Call Ann"
    assert LedgerEvent.objects.filter(type="suggestion.opened").count() == 1


def test_a_write_that_touches_no_suggestion_field_suggests_nothing():
    submit_executed(make_site())

    assert not Suggestion.objects.exists()


def test_promoting_is_a_request_of_the_person_that_moves_the_value_and_empties_the_suggestion():
    """REG-06: through the same street, with a decision, an attempt and a read-back."""
    site, deal = make_deal_site()
    original, row = suggest(site, deal)

    done = promote(site, row)

    assert (done.status, step(site, deal)) == ("approved", "Call Ann")
    assert execute(done.request_id) == "executed"
    assert (step(site, deal), step(site, deal, "agent_suggested_next_step")) == ("Send the offer", None)
    request, row = get(done.request_id), Suggestion.objects.get(pk=row.pk)
    assert (request.actor_type, request.person_id, request.body["promotes"]) == (
        "human",
        site.world.approver.pk,
        str(original.pk),
    )
    assert (row.state, row.promotion_id, row.settled_by_id) == ("promoted", request.pk, site.world.approver.pk)
    told = LedgerEvent.objects.filter(subject_id=str(original.pk), type__startswith="suggestion.")
    assert list(told.order_by("id").values_list("type", flat=True)) == [
        "suggestion.opened",
        "suggestion.promoting",
        "suggestion.promoted",
    ]


def test_a_promotion_is_taken_back_like_any_write_and_leaves_the_suggestion_open():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    done = promote(site, row)
    execute(done.request_id)

    back = revert_request(
        request_id=done.request_id,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="too early",
        now=get_now(),
    )

    assert execute(back.request_id) == "executed"
    assert (step(site, deal), step(site, deal, "agent_suggested_next_step")) == ("Call Ann", "Send the offer")
    row.refresh_from_db()
    assert (row.state, row.promotion_id, row.settled_at) == ("open", None, None)
    assert promote(site, row).status == "approved"


@pytest.mark.parametrize(
    "values", [{"next_step": "Visit them"}, {"agent_suggested_next_step": "Something else"}], ids=["field", "twin"]
)
def test_what_changed_since_it_was_shown_is_a_conflict_and_nothing_is_written(values):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    edit(site, deal, **values)

    done = promote(site, row)

    assert (done.status, done.status_code) == ("conflict", "stale_expectation")
    assert step(site, deal) == values.get("next_step", "Call Ann")
    row.refresh_from_db()
    assert (row.state, row.promotion_id) == ("open", None)


def test_what_changes_between_the_click_and_the_write_is_not_overwritten():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    done = promote(site, row)
    edit(site, deal, next_step="Visit them")

    assert execute(done.request_id) == "conflict"
    assert step(site, deal) == "Visit them"
    assert promote(site, Suggestion.objects.get(pk=row.pk), shown="Visit them").status == "approved"


def test_two_people_promote_it_once():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    promote(site, row)

    with pytest.raises(PromotionUnderWayError):
        promote(site, row)

    assert AgentActionRequest.objects.filter(actor_type="human").count() == 1


def test_promoting_and_dismissing_need_the_permission_and_ones_own_login():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    stranger = make_person("Sten Stranger")
    other = make_user(stranger)
    allow(other, site.world.workspace, "view_requests", "review_requests", "revert_requests")

    for person, user in ((stranger, other), (stranger, site.world.approver_user)):
        with pytest.raises(PromotionDeniedError):
            promote(site, row, person=person, user=user)
        with pytest.raises(PromotionDeniedError):
            dismiss_suggestion(suggestion_id=row.pk, person_id=person.pk, user_id=user.pk, reason="no", now=get_now())

    row.refresh_from_db()
    assert (row.state, AgentActionRequest.objects.count()) == ("open", 1)


def test_a_person_who_may_not_write_the_field_cannot_promote_into_it():
    """No second door: the matrix judges the promotion too."""
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    FieldOwnership.objects.filter(field__name="next_step").update(allowed_writers=["workflow"])
    publish(site.world)

    done = promote(site, row)

    assert (done.status, done.status_code) == ("denied", "writer_not_allowed")
    assert step(site, deal) == "Call Ann"


def test_stop_all_holds_a_promotion():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    done = promote(site, row)
    make_switch(site.world.workspace, "all")

    assert execute(done.request_id) == "approved"
    assert step(site, deal) == "Call Ann"


def test_dismissing_needs_a_reason_changes_nothing_at_the_crm_and_is_on_record():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    with pytest.raises(ReasonMissingError):
        dismiss(site, row, "  ")

    dismiss(site, row)

    row.refresh_from_db()
    assert (row.state, row.reason, row.settled_by_id) == ("dismissed", "we call first", site.world.approver.pk)
    assert step(site, deal, "agent_suggested_next_step") == "Send the offer"
    assert LedgerEvent.objects.filter(type="suggestion.dismissed").count() == 1
    with pytest.raises(SuggestionSettledError):
        promote(site, row)


def test_a_newer_suggestion_replaces_the_older_one():
    site, deal = make_deal_site()
    _, first = suggest(site, deal)
    _, second = suggest(site, deal, "Book the demo")

    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "open")
    with pytest.raises(SuggestionSettledError):
        promote(site, first)


def test_taking_the_agents_write_back_closes_its_suggestion():
    site, deal = make_deal_site()
    request, row = suggest(site, deal)

    back = revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong",
        now=get_now(),
    )

    assert execute(back.request_id) == "executed"
    assert Suggestion.objects.get(pk=row.pk).state == "replaced"


def test_the_database_keeps_one_open_suggestion_for_a_place():
    site, deal = make_deal_site()
    _, row = suggest(site, deal)

    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion(**{f.attname: getattr(row, f.attname) for f in Suggestion._meta.fields if f.name != "id"}).save()


def promoting_site():
    site, deal = make_deal_site()
    FieldOwnership.objects.filter(field__name="next_step").update(promote_on_approval=True)
    publish(site.world)
    target = {"target": {"object": "deals", "id": deal}, "changes": {"next_step": "Send the offer"}}
    return site, deal, submit_pending(site, **target)


def test_approving_a_suggestion_promotes_it_where_the_matrix_says_so():
    """REG-06, `promote_on_approval`: in the name of who approved, as a request of its own."""
    site, deal, request = promoting_site()
    assert "promotes_on_approval" in {check["code"] for check in request.decision["checks"]}
    vote(site, request)
    assert execute(request.pk) == "executed"

    assert promote_approved(limit=10, now=get_now()) == 1

    promotion = Suggestion.objects.get(request=request).promotion
    assert promotion.person_id == site.world.approver.pk
    assert execute(promotion.pk) == "executed"
    assert step(site, deal) == "Send the offer"
    assert promote_approved(limit=10, now=get_now()) == 0


@pytest.mark.parametrize("obstacle", ["right", "record"])
def test_what_cannot_be_promoted_on_approval_stays_open_for_a_person(obstacle):
    site, deal, request = promoting_site()
    vote(site, request)
    execute(request.pk)
    if obstacle == "record":
        edit(site, deal, next_step="Visit them")
    else:
        site.world.approver_user.is_active = False
        site.world.approver_user.save()

    promote_approved(limit=10, now=get_now())

    row = Suggestion.objects.get(request=request)
    assert (row.state, row.approver_id, row.promotion_id) == ("open", None, None)
    assert LedgerEvent.objects.filter(type="suggestion.left_open").count() == 1
    assert step(site, deal) == ("Visit them" if obstacle == "record" else "Call Ann")


def test_a_promoted_suggestion_is_no_silent_rejection():
    """QAS-01: the promotion empties the suggestion field; no case opens, and the suggestion counts as kept."""
    site, deal = make_deal_site()
    SamplingPlan.objects.create(workspace=site.world.workspace)
    settle()
    _, row = suggest(site, deal)
    settle()
    execute(promote(site, row).request_id)
    settle()
    watch_overwrites(now=get_now() + timedelta(seconds=15))
    assert WrittenField.objects.get(request=row.request).fate == "kept"
    assert not ExceptionCase.objects.exists()
