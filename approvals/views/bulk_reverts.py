"""Bulk reverts in the console: choose, read the dry run, start, watch, pause, stop (RVT-02)."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.bulk_choice import ChoiceError, load_choice, read_choice
from approvals.domain.bulk_revert import RELEASABLE
from approvals.models import BulkRevert
from approvals.selectors.bulk_reverts import find_job, list_choosable, list_jobs
from approvals.services.bulk_reverts import (
    PERMISSION,
    BulkRevertError,
    pause_bulk_revert,
    plan_bulk_revert,
    release_bulk_revert,
    resume_bulk_revert,
    start_bulk_revert,
    stop_bulk_revert,
)
from approvals.services.pages.bulk_reverts import export_items, is_held, is_release_open, show_job, show_job_cards
from approvals.views.access import Desk, desk_at, own_desk, signed_in, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError

LOOK = (PERMISSION, "view_ledger")
"""Who reverts, and who answers for what the ledger says of it: they read and change nothing."""
MAX_REASON = 2_000
SHOWN = 50
_REFUSALS = (
    BulkRevertError,
    ChoiceError,
    NotAllowedError,
    LedgerUnavailableError,
    ChangeError,
    ChangeRefusedError,
)
_STEPS: dict[str, Callable[..., None]] = {
    "pause": pause_bulk_revert,
    "resume": resume_bulk_revert,
    "stop": stop_bulk_revert,
}
_DONE = {"pause": "It is paused.", "resume": "It goes on.", "stop": "It is being stopped."}
JobView = Callable[[HttpRequest, Desk, BulkRevert], HttpResponseBase]


def job_view(*permissions: str) -> Callable[[JobView], Callable[..., HttpResponseBase]]:
    """A page about one bulk revert, for who holds one of these in its workspace; who may revert for single agents alone
    sees their own. To who holds nothing there it does not exist (404)."""

    def decorate(view: JobView) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
            job = find_job(job_id)
            if job is None:
                raise Http404
            user = signed_in(request)
            desk = own_desk(user, job.workspace) if job.user_id == user.pk else desk_at(user, job.workspace)
            desk.require(*permissions)
            return view(request, desk, job)

        return guarded

    return decorate


@require_safe
@workspace_view(*LOOK, of_agents=True)
def bulk_reverts(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _list(request, desk)


@require_POST
@workspace_view(PERMISSION, of_agents=True)
def plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Queue a dry run of what the form chooses."""
    try:
        job_id = plan_bulk_revert(
            workspace_id=desk.workspace.pk,
            choice=read_choice(request.POST.dict()),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
    except _REFUSALS as error:
        return _list(request, desk, refusal=f"{str(error)[:1].upper()}{str(error)[1:]}.", status=422)
    return redirect("approvals:bulk_revert", job_id)


@require_safe
@job_view(*LOOK)
def bulk_revert(request: HttpRequest, desk: Desk, job: BulkRevert) -> HttpResponse:
    filters = _filters(request)
    page = show_job(job, person_id=desk.person_id, now=desk.now, after=_place(request), **filters)
    context = {
        "page": page,
        "job": job,
        "filters": filters,
        "is_first_page": "after" not in request.GET,
        "may_ask_release": PERMISSION in desk.permissions and _may_be_released(job),
    }
    return render_page(request, desk, "bulk_revert.html", context, title="Bulk revert")


def _may_be_released(job: BulkRevert) -> bool:
    return job.state in RELEASABLE and is_held(job) and not is_release_open(job)


@require_POST
@job_view(PERMISSION)
def start(request: HttpRequest, desk: Desk, job: BulkRevert) -> HttpResponse:
    """Start the dry run whose digest the form shows."""
    try:
        state = start_bulk_revert(
            job_id=job.pk,
            digest=request.POST.get("digest", ""),
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "It has begun." if state == "running" else "It waits for a second person now.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was started: {error}.")
    return redirect("approvals:bulk_revert", job.pk)


@require_POST
@job_view(PERMISSION)
def move(request: HttpRequest, desk: Desk, job: BulkRevert) -> HttpResponse:
    """Pause, resume or stop."""
    verb = request.POST.get("verb", "")
    if verb not in _STEPS:
        raise Http404
    try:
        _STEPS[verb](job_id=job.pk, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now())
        messages.success(request, _DONE[verb])
    except _REFUSALS as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("approvals:bulk_revert", job.pk)


@require_POST
@job_view(PERMISSION)
def ask_release(request: HttpRequest, desk: Desk, job: BulkRevert) -> HttpResponse:
    """Ask for an incident release."""
    try:
        release_bulk_revert(
            job_id=job.pk,
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "It waits for a second person, who may lift switches.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was asked: {error}.")
    return redirect("approvals:bulk_revert", job.pk)


@require_POST
@job_view(PERMISSION)
def plan_again(request: HttpRequest, desk: Desk, job: BulkRevert) -> HttpResponse:
    """A new dry run of the same choice; the old one stays on record."""
    try:
        job_id = plan_bulk_revert(
            workspace_id=job.workspace_id,
            choice=load_choice(job.choice),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
    except _REFUSALS as error:
        messages.error(request, f"Nothing was planned: {error}.")
        job_id = job.pk
    return redirect("approvals:bulk_revert", job_id)


@require_safe
@job_view(*LOOK)
def export(request: HttpRequest, _desk: Desk, job: BulkRevert) -> StreamingHttpResponse:
    """The items as a file that a spreadsheet takes as data."""
    headers = {"Content-Disposition": 'attachment; filename="bulk-revert.csv"', "Cache-Control": "no-store"}
    lines = export_items(job, **_filters(request))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _list(request: HttpRequest, desk: Desk, *, refusal: str = "", status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    agents, versions = list_choosable(desk.workspace.pk, desk.narrow(PERMISSION))
    own = desk.user.pk if desk.agents is not None else None
    jobs = list_jobs(workspace_id=desk.workspace.pk, user_id=own, limit=SHOWN)
    context = {
        "cards": show_job_cards(jobs),
        "agents": agents,
        "versions": versions,
        "given": given.dict(),
        "refusal": refusal,
        "address": reverse("approvals:bulk_reverts"),
    }
    return render_page(request, desk, "bulk_reverts.html", context, title="Bulk reverts", status=status)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("finding", "result")}


def _place(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
