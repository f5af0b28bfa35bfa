"""What the story counts, read from the requests and the ledger: nothing is remembered while it runs."""

from collections import Counter
from datetime import datetime

import msgspec

from approvals.models import AgentActionRequest, DeliveryReport, DrillRun, ExceptionCase
from audit.domain.report import Report
from audit.models import LedgerEvent
from governance.domain.action_class import SENDS
from governance.domain.change_status import ChangeStatus
from governance.domain.vocabulary import Environment, SwitchKind
from governance.models import ChangeProposal, Delegation, GoldenCase, PolicyBacktest, PolicyRelease, PolicyVersion

STOPPED = frozenset(f"switch_{kind.value}" for kind in SwitchKind if kind is not SwitchKind.ENROLL)
"""The checks of the switches. A stop of enrolments is judged with the one of everything that is sent."""


class Governed(msgspec.Struct, frozen=True, kw_only=True):
    """What people set and did in this run, and what it held back. `asked_by_rule` and the like count requests."""

    denied_by_rule: int
    asked_by_rule: int
    denied_by_budget: int
    denied_do_not_contact: int
    denied_by_frequency: int
    sends_cancelled: int
    sends_executed: int
    dumb_failures: int
    dumb_failures_stopped: int
    golden_cases: int
    backtested: int
    versions_published: int
    promotions: int
    two_person_changes: int
    delegations: int
    agents_raised: int
    bounces: int
    breakers_opened: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """`requests` of agents in this run and what became of them: `allowed`, `denied` or `asked` of people, which is all.

    `exceptions` are the cases that the run opened, `exceptions_counted` the occurrences on them.
    `redirected` counts those that went on as suggestions; `seconds` is what the whole story took.
    """

    requests: int
    allowed: int
    denied: int
    asked: int
    redirected: int
    pending: int
    approved: int
    rejected: int
    expired: int
    executed: int
    conflicts: int
    reverted: int
    stopped: int
    ledger_events: int
    ledger_verified: bool
    seconds: float
    by_agent: dict[str, dict[str, int]]
    denied_because: dict[str, int]
    failed: int
    exceptions: int
    exceptions_counted: int
    governed: Governed


class _Row(msgspec.Struct, frozen=True):
    agent: str
    status: str
    action: str
    decision: dict[str, object]


def count_story(*, since: datetime, report: Report, seconds: float) -> Counts:
    """Everything that agents asked for since then, drills aside, and how it ended."""
    rows = _rows(since)
    status = Counter(row.status for row in rows)
    outcome = Counter(str(row.decision.get("outcome")) for row in rows)
    counted = list(ExceptionCase.objects.filter(opened_at__gte=since).values_list("count", flat=True))
    stopped = [row for row in rows if STOPPED & set(_failed_checks(row))]
    return Counts(
        requests=len(rows),
        allowed=outcome["allow"],
        denied=outcome["deny"],
        asked=outcome["require_approval"],
        redirected=sum(bool(row.decision.get("redirects")) and row.decision.get("outcome") != "deny" for row in rows),
        pending=status["pending"],
        approved=sum(_was_approved(row) for row in rows),
        rejected=sum(row.status == "denied" and row.decision.get("outcome") == "require_approval" for row in rows),
        expired=status["expired"],
        executed=status["executed"] + status["reverted"],
        conflicts=status["conflict"],
        reverted=status["reverted"],
        stopped=len(stopped),
        ledger_events=report.events,
        ledger_verified=report.is_ok,
        seconds=round(seconds, 1),
        by_agent=_by_agent(rows),
        denied_because=dict(Counter(code for row in rows for code in _deny_codes(row)[:1]).most_common()),
        failed=status["failed"] + status["unknown"],
        exceptions=len(counted),
        exceptions_counted=sum(counted),
        governed=_count_governed(rows, since),
    )


def _rows(since: datetime) -> list[_Row]:
    requests = AgentActionRequest.objects.filter(created_at__gte=since, actor_type="agent")
    asked = requests.exclude(correlation_id__startswith="drill-")
    return [_Row(*row) for row in asked.values_list("agent__name", "status", "action", "decision")]


def _count_governed(rows: list[_Row], since: datetime) -> Governed:
    drill = DrillRun.objects.filter(run_at__gte=since).order_by("-run_at").first()
    backtest = PolicyBacktest.objects.filter(created_at__gte=since, state="done").order_by("-created_at").first()
    sends = Counter(row.status for row in rows if row.action in SENDS)
    return Governed(
        denied_by_rule=_count_checks(rows, "rule:", "deny"),
        asked_by_rule=_count_checks(rows, "rule:", "require_approval"),
        denied_by_budget=_count_checks(rows, "budgets", "deny"),
        denied_do_not_contact=_count_checks(rows, "dnc", "deny"),
        denied_by_frequency=_count_checks(rows, "frequency", "deny"),
        sends_cancelled=sends["cancelled"],
        sends_executed=sends["executed"],
        dumb_failures=drill.total if drill else 0,
        dumb_failures_stopped=drill.held if drill else 0,
        golden_cases=GoldenCase.objects.count(),
        backtested=backtest.result["replayed"] if backtest else 0,
        versions_published=PolicyVersion.objects.filter(created_at__gte=since).count(),
        promotions=PolicyRelease.objects.filter(created_at__gte=since, environment=Environment.PRODUCTION).count(),
        two_person_changes=ChangeProposal.objects.filter(created_at__gte=since, status=ChangeStatus.APPLIED).count(),
        delegations=Delegation.objects.filter(created_at__gte=since).count(),
        agents_raised=ChangeProposal.objects.filter(
            created_at__gte=since, status=ChangeStatus.APPLIED, kind="agent.autonomy"
        ).count(),
        bounces=DeliveryReport.objects.filter(reported_at__gte=since, kind="bounce").count(),
        breakers_opened=LedgerEvent.objects.filter(at__gte=since, type="breaker.opened").count(),
    )


def _count_checks(rows: list[_Row], check: str, outcome: str) -> int:
    """How many requests a check of this name, or beginning with it, decided so."""
    return sum(
        any(item["check"].startswith(check) and item["outcome"] == outcome for item in _checks(row)) for row in rows
    )


def _checks(row: _Row) -> list[dict[str, str]]:
    return row.decision.get("checks", [])  # type: ignore[return-value]


def _failed_checks(row: _Row) -> list[str]:
    return [check["check"] for check in _checks(row) if check["outcome"] == "deny"]


def _deny_codes(row: _Row) -> list[str]:
    return [check["code"] for check in _checks(row) if check["outcome"] == "deny"]


def _was_approved(row: _Row) -> bool:
    """Whether people said yes: it needed approval, and it got further than waiting for one."""
    needed = row.decision.get("outcome") == "require_approval"
    return needed and row.status in {
        "approved",
        "held",
        "executing",
        "executed",
        "conflict",
        "failed",
        "unknown",
        "reverted",
    }


def _by_agent(rows: list[_Row]) -> dict[str, dict[str, int]]:
    agents = sorted({row.agent for row in rows})
    return {agent: dict(Counter(row.status for row in rows if row.agent == agent)) for agent in agents}
