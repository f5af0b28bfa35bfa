"""What only a CRM elsewhere shows: an answer that is lost on its way, and many changes taken back over the wire."""

from collections.abc import Callable
from typing import Any

from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from audit.domain.identifier import new_id
from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.far_crm import FarCrm
from config.demo.story import wait_for

Say = Callable[[str], object]
AGENT = "agent.enrichment"
_HEADCOUNT = 4_321
_MANY = 4
_PAGE = "/bulk-reverts/"


def lose_an_answer(*, caller: Caller, crm: FarCrm, say: Say) -> None:
    """The write takes effect, its answer never arrives: it is looked up, not repeated."""
    company = _companies(caller)[0]
    before = crm.count_writes(company["id"])
    crm.plan_lost_answer()
    request_id = _propose(caller, company, _HEADCOUNT)
    wait_for(lambda: _status(request_id) == "executed", seconds=60)
    written = crm.count_writes(company["id"]) - before
    say(
        f"The answer to a write was lost. Looked up at {crm.title}: `{_status(request_id)}`, written {written} "
        f"{'time' if written == 1 else 'times'}."
    )


def take_many_back(*, caller: Caller, manager: Browser, crm: FarCrm, say: Say) -> None:
    """Some changes of one run of an agent, planned dry, then taken back together."""
    run = f"demo-many-{new_id()}"
    for place, company in enumerate(_companies(caller)[1 : _MANY + 1], start=1):
        _wait_until_done(_propose(caller, company, _HEADCOUNT + place, correlation_id=run))
    page = manager.get(_PAGE)
    manager.submit(page, page.form_with("correlation_id"), correlation_id=run)
    job = BulkRevert.objects.order_by("-created_at").first()
    if job is None or not wait_for(lambda: _state(job) == "planned", seconds=30):
        say(f"The dry run of a bulk revert at {crm.title} did not end.")
        return
    page = manager.get(f"{_PAGE}{job.pk}/")
    manager.submit(page, page.form_with("digest"), reason="The register was an old one.")
    wait_for(lambda: _state(job) == "finished", seconds=60)
    items = BulkRevertItem.objects.filter(bulk_revert=job)
    taken = items.filter(request__status="reverted").count()
    say(f"{items.count()} changes at {crm.title} were taken back together after a dry run: {taken} are as before.")


def _companies(caller: Caller) -> list[dict[str, Any]]:
    return caller.search("companies", {}, ["name", "numberofemployees"])


def _propose(caller: Caller, company: dict[str, Any], headcount: int, **members: Any) -> str:
    answer = caller.propose(
        action="update",
        target={"object": "companies", "id": company["id"]},
        changes={"numberofemployees": headcount},
        reason_code="demo.elsewhere",
        **members,
    )
    return str(answer["id"])


def _wait_until_done(request_id: str) -> None:
    wait_for(lambda: _status(request_id) not in {"evaluating", "approved", "executing"}, seconds=30)


def _state(job: BulkRevert) -> str:
    return str(BulkRevert.objects.values_list("state", flat=True).get(pk=job.pk))


def _status(request_id: str) -> str:
    return str(AgentActionRequest.objects.values_list("status", flat=True).get(pk=request_id))
