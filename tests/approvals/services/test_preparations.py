"""Tasks, notes, drafts and queue items: records of their own, whose content is what is judged and voted on (APR-01)."""

import pytest

from crm_connectors.models import CrmRecord
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, submit
from tests.builders.governance import make_grant, make_owned_field, publish

pytestmark = pytest.mark.django_db


def site_with(object_type, action, *fields):
    """A site whose agent may prepare records of this object."""
    site = make_site()
    for name in fields:
        make_owned_field(site.world.connection, name, object_type=object_type, classification="draft_content")
    make_grant(site.world.agent, site.world.connection, object_type=object_type, action=action, write_fields=fields)
    publish(site.world)
    return site


@pytest.mark.parametrize(
    ("action", "object_type", "payload", "content"),
    [
        ("draft", "drafts", "message", {"subject": "Hello", "body": "We met at the fair"}),
        ("queue", "queue_items", "item", {"queue": "revops", "reason": "two owners"}),
    ],
)
def test_a_preparation_becomes_a_record_beside_its_target(action, object_type, payload, content):
    site = site_with(object_type, action, *content)

    submission = submit(site, action=action, changes=None, expected=None, **{payload: content})

    request = get(submission.request_id)
    assert {change["field"]: change["after"] for change in request.patch} == content
    assert (request.object_type, request.record_id) == (object_type, "")
    assert (request.target_object, request.target_id) == ("companies", site.company)
    assert execute(request.pk) == "executed", get(request.pk).status_code
    record = CrmRecord.objects.get(crm_object__name=object_type)
    assert content.items() <= record.values.items()
    assert record.associated_with.number == int(site.company)


def test_a_task_about_a_record_changes_nothing_of_that_record():
    site = make_site()

    submission = submit(
        site, action="create_task", changes=None, expected=None, task={"subject": "Call back", "priority": "high"}
    )

    assert submission.status == "approved", submission.status_code
    assert execute(submission.request_id) == "executed", get(submission.request_id).status_code
    assert CrmRecord.objects.get(crm_object__name="tasks").values["subject"] == "Call back"
    assert CrmRecord.objects.get(crm_object__name="companies").version == 1
