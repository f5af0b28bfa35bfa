"""`python -m tests.e2e.pictures URL LOGIN=PASSWORD … [NAME …]`: the guides' pictures, taken of a demo that is served.

What `make demo` printed is URL and logins. Each picture is one page as its reader meets it, light, on a desk; scenes
that the demo does not leave behind (a draft, an import that waits) are taken by hand. Taking them all decides a few
requests of the demo and declares an incident in it.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.architecture.source import ROOT

REVOPS, MANAGER, COMPLIANCE = "revops@example.com", "manager@example.com", "compliance@example.com"
FOLDER = ROOT / "docs" / "images"
WIDTH, SCALE = 1440, 8 / 9
"""Of the window, and of the picture: 1280 wide."""


class Picture(NamedTuple):
    """`height` of the picture; `steps` lead from the page at `path` to what is shown."""

    name: str
    login: str
    path: str
    height: int = 888
    steps: tuple[Callable[[Page], object], ...] = ()


def follow(selector: str, ending: str = "", *, then: str = "") -> Callable[[Page], object]:
    """Go where the first such link leads; `ending` of its address is replaced by `then`."""

    def go(page: Page) -> None:
        address = page.locator(selector).first.get_attribute("href") or ""
        page.goto(address.removesuffix(ending) + then)

    return go


def click(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.click()


def fill(selector: str, text: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.fill(text)


def choose(selector: str, value: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.select_option(value)


WRITTEN, ROW = "/requests/?status=executed&object=companies&agent=agent.enrichment", "a.cs-row-link"
GOVERNANCE = "/admin/governance"
TOGETHER = (click("[data-pick-group]"), click("[data-approve]"))
DECLARED = (
    click('summary:has-text("Declare an incident")'),
    fill(".cs-delegate [name=title]", "Values that no field takes"),
    choose(".cs-delegate [name=severity]", "high"),
    choose(".cs-delegate [name=agent]", "agent.enrichment"),
    fill("[name=began_at]", f"{datetime.now(UTC):%Y-%m-%d}T00:00"),
    click('button:has-text("Declare")'),
    fill("[name=root_cause]", "The list of countries that the agent uses is older than the one of the CRM."),
    choose("[name=control]", "the data itself"),
    fill("[name=remedy]", "The prompt names the CRM's own list."),
    click('button:has-text("Keep")'),
)
PICTURES = (
    Picture("trace", REVOPS, WRITTEN, 888, (follow(ROW),)),
    Picture("revert", REVOPS, WRITTEN, 675, (follow(ROW, then="revert/"),)),
    Picture("suggestions", REVOPS, "/suggestions/", 675),
    Picture("dumb-failures", REVOPS, "/drills/", 900),
    Picture("notifications", REVOPS, "/notifications/", 1100),
    Picture("batch-question", MANAGER, "/review/", 500, TOGETHER),
    Picture("batch-report", MANAGER, "/review/", 420, (*TOGETHER, click("[data-approve]"))),
    Picture("incident", REVOPS, "/incidents/", 860, DECLARED),
    Picture("out-of-office", MANAGER, "/out-of-office/", 800),
    Picture("stop-panel", REVOPS, "/review/", 764, (click('summary:has-text("Stop")'),)),
    Picture("anomalies", REVOPS, f"{GOVERNANCE}/anomaly/", 568),
    Picture(
        "autonomy",
        REVOPS,
        f"{GOVERNANCE}/agent/",
        800,
        (follow('#result_list a:has-text("agent.enrichment")', "change/", then="autonomy/"),),
    ),
    Picture("breakers", REVOPS, f"{GOVERNANCE}/breaker/", 675),
    Picture("frequency-caps", REVOPS, f"{GOVERNANCE}/frequencycap/", 640),
    Picture("grants", REVOPS, f"{GOVERNANCE}/grant/", 764),
    Picture("limits", REVOPS, f"{GOVERNANCE}/budget/", 888),
    Picture("matrix", REVOPS, f"{GOVERNANCE}/fieldownership/", 728),
    Picture("revenue-20", REVOPS, f"{GOVERNANCE}/revenuefield/", 675),
    Picture("systems", REVOPS, f"{GOVERNANCE}/system/", 675),
    Picture("write-paths", REVOPS, f"{GOVERNANCE}/writepath/", 764),
    Picture("rule-builder", REVOPS, f"{GOVERNANCE}/rule/", 888, (follow('#result_list a:has-text("Prices")'),)),
    Picture("break-glass", REVOPS, f"{GOVERNANCE}/breakglass/ask/", 853),
    Picture(
        "do-not-contact-list",
        COMPLIANCE,
        f"{GOVERNANCE}/dncentry/",
        720,
        (fill("[name=asked]", "Opt.Out.1+news@lists.example"), click('button:has-text("Ask the list")')),
    ),
    Picture(
        "do-not-contact-add", COMPLIANCE, f"{GOVERNANCE}/dncentry/add/", 640, (fill("[name=value]", "Ann@Example.COM"),)
    ),
    Picture("emails", REVOPS, "/admin/crm_connectors/email/", 426),
)


def main(url: str, *arguments: str) -> None:
    """Takes all of them, or those that are named."""
    logins = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    names = {argument for argument in arguments if "=" not in argument}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for login, password in logins.items():
            wanted = [item for item in PICTURES if item.login == login and (not names or item.name in names)]
            if wanted:
                take(browser, url, login, password, wanted)
        browser.close()


def take(browser: Browser, url: str, login: str, password: str, pictures: list[Picture]) -> None:
    """One person's pictures, in one session."""
    window = {"width": WIDTH, "height": 900}
    page = browser.new_page(base_url=url, viewport=window, device_scale_factor=SCALE, color_scheme="light")
    page.set_default_timeout(30_000)
    page.goto("/admin/login/?next=/review/")
    page.fill('input[name="username"]', login)
    page.fill('input[name="password"]', password)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/review/**")
    for picture in pictures:
        page.set_viewport_size({"width": WIDTH, "height": round(picture.height / SCALE)})
        try:
            page.goto(picture.path)
            for step in picture.steps:
                step(page)
        except Error as error:
            sys.stderr.write(f"{picture.name} stays as it is: {str(error).splitlines()[0]}\n")
            continue
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        page.screenshot(path=FOLDER / f"{picture.name}.png")
    page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
