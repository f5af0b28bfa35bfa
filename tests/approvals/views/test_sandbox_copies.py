"""Sandbox copies through the browser: begun, looked at, stopped; refused to who may not (SBX-02, IDN-07)."""

import pytest
from django.urls import reverse

from approvals.services.study import study
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord, SandboxCopy
from crm_connectors.services.embedded_schema import install_embedded_schema
from tests.builders.api import make_site
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_connection

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, BEGIN = "approvals:sandbox_copies", "approvals:begin_sandbox_copy"
FORM = {"source": "embedded", "target": "shadow", "object": "companies", "limit": "10"}


@pytest.fixture
def site():
    site = make_site()
    shadow = make_connection(site.world.workspace, "shadow", environment="sandbox")
    install_embedded_schema(connection_id=shadow.pk, now=get_now())
    make_connection(site.world.workspace, "live", environment="production")
    return site


@pytest.fixture
def admin(site):
    return log_in(make_login(site.world.workspace, "manage_agents", name="Ann Admin"))


def test_a_copy_is_begun_and_its_end_is_read(site, admin):
    assert "Nothing was copied yet" in text_of(admin.get(reverse(PAGE)))
    assert "The copy has begun" in text_of(admin.post(reverse(BEGIN), FORM, follow=True))
    while study(seconds=0.1):
        pass
    assert SandboxCopy.objects.get().state == "done"
    assert "1 copied" in text_of(admin.get(reverse(PAGE)))
    assert CrmRecord.objects.filter(crm_object__connection__name="shadow").count() == 1


def test_a_copy_is_stopped(site, admin):
    admin.post(reverse(BEGIN), FORM)
    address = reverse("approvals:stop_sandbox_copy", args=[SandboxCopy.objects.get().pk])
    assert "It is stopped" in text_of(admin.post(address, follow=True))
    assert "Nothing was done" in text_of(admin.post(address, follow=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "live"},
        {"target": "embedded"},
        {"target": ""},
        {"source": "nowhere"},
        {"limit": "x"},
        {"limit": "999999"},
        {"object": "nothing"},
        {"field": "nothing", "value": "1"},
        {"ids": "1\x00"},
    ],
)
def test_what_cannot_be_copied_is_refused(site, admin, changes):
    """A production connection is not even on offer, and named all the same it is refused."""
    page = admin.get(reverse(PAGE)).content.decode()
    assert page.count("<option>live</option>") == 1
    assert "Nothing is copied" in text_of(admin.post(reverse(BEGIN), {**FORM, **changes}, follow=True))
    assert not SandboxCopy.objects.exists()


def test_who_may_not_set_up_crms_sees_and_starts_nothing(site, admin):
    admin.post(reverse(BEGIN), FORM)
    stop = reverse("approvals:stop_sandbox_copy", args=[SandboxCopy.objects.get().pk])
    other = make_site("other", agent_name="agent.other")
    reader = log_in(make_login(site.world.workspace, "view_requests", "edit_policy", name="Rita Reader"))
    stranger = log_in(make_login(other.world.workspace, "manage_agents", name="Fay Foreign"))
    assert reader.get(reverse(PAGE)).status_code == 403
    assert reader.post(reverse(BEGIN), FORM).status_code == 403
    assert reader.post(stop).status_code == 403
    assert stranger.post(stop).status_code == 404
    assert SandboxCopy.objects.get().state == "waiting"
