"""No serious finding of axe-core on the main pages: at a desk and on a phone, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from approvals.models import ExceptionCase
from approvals.services.followers import follow_ledger
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from tests.builders.approvals import submit, submit_executed, submit_pending, vote
from tests.builders.bulk_reverts import edit, plan, write_some
from tests.builders.governance import allow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SERIOUS = {"serious", "critical"}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def pages(site):
    """The address of each main page, with something to show on it."""
    allow(site.world.approver_user, site.world.workspace, "view_reports", "handle_exceptions")
    submit_executed(site)
    edited = write_some(site, 2)[1]
    edit(site, edited.record_id, numberofemployees=300)
    job = plan(site)
    denied, pending = submit_pending(site, correlation_id="a"), submit_pending(site, correlation_id="b")
    vote(site, denied, verdict="deny", reason="no")
    submit(site, changes={"numberofemployees": "many"}, expected=None)
    maintain_ledger(now=get_now())
    follow_ledger()
    return {
        "home": "/admin/",
        "inbox": "/review/",
        "review": f"/review/{pending.pk}/",
        "trace": f"/requests/{denied.pk}/",
        "requests": "/requests/",
        "exceptions": "/exceptions/",
        "exception": f"/exceptions/{ExceptionCase.objects.get().pk}/",
        "report": "/reports/",
        "bulk_reverts": "/bulk-reverts/",
        "bulk_revert": f"/bulk-reverts/{job.pk}/",
        "rollback_drills": "/rollback-drills/",
        "events": "/admin/audit/ledgerevent/",
        "agents": "/admin/governance/agent/",
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_finding(visit, site, pages, theme):
    visit.log_in(site.world.approver_user.username)
    visit.page.evaluate(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
    found = []
    for name, path in pages.items():
        visit.open(path)
        assert theme in (visit.page.locator("html").get_attribute("class") or ""), path
        found += [f"{name}: {line}" for line in serious_findings(visit.page)]
        visit.shoot(f"{name}-{theme}")
    assert found == []


SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const moving = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 60_000);
    Promise.allSettled(moving.map(one => one.finished)).then(() => done());
})))"""


def serious_findings(page):
    """Rule, and the first places that break it, once nothing moves: half way from one theme to the other no colour is
    that of either."""
    page.evaluate(SETTLED)
    answer = Axe().run(page, options=RULES).response
    return [
        f"{finding['id']} ({finding['impact']}): {[node['target'] for node in finding['nodes'][:3]]}"
        for finding in answer["violations"]
        if finding["impact"] in SERIOUS
    ]
