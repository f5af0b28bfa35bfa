"""What is proven to others: a decision made again, one trace for a stranger, a certificate (RPL-02, AUD-03, DNC-07)."""

import re
from pathlib import Path

import pytest

from audit.services.signing_key import get_verifier_key
from audit.verifier.noncontact import verify_certificate
from tests.builders.approvals import submit_executed
from tests.builders.contacts import after, end_day, make_compliance, today
from tests.e2e.test_accessibility import serious_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def look(visit, step):
    """Nothing is wider than the window, and axe-core finds nothing serious."""
    assert not visit.is_scrolling_sideways()
    assert serious_findings(visit.page) == []
    visit.shoot(step)


def test_another_fact_shows_another_decision(visit, site):
    """RPL-02: from the trace to the lab; the decision on record stays beside the other one."""
    request = submit_executed(site)
    page = visit.page
    visit.enter(site.world.approver_user)
    visit.open(f"/requests/{request.pk}/")
    visit.press_on(page.get_by_role("link", name="Replay and lab"))
    page.get_by_text("The same decision, byte for byte.").wait_for()
    look(visit, "1-replay")
    page.select_option("[name=place]", "request/confidence")
    page.fill("[name=value]", "0.1")
    visit.press_on(page.get_by_role("button", name="Decide again"))
    then = page.get_by_role("region", name="Then")
    then.get_by_text("the confidence is below").wait_for()
    assert "On record: allow." in then.inner_text()
    assert "1 person, with one of" in then.inner_text()
    look(visit, "2-lab")
    page.fill("[name=value]", "very")
    visit.press_on(page.get_by_role("button", name="Decide again"))
    page.get_by_text("Not asked: the value is none of its kind.").wait_for()


def test_a_stranger_reads_one_trace_until_the_link_is_revoked(visit, site, browser):
    """AUD-03: the link is shown once, opens without a session in the visitor's own theme, and then no more."""
    request = submit_executed(site)
    page = visit.page
    visit.enter(site.world.approver_user)
    visit.open(f"/requests/{request.pk}/")
    page.get_by_text("Make a link…").click()
    page.fill("[name=note]", "Alma at the auditor")
    visit.press_on(page.get_by_role("button", name="Make it"))
    page.get_by_text("The link, shown this once").wait_for()
    path = re.search(r"/shared/[A-Za-z0-9_.\-]+/", page.inner_text("body")).group()
    look(visit, "1-told")
    context = browser.new_context(viewport=page.viewport_size, color_scheme="dark")
    stranger = context.new_page()
    visit_of_stranger = type(visit)(stranger, visit.address, f"{visit.name}-stranger")
    visit_of_stranger.open(path)
    stranger.get_by_text("Seven questions").wait_for()
    assert "dark" in stranger.locator("html").get_attribute("class")
    assert context.cookies() == []
    look(visit_of_stranger, "2-read-dark")
    visit.press_on(page.get_by_role("button", name="Revoke"))
    page.get_by_text("The link opens no more.").wait_for()
    assert stranger.goto(f"{visit.address}{path}").status == 404
    assert "Seven questions" not in stranger.inner_text("body")
    context.close()


def test_a_certificate_is_given_and_taken_along(visit, site, monkeypatch):
    """DNC-07: for a day that is over, told tomorrow; the file that comes down is one that a stranger can check."""
    end_day()
    monkeypatch.setattr("approvals.views.certificates.get_now", after)
    page = visit.page
    visit.enter(make_compliance(site.world.workspace))
    visit.open("/certificates/")
    page.get_by_text("No certificate was given yet").wait_for()
    look(visit, "1-none")
    page.fill("[name=typed]", "jane@acme.example")
    for name in ("first", "last"):
        page.fill(f"[name={name}]", today().isoformat())
    visit.press_on(page.get_by_role("button", name="Give a certificate"))
    page.get_by_text("The certificate is given.").wait_for()
    assert "no contact" in page.inner_text("#main")
    look(visit, "2-given")
    with page.expect_download() as taken:
        visit.press_on(page.get_by_role("link", name="Signed file"))
    content = Path(taken.value.path()).read_bytes()
    assert verify_certificate(content, get_verifier_key()).sends == ()
    with page.expect_download() as taken:
        visit.press_on(page.get_by_role("link", name="PDF"))
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
