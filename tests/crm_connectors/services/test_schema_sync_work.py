"""REG-01: "sync now" is a job that a worker does; a CRM that is down is told with its code and changes nothing."""

import itertools
import json

import pytest

from approvals.services.study import study
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.port import AuthError
from crm_connectors.services import schema_sync_work
from crm_connectors.services.schema_sync_work import work_on_syncs
from governance.models import RegisteredField, SchemaSync
from governance.selectors.access import NotAllowedError
from governance.services.schema_syncs import LEASE, SyncUnderWayError, start_sync, take_sync
from tests.builders.api import make_site
from tests.builders.console import make_login
from tests.builders.governance import make_field

NUMBERS = itertools.count()
pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def start(site, *permissions):
    user = make_login(site.world.workspace, *permissions, name=f"Rosa {next(NUMBERS)}")
    return start_sync(connection_id=site.connection_id, user_id=user.pk, now=get_now())


def events(kind):
    return [json.loads(bytes(row.body))["data"] for row in LedgerEvent.objects.filter(type=kind).order_by("id")]


def test_a_worker_reads_the_schema_and_says_what_changed(site):
    make_field(site.world.connection, "ghost")
    sync_id = start(site, "edit_policy")
    study(seconds=0)
    row = SchemaSync.objects.get(pk=sync_id)
    assert (row.state, row.problem_code) == ("done", "")
    assert row.counts["gone"] == 1, "the embedded CRM never had it"
    assert RegisteredField.objects.filter(review_state="gone").count() == row.counts["gone"]
    assert events("schema.sync_ended")[0]["counts"] == row.counts
    assert not work_on_syncs()


class DownConnector:
    def describe(self):
        raise AuthError("the key expired")


class BrokenConnector:
    def describe(self):
        raise RuntimeError("boom")


@pytest.mark.parametrize(("connector", "code"), [(DownConnector, "connector_auth"), (BrokenConnector, "sync_broke")])
def test_a_crm_that_cannot_be_read_is_told_and_the_registry_stays(site, monkeypatch, connector, code):
    monkeypatch.setattr(schema_sync_work, "get_connector", lambda *_args, **_kwargs: connector())
    before = list(RegisteredField.objects.values_list("name", "review_state"))
    sync_id = start(site, "edit_policy")
    assert work_on_syncs()
    row = SchemaSync.objects.get(pk=sync_id)
    assert (row.state, row.problem_code) == ("failed", code)
    assert "boom" not in row.problem
    assert list(RegisteredField.objects.values_list("name", "review_state")) == before
    assert events("schema.sync_ended")[0]["code"] == code
    start(site, "edit_policy")  # and it can be tried again


def test_one_sync_of_a_connection_at_a_time_and_only_by_who_may(site):
    with pytest.raises(NotAllowedError):
        start(site, "view_ledger")
    start(site, "edit_policy")
    with pytest.raises(SyncUnderWayError):
        start(site, "edit_policy")
    assert len(events("schema.sync_started")) == 1


def test_a_worker_that_died_leaves_the_job_to_the_next_one(site):
    start(site, "edit_policy")
    now = get_now()
    assert take_sync(now=now) is not None
    assert take_sync(now=now) is None
    assert take_sync(now=now + LEASE * 2) is not None
