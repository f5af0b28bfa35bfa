"""From a write that nobody explains to its incident, and records into a sandbox, at a desk and on a phone (EXC-04,
SBX-02)."""

import pytest

from approvals.services.study import study
from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange, CrmRecord
from crm_connectors.services.embedded_schema import install_embedded_schema
from tests.builders.approvals import submit_executed
from tests.builders.drift import begin_watch, sweep
from tests.builders.governance import allow, make_connection

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_stray_write_is_found_and_read(visit, site):
    begin_watch()
    submit_executed(site)
    record = CrmRecord.objects.get(number=int(site.company), crm_object__name="companies")
    told = {"field": "name", "after": "Forged", "actor": "agent.enrichment", "operation_key": "request:x"}
    CrmFieldChange.objects.create(record=record, at=get_now(), **told)
    CrmRecord.objects.filter(pk=record.pk).update(modified_at=get_now())
    sweep()
    page = visit.page
    visit.enter(site.world.approver_user)
    visit.open("/drift/")
    assert not visit.is_scrolling_sideways()
    visit.shoot("1-drift")
    visit.press_on(page.get_by_role("link", name="Writes at embedded"))
    page.get_by_text("Changes at the CRM that no request explains").wait_for()
    assert not visit.is_scrolling_sideways()
    page.emulate_media(color_scheme="dark")
    page.reload()
    visit.shoot("2-incident-dark")


def test_records_are_copied_into_a_sandbox(visit, site):
    allow(site.world.approver_user, site.world.workspace, "manage_agents")
    shadow = make_connection(site.world.workspace, "shadow", environment="sandbox")
    install_embedded_schema(connection_id=shadow.pk, now=get_now())
    page = visit.page
    visit.enter(site.world.approver_user)
    visit.open("/sandbox-copies/")
    assert not visit.is_scrolling_sideways()
    page.select_option("[name=target]", "shadow")
    page.fill("[name=object]", "companies")
    visit.press_on(page.get_by_role("button", name="Copy", exact=True))
    page.get_by_text("The copy has begun").wait_for()
    while study(seconds=0.1):
        pass
    visit.reload_until("done")
    assert not visit.is_scrolling_sideways()
    visit.shoot("1-copied")
    page.emulate_media(color_scheme="dark")
    page.reload()
    visit.shoot("2-dark")
