"""People read what a picklist calls its values; the stored value stands beside and is written (APR-03, REG-01)."""

import pytest
from django.urls import reverse

from audit.selectors.clock import get_now
from crm_connectors.models import CrmField
from crm_connectors.services.schema_sync import sync_schema
from governance.models import RegisteredField
from governance.selectors.option_labels import forget_option_labels, get_option_labels
from tests.builders.api import make_site
from tests.builders.approvals import get, submit_pending
from tests.builders.console import log_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = make_site()
    RegisteredField.objects.filter(object_type="companies", name="name").update(
        option_labels={"closedwon": "Closed, won \u202e<b>"}
    )
    forget_option_labels()
    yield site
    forget_option_labels()


@pytest.fixture
def row(site):
    return submit_pending(site, changes={"name": "closedwon"}, expected=None)


@pytest.mark.parametrize("name", ["review", "trace"])
def test_the_label_is_read_and_the_raw_value_reachable(site, row, name):
    page = text_of(log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=[row.pk])))
    assert "Closed, won" in page
    assert ">closedwon</bdi></code>" in page
    assert "\u202e" not in page
    assert "<b>" not in page.split("Closed, won", 1)[1][:200]
    assert [item["after"] for item in get(row.pk).patch if item["field"] == "name"] == ["closedwon"]


def test_a_line_of_the_inbox_reads_so_too(site, row):
    page = text_of(log_in(site.world.approver_user).get(reverse("approvals:inbox")))
    assert 'title="closedwon"' in page
    assert "Closed, won" in page
    assert str(row.pk) in page


def test_a_sync_learns_labels_and_asks_nobody_to_review(site, django_capture_on_commit_callbacks):
    """REG-01: a label changes nothing of what may be written."""
    place = {"crm_object__connection": site.world.connection, "crm_object__name": "companies"}
    field = CrmField.objects.get(**place, name="industry")
    sync_schema(connection_id=site.world.connection.pk, now=get_now())
    assert get_option_labels(site.world.connection.pk, "companies", "any")
    known = RegisteredField.objects.get(connection=site.world.connection, object_type="companies", name="industry")
    state = known.review_state
    value, _ = field.options[0]
    field.options = [[value, "Another word"], *field.options[1:]]
    field.save()
    with django_capture_on_commit_callbacks(execute=True):
        sync_schema(connection_id=site.world.connection.pk, now=get_now())
    known.refresh_from_db()
    assert get_option_labels(site.world.connection.pk, "companies", "any")["industry"][value] == "Another word"
    assert (known.option_labels[value], known.review_state) == ("Another word", state)
