"""The pages on which a draft becomes policy: mend, read, test, backtest, publish, promote; each a door to a service."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, ReasonForm, confirm
from governance.admin.governed import VIEW_PERMISSIONS, find_or_404
from governance.domain.change_words import tell_changes
from governance.models import PolicyBacktest, PolicyVersion, ShadowDifference, ShadowRun, Workspace
from governance.selectors.access import NotAllowedError, may
from governance.selectors.compilation import decode_document
from governance.selectors.draft import get_draft
from governance.selectors.promotion import Readiness, get_readiness
from governance.services.backtests import BacktestError, cancel_backtest, ensure_intact, start_backtest
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import propose_change
from governance.services.changes.policy_promote import make_payload
from governance.services.publish import publish_policy
from governance.services.releases import PublishError
from governance.services.shadow import ShadowError, start_shadow, stop_shadow

PERMISSION = "publish_policy"
ERRORS = (
    PublishError,
    BacktestError,
    ShadowError,
    ChangeError,
    ChangeRefusedError,
    NotAllowedError,
    LedgerUnavailableError,
)
SHOWN = 200


def publisher(request: HttpRequest, workspace_id: UUID) -> UUID:
    """The person who publishes. A login of nobody cannot answer for a policy."""
    user = user_of(request)
    if not may(user, PERMISSION, workspace_id) or user.person_id is None:
        raise PermissionDenied
    return user.person_id


def ensure_viewer(request: HttpRequest, workspace_id: UUID) -> None:
    """Raises PermissionDenied for whoever may neither publish nor look at the configuration."""
    user = user_of(request)
    if not any(may(user, permission, workspace_id) for permission in (PERMISSION, *VIEW_PERMISSIONS)):
        raise PermissionDenied


def draft_page(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """The draft in five steps; a POST publishes it."""
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    person_id = publisher(request, workspace_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(
            request,
            lambda: publish_policy(workspace_id=workspace_id, person_id=person_id, reason=reason, now=get_now()).number,
            "Version {} is in force in the sandbox.",
        )
        if done:
            return _to("changelist")
    context = {"workspace": workspace, "draft": get_draft(workspace_id), "form": form, "shown": SHOWN}
    return _page(request, "policy_draft_page.html", f"Draft policy of {workspace.name}", context)


@require_POST
def start_backtest_view(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Queue a backtest of the rows, or of the version named."""
    person_id = publisher(request, workspace_id)
    days, version = request.POST.get("days", ""), _version_id(request.POST.get("version", ""), workspace_id)
    attempt(
        request,
        lambda: start_backtest(
            workspace_id=workspace_id,
            person_id=person_id,
            days=int(days) if days.isdecimal() and len(days) < 8 else 0,
            now=get_now(),
            version_id=version,
        ),
        "The backtest runs. This page shows how far it is.",
    )
    return _to("promote", version) if version else _to("publish", workspace_id)


def _version_id(text: str, workspace_id: UUID) -> UUID | None:
    """Raises Http404 for what is no version of the workspace."""
    if not text:
        return None
    found: UUID = find_or_404(PolicyVersion.objects.filter(workspace_id=workspace_id), text).pk
    return found


def backtest_page(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """One backtest: how far it is, and what it found."""
    row = get_object_or_404(PolicyBacktest.objects.select_related("workspace", "started_by"), pk=backtest_id)
    ensure_viewer(request, row.workspace_id)
    warning = ""
    if row.state == "done":
        try:
            ensure_intact(row)
        except BacktestError as error:
            warning = str(error)
    context = {"row": row, "warning": warning, "workspace": row.workspace}
    return _page(request, "policy_backtest.html", f"Backtest over {row.days} days", context)


def backtest_progress(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """How far a backtest is, for the progress bar."""
    row = get_object_or_404(PolicyBacktest.objects.defer("document"), pk=backtest_id)
    ensure_viewer(request, row.workspace_id)
    return JsonResponse({"state": row.state, "done": row.done, "total": row.total})


@require_POST
def cancel_backtest_view(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    row = get_object_or_404(PolicyBacktest.objects.defer("document"), pk=backtest_id)
    person_id = publisher(request, row.workspace_id)
    attempt(
        request,
        lambda: _cancel(backtest_id, person_id),
        "The backtest {}.",
    )
    return _to("backtest", backtest_id)


def _cancel(backtest_id: UUID, person_id: UUID) -> str:
    is_cancelled = cancel_backtest(backtest_id=backtest_id, person_id=person_id, now=get_now())
    return "is cancelled" if is_cancelled else "had ended already"


def promote_page(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Propose that a version comes into force in production; another person countersigns it."""
    version = get_object_or_404(PolicyVersion, pk=version_id)
    person_id = publisher(request, version.workspace_id)
    readiness = get_readiness(version, now=get_now())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request,
            lambda: _propose(request, readiness, person_id, form.cleaned_data["reason"]),
            "Proposed. It comes into force when another person countersigns it.",
        )
        if done:
            return HttpResponseRedirect(reverse("admin:governance_changeproposal_changelist"))
    context = {**_promotion(readiness), "form": form}
    return _page(request, "policy_promote.html", f"Bring version {version.number} to production", context)


def _promotion(readiness: Readiness) -> dict[str, Any]:
    """What the promotion's page shows: the changes in words, and the newest backtest whether it counts or not."""
    version, current = readiness.version, readiness.current
    before = decode_document(bytes(current.version.document)) if current is not None else None
    backtests = PolicyBacktest.objects.filter(workspace_id=version.workspace_id, digest=version.digest)
    return {
        "readiness": readiness,
        "told": tell_changes(before, decode_document(bytes(version.document))),
        "backtest": backtests.defer("document").order_by("-created_at").first(),
        "workspace": version.workspace,
    }


def _propose(request: HttpRequest, readiness: Readiness, person_id: UUID, reason: str) -> UUID:
    version = readiness.version
    return propose_change(
        workspace_id=version.workspace_id,
        kind="policy.promote",
        payload=make_payload(readiness),
        subject=f"Bring policy version {version.number} to production",
        reason=reason,
        person_id=person_id,
        user_id=user_of(request).pk,
        now=get_now(),
    )


def shadow_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What a draft would have decided otherwise on live traffic."""
    run = get_object_or_404(ShadowRun.objects.defer("document").select_related("workspace", "started_by"), pk=run_id)
    ensure_viewer(request, run.workspace_id)
    rows = ShadowDifference.objects.filter(run=run).order_by("-request_id")[:SHOWN]
    context = {"run": run, "rows": rows, "workspace": run.workspace, "shown": SHOWN}
    return _page(request, "policy_shadow.html", "Shadow run", context)


@require_POST
def start_shadow_view(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    person_id = publisher(request, workspace_id)
    attempt(
        request,
        lambda: start_shadow(workspace_id=workspace_id, person_id=person_id, now=get_now()),
        "The draft runs in shadow: it is judged beside the live policy, and nothing of it is enforced.",
    )
    return _to("publish", workspace_id)


def stop_shadow_view(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Stop a shadow run, after a second look."""
    run = get_object_or_404(ShadowRun.objects.defer("document"), pk=run_id)
    person_id = publisher(request, run.workspace_id)
    deed = Deed(
        title="Stop the shadow run",
        intro="What it found stays.",
        submit="Stop it",
        back=reverse("admin:governance_policyversion_shadow", args=[run_id]),
        needs_reason=False,
    )

    def act(_reason: str) -> str:
        is_stopped = stop_shadow(run_id=run_id, person_id=person_id, now=get_now())
        return "The shadow run is stopped." if is_stopped else "It had ended already."

    return confirm(request, deed, act, ERRORS)


def attempt(request: HttpRequest, act: Callable[[], Any], words: str) -> bool:
    """Do it and say so; or say why not. Whether it was done."""
    try:
        messages.success(request, words.format(act()))
    except ERRORS as error:
        messages.error(request, str(error)[:1].upper() + str(error)[1:])
        return False
    return True


def _to(page: str, *args: object) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:governance_policyversion_{page}", args=args))


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(
        request, f"governance/{template}", {**admin.site.each_context(request), **context, "title": title}
    )
