"""Limits: how much may be done in a window (LIM-01), and above it what is taken and what is left at this moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from audit.selectors.clock import get_now
from governance.admin.breakers import breaker_context
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.budget_state import BudgetState, list_states
from governance.domain.vocabulary import BudgetKey
from governance.models import Agent, Budget, Workspace
from governance.selectors.access import list_workspaces
from governance.selectors.budgets import get_counted
from governance.selectors.policy import get_policy_indexes

_TITLES = {
    "workspace": "Whole workspace",
    "agent": "Agents",
    "record": "Records",
    "recipient_domain": "Recipient domains",
    "mailbox": "Mailboxes",
    "segment": "Segments",
}
_MICROS = 1_000_000
_SHOWN = 8  # of records, domains and the like: those of which most is taken
_MOST = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One budget as people read it. From `high` on the bar warns. `where` names the environment that alone has it."""

    value: str
    where: str
    amount: str
    used: int
    limit: int
    left: str
    high: float
    renews_at: datetime
    is_default: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The budgets of one key: `bars` are drawn on, fullest first, `more` are too, less; of `idle` nothing is taken,
    as of `resting` more."""

    title: str
    bars: list[Bar]
    more: int
    idle: list[Bar]
    resting: int


@admin.register(Budget)
class BudgetAdmin(GovernedAdmin):
    list_display = ("unit", "shown_key", "window", "shown_limit", "currency")
    list_filter = ("unit", "key", "window")
    ordering = ("unit", "key", "window", "scope")
    fields = ("workspace", ("unit", "limit", "window"), ("key", "scope"), ("segment_field", "currency"))
    list_before_template = "governance/limits_live.html"

    class Media:
        css = {"all": ("governance/limits.css",)}

    @display(description="For each", ordering="key")
    def shown_key(self, row: Budget) -> str:
        return row.scope or row.get_key_display()

    @display(description="Limit", ordering="limit")
    def shown_limit(self, row: Budget) -> str:
        """Money in its currency: it is kept in millionths."""
        return f"{row.limit / _MICROS:,.2f}" if row.currency else f"{row.limit:,}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        seen = list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)
        limits = [group for workspace in seen for group in _limits(workspace, get_now())]
        response: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), **breaker_context(request, self.permission), "limits": limits}
        )
        return response


def _limits(workspace: Workspace, now: datetime) -> list[Group]:
    """What is left in one workspace, by key. What both environments bound alike is told once. As many queries for many
    agents as for few."""
    indexes = get_policy_indexes(workspace.pk)
    counted = get_counted(workspace.pk, now=now)
    agents = list(Agent.objects.filter(workspace=workspace).order_by("name").values_list("name", flat=True))
    known = {BudgetKey.AGENT.value: agents, BudgetKey.WORKSPACE.value: [workspace.slug]}
    where: dict[BudgetState, list[str]] = {}
    for environment, index in indexes.items():
        for state in list_states(index.budgets, known=known, counted=counted, now=now):
            where.setdefault(state, []).append(environment)
    bars = [(state.key, _bar(state, workspace, _only(where[state], of=len(indexes)))) for state in where]
    groups = {key: [bar for own, bar in bars if own == key] for key in _TITLES}
    return [_group(_TITLES[key], found, is_all=key in known) for key, found in groups.items() if found]


def _only(environments: list[str], *, of: int) -> str:
    return environments[0] if len(environments) < of else ""


def _group(title: str, bars: list[Bar], *, is_all: bool) -> Group:
    """What is drawn on comes first, the fullest on top; of records, domains and the like a few, of all no more than a
    hundred."""
    drawn = sorted((bar for bar in bars if bar.used), key=lambda bar: (-bar.used / max(bar.limit, 1), bar.value))
    shown, idle = drawn[: _MOST if is_all else _SHOWN], [bar for bar in bars if not bar.used]
    return Group(title, shown, len(drawn) - len(shown), idle[:_MOST], max(0, len(idle) - _MOST))


def _bar(state: BudgetState, workspace: Workspace, where: str) -> Bar:
    unit = state.unit.replace("_", " ")
    if state.currency:
        used, limit, left = (f"{micros / _MICROS:,.2f}" for micros in (state.used, state.limit, state.left))
        unit = state.currency
    else:
        used, limit, left = (f"{count:,}" for count in (state.used, state.limit, state.left))
    amount = (
        f"{used} of {limit} {unit} this {state.window}" if state.window != "day" else f"{used} of {limit} {unit} today"
    )
    return Bar(
        value=workspace.name if state.key == BudgetKey.WORKSPACE else state.value,
        where=where,
        amount=amount,
        used=min(state.used, state.limit),
        limit=state.limit,
        left=left if state.left else "",
        high=state.limit * 0.8,
        renews_at=state.renews_at,
        is_default=state.is_default,
    )
