"""Provenance on its way through the street: approved, written, read back, taken back (REG-07)."""

import pytest

from approvals.services.pages.rows import show_rows
from approvals.services.revert import NothingToRevertError, revert_request
from approvals.services.standing import give_standing_approval
from audit.selectors.clock import get_now
from governance.models import ProvenanceFields
from tests.builders.api import get as get_json
from tests.builders.api import make_site, propose
from tests.builders.approvals import crm_value, execute, get, submit, submit_executed, submit_pending, vote
from tests.builders.governance import make_field, publish

pytestmark = pytest.mark.django_db

FIELDS = {"at_field": "ai_last_action_at", "confidence_field": "ai_confidence", "reason_field": "ai_change_reason"}
TYPES = {"ai_last_action_at": "datetime", "ai_confidence": "number", "ai_change_reason": "text"}


def make_signed_site():
    site = make_site()
    map_fields(site)
    return site


def map_fields(site):
    for name, kind in TYPES.items():
        make_field(site.world.connection, name, field_type=kind, classification="system_generated")
    ProvenanceFields.objects.create(connection=site.world.connection, object_type="companies", **FIELDS)
    publish(site.world)


def revert(site, request, *drop):
    return revert_request(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        reason="wrong",
        now=get_now(),
        drop_fields=frozenset(drop),
    )


def test_an_allowed_write_leaves_its_provenance_in_the_record():
    site = make_signed_site()

    request = submit_executed(site)

    assert crm_value(site, "numberofemployees") == 220
    assert crm_value(site, "ai_confidence") == 0.91
    assert crm_value(site, "ai_change_reason") == "the register names 220 employees"
    assert crm_value(site, "ai_last_action_at")[:19] == request.created_at.isoformat()[:19]


def test_what_is_approved_is_what_is_written_however_long_it_waits():
    """The digest that was voted on is the digest that is executed: the time is the request's, not the attempt's."""
    site = make_signed_site()
    request = submit_pending(site)
    assert request.patch[0]["field"] == "name"
    vote(site, request)

    assert execute(request.pk) == "executed"
    assert get(request.pk).digest == request.digest
    assert crm_value(site, "ai_last_action_at")[:19] == request.created_at.isoformat()[:19]


def test_two_that_wait_for_one_record_are_both_written():
    """Provenance belongs to who wrote last: it is no drift."""
    site = make_signed_site()
    first, second = submit(site), submit(site, changes={"country": "Belgium"}, expected=None)

    assert [execute(item.request_id) for item in (first, second)] == ["executed", "executed"]
    assert (crm_value(site, "numberofemployees"), crm_value(site, "country")) == (220, "Belgium")


def test_a_revert_puts_the_former_provenance_back():
    site = make_signed_site()
    original = submit_executed(site)

    assert execute(revert(site, original).request_id) == "executed"
    assert [crm_value(site, name) for name in ("numberofemployees", *TYPES)] == [100, None, None, None]


def test_a_list_tells_a_revert_by_what_people_asked_for_not_by_its_provenance():
    """REG-07: what we signed and take back with it stands apart, in a row of a list too."""
    site = make_signed_site()
    back = get(revert(site, submit_executed(site)).request_id)

    (row,) = show_rows([back], now=get_now())

    assert [change.field for change in row.changes] == ["numberofemployees"]
    assert row.more_changes == 0


def test_a_revert_leaves_the_provenance_of_a_later_write():
    site = make_signed_site()
    original = submit_executed(site)
    submit_executed(site, changes={"country": "Belgium"}, expected=None, justification="the map says so")

    assert execute(revert(site, original).request_id) == "executed"
    assert (crm_value(site, "numberofemployees"), crm_value(site, "ai_change_reason")) == (100, "the map says so")


def test_provenance_alone_is_nothing_to_take_back():
    site = make_signed_site()
    original = submit_executed(site)

    with pytest.raises(NothingToRevertError):
        revert(site, original, "numberofemployees")


def test_an_agent_that_names_a_provenance_field_is_denied():
    site = make_signed_site()
    answer = propose(site, changes={"numberofemployees": 220, "ai_confidence": 1}, expected=None)

    assert answer["status"] == "denied"
    assert "provenance_field" in {reason["code"] for reason in answer["decision"]["reasons"]}


def test_a_mapping_published_while_a_request_waits_brings_it_back_to_its_reviewer():
    """Nothing is written that nobody saw."""
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    map_fields(site)

    assert execute(request.pk) == "pending"
    returned = get(request.pk)
    assert returned.status_code == "patch_changed"
    vote(site, returned)
    assert execute(request.pk) == "executed"
    assert crm_value(site, "ai_confidence") == 0.91


def test_a_standing_approval_covers_the_next_one_though_its_provenance_differs():
    site = make_signed_site()
    first = submit_pending(site)
    vote(site, first)
    give_standing_approval(
        request_id=first.pk,
        person_id=site.world.approver.pk,
        days=1,
        max_uses=1,
        is_any_value=False,
        confidence_gap=0.05,
        now=get_now(),
    )

    assert submit(site, changes={"name": "Umicore NV"}, expected=None).status == "approved"


def test_the_agent_sees_in_its_own_request_what_is_written_with_it():
    site = make_signed_site()
    answer = propose(site)

    seen = get_json(f"/action-requests/{answer['id']}/", token=site.world.token).json()
    assert {change["field"] for change in seen["patch"]} >= {"numberofemployees", *TYPES}
