"""REG-01: what changes or goes at the CRM denies at once, whatever the published policy still says, until reviewed."""

import pytest

from approvals.domain.status import Status
from approvals.services.revert import revert_request
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.schema import FieldSchema, ObjectSchema, Schema
from governance.models import RegisteredField
from governance.services.registry import record_schema, review_fields
from tests.builders.api import make_site
from tests.builders.approvals import NAME_CHANGE, crm_value, execute, get, submit, submit_executed, submit_pending, vote

pytestmark = pytest.mark.django_db


def sync(site, **changes):
    """The CRM describes everything as it was, but for the named fields: other members, or None for gone."""
    objects: dict[str, list[FieldSchema]] = {}
    for row in RegisteredField.objects.filter(connection=site.connection_id):
        change = changes.get(row.name, {})
        if change is not None:
            values = {"label": row.label, "type": row.field_type, "is_read_only": row.is_read_only}
            values |= {"is_required": row.is_required, "max_length": row.max_length, "options": tuple(row.options)}
            field = FieldSchema(name=row.name, **{**values, **change})
            objects.setdefault(row.object_type, []).append(field)
    described = tuple(ObjectSchema(name=name, label=name, fields=tuple(fields)) for name, fields in objects.items())
    record_schema(connection_id=site.connection_id, schema=Schema(described), now=get_now())


@pytest.mark.parametrize(("change", "code"), [({"type": "number"}, "field_changed"), (None, "field_gone")])
def test_a_field_that_changed_or_went_denies_without_publishing(change, code):
    site = make_site()
    sync(site, numberofemployees=change)

    submission = submit(site)

    assert (submission.status, submission.status_code) == ("denied", code)
    assert submit(site, **NAME_CHANGE).status == "pending"  # other fields are as open as before


def test_a_review_opens_what_changed_again_but_nothing_that_is_gone():
    site = make_site()
    sync(site, numberofemployees={"is_required": True})
    ids = [RegisteredField.objects.get(connection=site.connection_id, name="numberofemployees").pk]
    review_fields(field_ids=ids, state="reviewed", classification=None, actor=Actor("human", "rosa"), now=get_now())
    assert submit(site).status == "approved"
    sync(site, numberofemployees=None)
    assert submit(site).status_code == "field_gone"


def test_what_was_approved_before_the_change_is_not_written_after_it():
    """The second gate asks again."""
    site = make_site()
    request = submit_pending(site, **NAME_CHANGE)
    vote(site, request)
    before = crm_value(site, "name")
    sync(site, name={"type": "text"})

    execute(request.pk)

    assert (get(request.pk).status, get(request.pk).status_code) == (Status.DENIED, "field_changed")
    assert crm_value(site, "name") == before


def test_a_person_may_take_back_a_write_to_a_field_that_changed_but_not_to_one_that_is_gone():
    site = make_site()
    changed, gone = submit_executed(site), submit_executed(site, changes={"country": "Belgium"}, expected=None)
    sync(site, numberofemployees={"is_required": True}, country=None)
    asked = {"person_id": site.world.approver.pk, "user_id": site.world.approver_user.pk, "reason": "x"}

    assert revert_request(request_id=changed.pk, now=get_now(), **asked).status == "approved"
    refused = revert_request(request_id=gone.pk, now=get_now(), **asked)
    assert (refused.status, refused.status_code) == ("denied", "field_gone")
