"""A draft runs in shadow: judged beside the policy in force on live requests, enforced nowhere (POL-06)."""

from collections.abc import Callable

from config.demo.browser import Browser
from config.demo.caller import Caller
from config.demo.releasing import TASK_CONFIDENCE, draft_task_confidence
from config.demo.story import wait_for
from governance.models import ShadowRun, Workspace

Say = Callable[[str], object]
_TASKS = 3


def begin(*, revops: Browser, say: Say) -> None:
    """RevOps drafts a stricter tier and presses the button of the draft's page."""
    draft_task_confidence()
    workspace = Workspace.objects.order_by("pk").first()
    if workspace is None or ShadowRun.objects.filter(stopped_at__isnull=True).exists():
        return
    page = revops.get(f"/admin/governance/policyversion/publish/{workspace.pk}/")
    form = next((form for form in page.forms if form.action.endswith("/shadow/")), None)
    if form is not None:
        revops.submit(page, form)
        say(f"RevOps drafted that tasks take a confidence of {TASK_CONFIDENCE}, and lets that run in shadow.")


def propose_unsure(*, caller: Caller) -> int:
    """Tasks that the policy in force allows and the draft would not; how many."""
    leads = caller.search("leads", {}, ["country"])[:_TASKS]
    for lead in leads:
        caller.propose(
            action="create_task",
            target={"object": "leads", "id": lead["id"]},
            task={"subject": "Perhaps call"},
            confidence=TASK_CONFIDENCE - 0.1,
        )
    return len(leads)


def tell(*, expected: int, say: Say) -> None:
    """What it found by now, before the draft is published; waits a little for what must differ."""
    rows = ShadowRun.objects.filter(stopped_at__isnull=True)
    if not rows.exists():
        return
    wait_for(rows.filter(differing__gte=expected).exists, seconds=12)
    run = rows.get()
    say(f"In shadow the draft judged {run.judged} live requests; {run.differing} it would have decided otherwise.")
