"""Drift under a backlog: a flood of changes hides no stray behind it, evidence keeps nothing else (EXE-05, SEC-01)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from approvals.models import DriftFinding, DriftMark, Incident
from approvals.services import drift
from approvals.services.drift import KEPT, judge_drift
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from crm_connectors.models import ChangeWatch, ObservedChange, RecordNews
from crm_connectors.services.observing import observe_changes
from governance.models import RegisteredField
from tests.builders.api import Site
from tests.builders.drift import begin_watch
from tests.builders.quality import make_sampling_site

pytestmark = pytest.mark.django_db
OURS = {"operation_key": "request:forged", "writer": "integration:1"}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(drift, "_BATCH", 5)
    monkeypatch.setattr(drift, "_MOST", 20)
    site = make_sampling_site(safe_percent=0, new_agent_percent=0, risky_percent=0)
    begin_watch()
    return site


def observe(site: Site, count: int, at: datetime, **changes: Any) -> None:
    told = {"connection_id": site.connection_id, "object_type": "companies", "field": "name", "value_print": "p"}
    told |= {"writer": "user:7", "actor": "user:7", "changed_at": at, "seen_at": at, **changes}
    rows = [ObservedChange(**told, record_id=str(number), digest=str(new_id())) for number in range(count)]
    ObservedChange.objects.bulk_create(rows)


def test_a_stray_behind_more_changes_than_a_turn_judges_is_found(site: Site) -> None:
    """SEC-01: a stranger with our token cannot hide behind a flood of edits seen at one time."""
    now = get_now()
    observe(site, 45, now - timedelta(minutes=10))
    observe(site, 1, now - timedelta(minutes=9), **OURS)
    marks = []
    for _ in range(3):
        judge_drift(now=now)
        marks.append(DriftMark.objects.get().judged_until)
    assert Incident.objects.count() == 1
    assert ObservedChange.objects.count() == DriftFinding.objects.count()
    assert marks[0] < now, "what is not judged yet holds the mark"
    assert marks[-1] == now


def test_what_was_seen_in_a_transaction_that_ended_late_is_judged_and_the_mark_stays(site: Site) -> None:
    now = get_now()
    judge_drift(now=now)
    observe(site, 1, now - timedelta(minutes=5), **OURS)
    judge_drift(now=now - timedelta(minutes=1))
    assert Incident.objects.count() == 1
    assert DriftMark.objects.get().judged_until == now


def test_old_evidence_does_not_keep_what_is_no_evidence(site: Site) -> None:
    """However much evidence is older, what nobody needs goes."""
    now = get_now()
    observe(site, 12, now - KEPT - timedelta(days=3), **OURS)
    observe(site, 4, now - KEPT - timedelta(days=2))
    judge_drift(now=now - KEPT - timedelta(days=1))
    assert ObservedChange.objects.count() == 16
    judge_drift(now=now)
    assert ObservedChange.objects.count() == 12
    assert set(DriftFinding.objects.values_list("origin", flat=True)) == {"ungoverned"}


def test_news_of_an_object_that_nobody_governs_any_more_is_not_kept(site: Site) -> None:
    """Its watch rests like any other, and is not due for ever."""
    now = get_now()
    RegisteredField.objects.filter(connection_id=site.connection_id).update(is_read_only=True)
    RecordNews.objects.create(
        connection_id=site.connection_id, object_type="companies", record_id=site.company, told_at=now
    )
    ChangeWatch.objects.update(next_look_at=now)
    observe_changes(now=now)
    assert not RecordNews.objects.exists()
    assert not ChangeWatch.objects.filter(next_look_at__lte=now).exists()
