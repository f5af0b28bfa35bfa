"""Drift in the embedded CRM: what bears no operation of ours is a person's, what bears a false one is an incident."""

import pytest

from approvals.models import DriftFinding, Incident
from approvals.services.drift import judge_drift
from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange, CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.api import Site
from tests.builders.approvals import submit_executed
from tests.builders.drift import begin_watch, origins, sweep
from tests.builders.quality import make_sampling_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    site = make_sampling_site(safe_percent=0, new_agent_percent=0, risky_percent=0)
    begin_watch()
    return site


def test_an_agents_write_a_persons_edit_and_a_forged_line_are_told_apart(site: Site) -> None:
    """EXE-05"""
    submit_executed(site)
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values={"country": "Norway"},
        actor="human:rep",
        now=get_now(),
    )
    record = CrmRecord.objects.get(number=int(site.company), crm_object__name="companies")
    CrmFieldChange.objects.create(
        record=record, field="name", after="Forged", actor="agent.enrichment", at=get_now(), operation_key="request:x"
    )
    sweep()
    assert origins() == [("numberofemployees", "explained"), ("country", "person"), ("name", "ungoverned")]
    assert Incident.objects.count() == 1


def test_judging_twice_judges_once(site: Site) -> None:
    submit_executed(site)
    assert sweep() == 1
    assert judge_drift(now=get_now()) == 0
    assert DriftFinding.objects.count() == 1
