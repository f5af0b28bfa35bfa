"""`python -m tests.e2e.pictures URL LOGIN=PASSWORD … [NAME …]`: the guides' pictures, taken of a demo that is served.

What `make demo` printed is URL and logins. Each picture is one page as its reader meets it, light, on a desk; scenes
that the demo does not leave behind (a draft, an import that waits) are taken by hand. Taking them all decides a few
requests of the demo and declares an incident in it.
"""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.architecture.source import ROOT

REVOPS, MANAGER, COMPLIANCE = "revops@example.com", "manager@example.com", "compliance@example.com"
FOLDER = ROOT / "docs" / "images"
WIDTH, SCALE = 1440, 8 / 9
"""Of the window, and of the picture: 1280 wide."""
PHONE = 390
COLOURS = 128
"""Of a picture: enough for letters and chips, and a third of the file."""


class Picture(NamedTuple):
    """`height` of the picture; `steps` lead from the page at `path` to what is shown. `is_phone`: as a phone shows
    it."""

    name: str
    login: str
    path: str
    height: int = 888
    steps: tuple[Callable[[Page], object], ...] = ()
    is_phone: bool = False


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
LEADS = "/review/?object=leads"
TICKED = (click("[data-tick]"),)
LESS_SURE = (
    follow(ROW, then="replay/"),
    choose("[name=place]", "request/confidence"),
    fill("[name=value]", "0.1"),
    click('button:has-text("Decide again")'),
)
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
    Picture("home", REVOPS, "/admin/", 1100),
    Picture("inbox", MANAGER, "/review/", 900),
    Picture("inbox-phone", MANAGER, "/review/", 844, is_phone=True),
    Picture("review", MANAGER, LEADS, 900, (follow(ROW),)),
    Picture("review-phone", MANAGER, LEADS, 844, (follow(ROW),), is_phone=True),
    Picture("exceptions", REVOPS, "/exceptions/", 1150),
    Picture("exceptions-phone", REVOPS, "/exceptions/", 844, TICKED, is_phone=True),
    Picture("exception", REVOPS, "/exceptions/", 1250, (follow(f'{ROW}:has-text("budget")'),)),
    Picture("quality-results", REVOPS, "/quality/results/", 1125),
    Picture("quality-sample", REVOPS, "/quality/", 1178, (click("form[data-next] button"), click("[value=fail]"))),
    Picture("ledger-search", REVOPS, "/ledger/?agent=agent.enrichment&type=request.executed", 888),
    Picture("replay", REVOPS, WRITTEN, 1000, LESS_SURE),
    Picture("drift", REVOPS, "/drift/", 500),
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
    Picture("governance-document", REVOPS, "/governance/?since=1", 900),
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
    """One person's pictures, those of a desk in one session and those of a phone in another."""
    for is_phone in (False, True):
        wanted = [picture for picture in pictures if picture.is_phone == is_phone]
        if wanted:
            page = sign_in(browser, url, login, password, is_phone=is_phone)
            for picture in wanted:
                take_one(page, picture)
            page.close()


def sign_in(browser: Browser, url: str, login: str, password: str, *, is_phone: bool) -> Page:
    window = {"width": PHONE if is_phone else WIDTH, "height": 900}
    scale = 1 if is_phone else SCALE
    page = browser.new_page(
        base_url=url, viewport=window, device_scale_factor=scale, color_scheme="light", has_touch=is_phone
    )
    page.set_default_timeout(30_000)
    page.goto("/admin/login/?next=/notifications/")
    page.fill('input[name="username"]', login)
    page.fill('input[name="password"]', password)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/notifications/**")
    return page


def take_one(page: Page, picture: Picture) -> None:
    """A picture whose scene the demo did not leave behind stays as it is, and is told."""
    width, scale = (PHONE, 1) if picture.is_phone else (WIDTH, SCALE)
    page.set_viewport_size({"width": width, "height": round(picture.height / scale)})
    try:
        page.goto(picture.path)
        for step in picture.steps:
            step(page)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        shot = page.screenshot()
    except Error as error:
        sys.stderr.write(f"{picture.name} stays as it is: {str(error).splitlines()[0]}\n")
        return
    taken = Image.open(io.BytesIO(shot)).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{picture.name}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
