"""Log in, read a diff, approve, see it executed, revert, see it restored: a real browser, at a desk and on a phone."""

import pytest

from approvals.models import AgentActionRequest, Vote
from tests.builders.approvals import crm_value, submit_pending

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

HOSTILE = '<img src=x onerror=alert(1)></script><script>alert(1)</script>" onmouseover="alert(1)'


def test_approve_by_keyboard_and_take_back(visit, site, worker):
    """APR-03, APR-04, AUD-03, RVT-01: the loop that everything else hangs on."""
    row = submit_pending(site)
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.shoot("1-inbox")
    assert not visit.is_scrolling_sideways()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{row.pk}/")
    assert page.locator(".cs-diff-row > .cs-diff-before").inner_text().endswith("Umicore")
    assert page.locator(".cs-diff-row > .cs-diff-after").inner_text().endswith("Umicore NV")
    visit.shoot("2-review")
    assert not visit.is_scrolling_sideways()

    page.wait_for_timeout(700)  # a key held over from the page before decides nothing
    page.keyboard.press("a")
    page.wait_for_url("**/review/")
    assert page.get_by_text("Approved. It runs now.").is_visible()
    assert page.get_by_text("Nothing waits for you").is_visible()
    assert Vote.objects.get(request=row).digest == row.digest
    visit.shoot("3-inbox-empty")

    visit.open(f"/requests/{row.pk}/")
    visit.reload_until("executed")
    assert crm_value(site, "name") == "Umicore NV"
    visit.shoot("4-trace")
    assert not visit.is_scrolling_sideways()

    page.get_by_role("link", name="Revert…").click()
    assert page.get_by_text("clean").is_visible()
    visit.shoot("5-revert")
    assert not visit.is_scrolling_sideways()
    page.fill("[name=reason]:visible", "the register was misread")
    page.get_by_role("button", name="Revert it").click()
    page.wait_for_url("**/requests/**")
    visit.reload_until("executed")
    assert crm_value(site, "name") == "Umicore"
    visit.open(f"/requests/{row.pk}/")
    visit.reload_until("reverted")
    visit.shoot("6-restored")


def test_deny_by_keyboard_asks_why_first(visit, site):
    """R opens the reasons and decides nothing; Escape takes it back; the form sends it."""
    row = submit_pending(site)
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open(f"/review/{row.pk}/")
    page.keyboard.press("r")
    assert page.get_by_role("radio").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("radio").first.is_visible()
    page.keyboard.press("r")
    page.get_by_label("The evidence does not support it").check()
    page.fill("[name=note]", "a note with the keys a r j k in it")
    row.refresh_from_db()
    assert row.status == "pending"
    visit.shoot("1-reasons")
    assert not visit.is_scrolling_sideways()
    page.get_by_role("button", name="Deny it").click()
    page.wait_for_url("**/review/")
    row.refresh_from_db()
    assert row.status == "denied"
    assert Vote.objects.get(request=row).reason.startswith("The evidence does not support it: a note")


def test_arrow_keys_and_a_held_key_decide_nothing(visit, site):
    row = submit_pending(site)
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    visit.open(f"/review/{row.pk}/")
    page.keyboard.press("a")  # before anybody can have read the page
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Space", "Control+a"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    row.refresh_from_db()
    assert row.status == "pending"
    assert not Vote.objects.exists()


def test_help_opens_and_closes(visit, site):
    visit.log_in(site.world.approver_user.username)
    visit.page.keyboard.press("?")
    assert visit.page.get_by_role("dialog").is_visible()
    visit.page.keyboard.press("Escape")
    assert not visit.page.get_by_role("dialog").is_visible()


def test_menu_and_theme_work_without_evaluating_scripts(visit, site):
    """The shell of the strict pages: the sidebar opens on a phone, the theme stays chosen, log out is a click away."""
    page = visit.page
    visit.log_in(site.world.approver_user.username)
    if not page.locator("#nav-sidebar").is_visible():
        page.locator("#header-inner [data-sidebar=mobile]").click()
    assert page.locator("#nav-sidebar").is_visible()
    page.locator(".cs-user-menu summary").click()
    page.get_by_role("button", name="Dark").click()
    assert "dark" in (page.locator("html").get_attribute("class") or "")
    assert page.get_by_text("Log out").is_visible()
    visit.open("/requests/")
    assert "dark" in (page.locator("html").get_attribute("class") or "")
    visit.open("/admin/governance/agent/")
    assert "dark" in (page.locator("html").get_attribute("class") or "")


def test_hostile_text_does_nothing_in_a_browser(visit, site):
    """Every page with hostile values in every place: no dialog, no console error, no sideways scroll."""
    row = submit_pending(site, justification=HOSTILE, intent=HOSTILE, plan=[HOSTILE, "w" * 400])
    AgentActionRequest.objects.filter(pk=row.pk).update(
        patch=[{"field": "name", "before": HOSTILE, "after": HOSTILE + "\u202e" + "Z" * 5_000}]
    )
    visit.log_in(site.world.approver_user.username)
    for path in ("/admin/", "/review/", "/requests/", f"/review/{row.pk}/", f"/requests/{row.pk}/"):
        visit.open(path)
        assert not visit.is_scrolling_sideways(), path
    visit.shoot("trace")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_console_loads_clean(visit, site, theme):
    """The shell, the admin's lists and forms, and our pages: nothing that the policy refuses, in both themes."""
    row = submit_pending(site)
    visit.log_in(site.world.approver_user.username)
    visit.page.evaluate(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
    for path in (
        "/admin/",
        "/review/",
        "/requests/",
        f"/requests/{row.pk}/",
        "/admin/governance/agent/",
        f"/admin/governance/agent/{site.world.agent.pk}/change/",
        "/admin/governance/fieldownership/",
        "/admin/governance/policyversion/",
    ):
        visit.open(path)
        assert theme in (visit.page.locator("html").get_attribute("class") or ""), path
    visit.shoot(f"{theme}")


def test_the_pages_work_without_scripts(browser, site, live_server, worker):
    """A browser that runs no script can log in, read and decide."""
    row = submit_pending(site)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/?next=/review/{row.pk}/")
    page.fill("[name=username]", site.world.approver_user.username)
    page.fill("[name=password]", "correct-horse-battery")
    page.click("[type=submit]")
    page.get_by_role("button", name="Approve").click()
    assert page.get_by_text("Approved. It runs now.").is_visible()
    context.close()
