"""Quality: the queue of samples, one sample with its scorecard, and handing out the next (QAS-02)."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.scorecard import Answer, Question, ScorecardError, Severity, Verdict, list_questions
from approvals.models import QualitySample
from approvals.selectors.quality import find_sample, list_open_samples, list_sampled_agents
from approvals.services.pages.quality import show_sample, show_samples
from approvals.services.quality_errors import QualityError
from approvals.services.reserving import release_sample, reserve_next
from approvals.services.scoring import score_sample
from approvals.views.access import Desk, desk_at, signed_in, workspace_view
from approvals.views.filters import read_cursor
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError

SampleView = Callable[Concatenate[HttpRequest, Desk, QualitySample, ...], HttpResponseBase]
_REFUSALS = (QualityError, ScorecardError, NotAllowedError, LedgerUnavailableError)


def sample_view(permission: str) -> Callable[[SampleView], Callable[..., HttpResponseBase]]:
    """A page about one sample. In another workspace, and for who holds rights for other agents alone, it does not exist
    (404); without the permission it is refused."""

    def decorate(view: SampleView) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, sample_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            sample = find_sample(sample_id)
            if sample is None:
                raise Http404
            desk = desk_at(signed_in(request), sample.workspace, sample.agent_id)
            desk.require(permission)
            return view(request, desk, sample, *args, **kwargs)

        return guarded

    return decorate


@require_safe
@workspace_view("view_quality", of_agents=True)
def quality(request: HttpRequest, desk: Desk) -> HttpResponse:
    agent = request.GET.get("agent", "")[:80]
    page = list_open_samples(
        workspace_id=desk.workspace.pk, after=read_cursor(request.GET, "after"), agent=agent, agents=desk.agents
    )
    context = {
        "rows": show_samples(page.rows, now=desk.now),
        "after": page.after,
        "agent": agent,
        "agents": list_sampled_agents(workspace_id=desk.workspace.pk, agents=desk.agents),
        "is_first_page": "after" not in request.GET,
    }
    return render_page(request, desk, "quality.html", context, title="Quality")


@require_POST
@workspace_view("score_quality", of_agents=True)
def next_sample(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hand out the next one, and let go of the one that is skipped."""
    try:
        skip = UUID(request.POST["skip"]) if request.POST.get("skip") else None
    except ValueError as error:
        raise Http404 from error
    found = reserve_next(
        workspace_id=desk.workspace.pk,
        person_id=desk.require_person(),
        user_id=desk.user.pk,
        now=get_now(),
        skip=skip,
        agents=desk.agents,
    )
    if found is not None:
        return redirect("approvals:sample", found)
    messages.success(request, "Nothing is left that you may score.")
    return redirect(f"{reverse('approvals:quality')}?workspace={desk.workspace.slug}")


@require_safe
@sample_view("view_quality")
def sample_page(request: HttpRequest, desk: Desk, sample: QualitySample) -> HttpResponse:
    return _page(request, desk, sample)


@require_POST
@sample_view("score_quality")
def score(request: HttpRequest, desk: Desk, sample: QualitySample) -> HttpResponseBase:
    try:
        verdict = score_sample(
            sample_id=sample.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            answers=_answers(request, sample),
            wrong_fields=request.POST.getlist("wrong"),
            severity=request.POST.get("severity", ""),
            now=get_now(),
        )
    except _REFUSALS as error:
        return _page(request, desk, find_sample(sample.pk) or sample, refusal=f"Not scored: {error}.", status=400)
    words = "Scored: it passed." if verdict is Verdict.PASS else "Scored: it failed."
    messages.success(request, words)
    return next_sample(request)


@require_POST
@sample_view("score_quality")
def release(request: HttpRequest, desk: Desk, sample: QualitySample) -> HttpResponse:  # noqa: ARG001
    release_sample(sample_id=sample.pk, person_id=desk.require_person(), now=get_now())
    return redirect(f"{reverse('approvals:quality')}?workspace={desk.workspace.slug}")


def _page(
    request: HttpRequest, desk: Desk, sample: QualitySample, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    page = show_sample(sample, person_id=desk.person_id, now=desk.now)
    context = {
        "page": page,
        "severities": [item.value for item in Severity],
        "refusal": refusal,
        **_filled(request.POST, page.questions),
    }
    return render_page(request, desk, "sample.html", context, title="Score a sample", status=status)


def _filled(data: QueryDict, questions: Sequence[Question]) -> dict[str, Any]:
    """The card as it was sent, so that a refused one comes back as it was."""
    return {
        "questions": [
            (item, data.get(f"verdict-{item.key}", ""), data.get(f"note-{item.key}", "")) for item in questions
        ],
        "wrong": data.getlist("wrong"),
        "severity": data.get("severity", ""),
    }


def _answers(request: HttpRequest, sample: QualitySample) -> list[Answer]:
    """What was ticked. A question without a tick has no verdict, and the card is refused for it."""
    questions = list_questions(action=sample.request.action, object_type=sample.request.object_type)
    return [
        Answer(item.key, request.POST.get(f"verdict-{item.key}", ""), request.POST.get(f"note-{item.key}", "")[:2_000])
        for item in questions
    ]
