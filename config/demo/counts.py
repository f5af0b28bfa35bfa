"""What the story counts, read from the requests and the ledger: nothing is remembered while it runs."""

from collections import Counter
from datetime import datetime

import msgspec

from approvals.models import AgentActionRequest, ExceptionCase
from audit.domain.report import Report
from config.demo.governed import Governed, Row, checks_of, count_governed
from governance.domain.vocabulary import SwitchKind

STOPPED = frozenset(f"switch_{kind.value}" for kind in SwitchKind if kind is not SwitchKind.ENROLL)
"""The checks of the switches. A stop of enrolments is judged with the one of everything that is sent."""


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
        governed=count_governed(rows, since),
    )


def _rows(since: datetime) -> list[Row]:
    requests = AgentActionRequest.objects.filter(created_at__gte=since, actor_type="agent")
    asked = requests.exclude(correlation_id__startswith="drill-")
    return [Row(*row) for row in asked.values_list("agent__name", "status", "action", "decision")]


def _failed_checks(row: Row) -> list[str]:
    return [check["check"] for check in checks_of(row) if check["outcome"] == "deny"]


def _deny_codes(row: Row) -> list[str]:
    return [check["code"] for check in checks_of(row) if check["outcome"] == "deny"]


def _was_approved(row: Row) -> bool:
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


def _by_agent(rows: list[Row]) -> dict[str, dict[str, int]]:
    agents = sorted({row.agent for row in rows})
    return {agent: dict(Counter(row.status for row in rows if row.agent == agent)) for agent in agents}
