"""Two pages of an agent: its autonomy level with the controls behind it, and the steps of its life."""

from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.admin.changes import CHANGE_ERRORS
from governance.admin.confirm import Deed, confirm
from governance.domain.lifecycle import MEANING, STEPS
from governance.models import Agent
from governance.selectors.access import NotAllowedError, may, may_for
from governance.services.autonomy import AutonomyError, lower_autonomy
from governance.services.autonomy_page import ControlLine, show_ladder
from governance.services.lifecycle import LifecycleError, change_lifecycle
from governance.services.raise_autonomy import propose_autonomy


def autonomy_page(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """The ladder: where the agent stands, what each level requires, what is missing and where to put it in place."""
    agent, rungs = show_ladder(agent_id)
    shown = [(rung, [(line, _address(line)) for line in rung.lines]) for rung in reversed(rungs)]
    context = {
        **admin.site.each_context(request),
        "title": f"Autonomy level of {agent.name}",
        "agent": agent,
        "rungs": shown,
        "may_raise": may(user_of(request), "manage_agents", agent.workspace_id),
        "may_lower": may_for(user_of(request), "manage_agents", workspace_id=agent.workspace_id, agent_id=agent.pk),
    }
    return TemplateResponse(request, "governance/autonomy.html", context)


def _address(line: ControlLine) -> str:
    try:
        return reverse(f"admin:{line.page}")
    except NoReverseMatch:
        return ""


def raise_page(request: HttpRequest, agent: Agent, level: str) -> HttpResponse:
    """Propose a higher level. The service refuses while a control is missing, and names it."""
    user = user_of(request)
    deed = Deed(
        title=f"Propose {level.replace('_', ' ')} for {agent.name}",
        intro="Another person countersigns this before anything changes. The controls are looked at again then.",
        submit="Propose",
        back=reverse("admin:governance_agent_autonomy", args=[agent.pk]),
    )

    def act(reason: str) -> str:
        if user.person_id is None:
            raise NotAllowedError("this takes a login that belongs to a person")
        propose_autonomy(
            agent_id=agent.pk,
            level=level,
            reason=reason,
            person_id=user.person_id,
            user_id=user.pk,
            now=get_now(),
        )
        return "Proposed. It waits under Two-person changes for another person."

    return confirm(request, deed, act, CHANGE_ERRORS)


def lower_page(request: HttpRequest, agent: Agent, level: str) -> HttpResponse:
    """Take freedom away: one person, at once."""
    deed = Deed(
        title=f"Lower {agent.name} to {level.replace('_', ' ')}",
        intro="This bites at once, with the next request and the next execution. Raising it again takes two people.",
        submit="Lower it now",
        back=reverse("admin:governance_agent_autonomy", args=[agent.pk]),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_reason: str) -> str:
        lower_autonomy(
            agent_id=agent.pk, level=level, actor=actor_of(request), user_id=user_of(request).pk, now=get_now()
        )
        return f"{agent.name} is {level.replace('_', ' ')} now."

    return confirm(request, deed, act, (AutonomyError, NotAllowedError, LedgerUnavailableError))


def lifecycle_page(request: HttpRequest, agent: Agent, lifecycle: str) -> HttpResponse:
    """One step of the agent's life, with a reason."""
    deed = Deed(
        title=f"{agent.name}: {lifecycle.replace('_', ' ')}",
        intro=MEANING.get(lifecycle, "No such step."),
        lines=[f"It is {agent.lifecycle.replace('_', ' ')} now."],
        submit=f"Make it {lifecycle.replace('_', ' ')}",
        back=reverse("admin:governance_agent_change", args=[agent.pk]),
        is_dangerous=lifecycle in {"quarantined", "retired"},
    )

    def act(reason: str) -> str:
        change_lifecycle(
            agent_id=agent.pk,
            lifecycle=lifecycle,
            reason=reason,
            actor=actor_of(request),
            user_id=user_of(request).pk,
            now=get_now(),
        )
        return f"{agent.name} is {lifecycle.replace('_', ' ')} now."

    return confirm(request, deed, act, (LifecycleError, NotAllowedError, LedgerUnavailableError))


def list_steps(agent: Agent) -> list[tuple[str, str]]:
    """Where the agent may go from here: title and address."""
    steps = sorted(STEPS.get(agent.lifecycle, ()))
    return [
        (step.replace("_", " "), reverse("admin:governance_agent_lifecycle", args=[agent.pk, step])) for step in steps
    ]
