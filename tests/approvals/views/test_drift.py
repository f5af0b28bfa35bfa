"""The drift page and an incident's evidence: seen by who may look, and by nobody else (EXC-04, IDN-07)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from approvals.models import DriftMark, Incident
from audit.selectors.clock import get_now
from crm_connectors.models import ChangeWatch, CrmFieldChange, CrmRecord
from governance.models import Connection
from tests.builders.approvals import submit_executed
from tests.builders.console import log_in, make_login, text_of
from tests.builders.drift import begin_watch, sweep
from tests.builders.quality import make_sampling_site

pytestmark = pytest.mark.django_db
PAGE = "approvals:drift"


@pytest.fixture
def site():
    site = make_sampling_site(safe_percent=0, new_agent_percent=0, risky_percent=0)
    begin_watch()
    return site


def forge(site):
    record = CrmRecord.objects.get(number=int(site.company), crm_object__name="companies")
    told = {"field": "name", "after": "Forged", "actor": "agent.enrichment", "operation_key": "request:x"}
    CrmFieldChange.objects.create(record=record, at=get_now(), **told)
    CrmRecord.objects.filter(pk=record.pk).update(modified_at=get_now())


def test_counts_looks_and_open_incidents_are_shown(site):
    submit_executed(site)
    forge(site)
    sweep()
    client = log_in(make_login(site.world.workspace, "view_requests"))
    page = client.get(reverse(PAGE))
    text = text_of(page)
    for words in ("1 ours", "1 ungoverned", "0 by people", "watched", "Open incidents"):
        assert words in text
    address = reverse("approvals:incident", args=[Incident.objects.get().pk])
    assert address in page.content.decode()
    evidence = text_of(client.get(address))
    assert "declared by Countersign itself" in evidence
    assert "1 change. Made with our own credential" in " ".join(evidence.split())
    for told in (f"<bdi>companies {site.company}</bdi>", '<code class="cs-code">name</code>'):
        assert told in evidence
    assert "Forged" not in evidence
    assert "Countersign itself" in text_of(client.get(reverse("approvals:incidents")))


def test_changes_that_wait_to_be_judged_are_told_of(site):
    """EXE-05: what was seen and not judged is not taken for nothing."""
    sweep()
    client = log_in(make_login(site.world.workspace, "view_requests"))
    assert "wait to be judged" not in text_of(client.get(reverse(PAGE)))
    DriftMark.objects.update(judged_until=get_now() - timedelta(hours=2))
    text = text_of(client.get(reverse(PAGE)))
    assert "late" in text
    assert "Changes wait to be judged since" in text


def test_a_connection_that_is_not_read_is_told_of(site):
    client = log_in(make_login(site.world.workspace, "view_requests"))
    ChangeWatch.objects.update(looked_at=get_now() - timedelta(hours=2))
    assert "late" in text_of(client.get(reverse(PAGE)))
    ChangeWatch.objects.update(looked_at=get_now(), problem="connector_auth")
    assert "connector_auth" in text_of(client.get(reverse(PAGE)))


def test_where_ours_cannot_be_told_from_others_the_page_says_so(site):
    client = log_in(make_login(site.world.workspace, "view_requests"))
    words = "cannot be told from those of other apps"
    assert words not in text_of(client.get(reverse(PAGE)))
    Connection.objects.filter(pk=site.connection_id).update(kind="hubspot")
    assert words in text_of(client.get(reverse(PAGE)))


def test_who_may_not_look_sees_nothing(site):
    assert log_in(make_login(None, name="Nora Nobody")).get(reverse(PAGE)).status_code in (403, 404)
    other = log_in(make_login(site.world.workspace, "manage_agents", name="Max Manager"))
    assert other.get(reverse(PAGE)).status_code == 403
