"""POL-07: a person asks what the draft, or the one in shadow, would do with a request; nothing happens."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import FieldOwnership
from governance.services.shadow import start_shadow
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import log_in, make_login, text_of

pytestmark = pytest.mark.django_db


def set_level(level):
    FieldOwnership.objects.filter(field__name="numberofemployees").update(permission_level=level)


def test_rows_and_shadow_are_asked_apart_and_nothing_is_written():
    site = make_site()
    request_id = submit(site).request_id
    set_level("blocked")
    start_shadow(workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, now=get_now())
    set_level("approval")
    before = (LedgerEvent.objects.count(), list(AgentActionRequest.objects.values_list("status", "outcome")))
    client = log_in(make_login(site.world.workspace, "view_requests", "edit_policy"))
    address = reverse("approvals:ask_draft", args=[request_id])
    assert address in client.get(reverse("approvals:trace", args=[request_id])).content.decode()
    rows, shadow = text_of(client.get(address)), text_of(client.get(address, {"source": "shadow"}))
    assert "it waits for a person" in rows
    assert "it is refused" in shadow
    assert "it goes through by itself" in rows
    assert (LedgerEvent.objects.count(), list(AgentActionRequest.objects.values_list("status", "outcome"))) == before
    assert client.post(address).status_code == 405


def test_rows_that_contradict_each_other_are_named():
    site = make_site()
    request_id = submit(site).request_id
    FieldOwnership.objects.filter(field__name="numberofemployees").update(owner_role="nobody-knows")
    client = log_in(make_login(site.world.workspace, "view_requests", "edit_policy"))
    assert "Mend the rows first" in text_of(client.get(reverse("approvals:ask_draft", args=[request_id])))


def test_reviewers_without_a_part_in_policy_and_strangers_are_refused():
    site = make_site()
    address = reverse("approvals:ask_draft", args=[submit(site).request_id])
    assert (
        log_in(make_login(site.world.workspace, "view_requests", name="Ray Reviewer")).get(address).status_code == 403
    )
    assert log_in(make_login(None, name="Stray Stranger")).get(address).status_code == 404
