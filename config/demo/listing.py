"""The do-not-contact list: a file of opt-outs comes onto it, and an agent asks before it writes (DNC-04)."""

from collections.abc import Callable

from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.story import wait_for
from governance.models import DncImport

Say = Callable[[str], object]
_ROWS = 200
_IMPORTS = "/admin/governance/dncimport/"


def import_and_ask(*, caller: Caller, compliance: Browser, say: Say) -> None:
    """Compliance brings a CSV, reads what is wrong, takes the good rows; the agent asks about a page of people."""
    people = caller.search("contacts", {"country": "United States"}, ["email"])
    addresses = [str(row["values"]["email"]) for row in people if row["values"].get("email")]
    done = _import(compliance, addresses[-2:-1])
    if done is None:
        say("The file of opt-outs was not taken.")
        return
    say(
        f"Compliance brought a file of {done.rows_good + done.rows_bad} opt-outs; {done.rows_bad} rows were told by "
        f"line as wrong; of the good ones {done.rows_added} came onto the list, {done.rows_known} were on it."
    )
    answers = caller.check_dnc([{"kind": "email", "address": address} for address in addresses])
    listed = answers.count("listed")
    say(f"Before it writes, the agent asked about {len(answers)} addresses: {listed} on the list.")


def _import(browser: Browser, asked_for: list[str]) -> DncImport | None:
    """The last import, done; None when the page did not take it."""
    good = [*asked_for, *(f"opt.out.{number}@lists.example" for number in range(_ROWS - len(asked_for) - 2))]
    content = "\n".join(["value", *good, "no address", "two@@signs.example", ""]).encode()
    page = browser.get(_IMPORTS)
    browser.upload(
        page,
        page.form_with("source"),
        field="file",
        name="opt-outs.csv",
        content=content,
        kind="email",
        reason="Opted out at the old tool.",
        source="import",
    )
    row = DncImport.objects.order_by("-started_at").first()
    if row is None or not _reaches(row, "ready"):
        return None
    page = browser.get(f"{_IMPORTS}{row.pk}/change/")
    browser.submit(page, page.form_with("deed"), deed="good")
    return DncImport.objects.get(pk=row.pk) if _reaches(row, "done") else None


def _reaches(row: DncImport, state: str) -> bool:
    return wait_for(DncImport.objects.filter(pk=row.pk, state=state).exists, seconds=20)
