"""What people set and did in the story, and what it held back; read from the rows and the ledger."""

from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Sum

from approvals.domain.attached import attachments_in
from approvals.models import AccessReviewRow, AgentActionRequest, DeliveryReport, DrillRun, Vote
from audit.models import LedgerEvent
from governance.domain.action_class import SENDS
from governance.domain.change_status import ChangeStatus
from governance.domain.vocabulary import Environment
from governance.models import (
    BreakGlass,
    ChangeProposal,
    Delegation,
    DncImport,
    GoldenCase,
    PolicyBacktest,
    PolicyRelease,
    PolicyVersion,
    ShadowRun,
)


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
    sent_by_action: dict[str, int]
    exports: int
    attachments: int
    replies: int
    dnc_imported: int
    dnc_refused_rows: int
    dnc_asked: int
    glass_broken: int
    standing_approved: int
    shadow_judged: int
    shadow_differing: int
    schema_reviewed: int
    access_rights: int
    access_decided: int
    quarantines: int
    restores: int


class Row(msgspec.Struct, frozen=True):
    """One request as the counts need it."""

    agent: str
    status: str
    action: str
    decision: dict[str, object]


def count_governed(rows: list[Row], since: datetime) -> Governed:
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
        breakers_opened=_count_events("breaker.opened", since),
        **_count_reached(since),
        **_count_kept(since),
    )


def _count_reached(since: datetime) -> dict[str, Any]:
    """What left, by which action, and who answered."""
    done = AgentActionRequest.objects.filter(created_at__gte=since, status="executed", actor_type="agent")
    sent = Counter(done.filter(action__in=SENDS).values_list("action", flat=True))
    return {
        "sent_by_action": dict(sorted(sent.items())),
        "exports": done.filter(action="export").count(),
        "attachments": sum(
            len(attachments_in(body)) for body in done.filter(action="send_email").values_list("body", flat=True)
        ),
        "replies": DeliveryReport.objects.filter(reported_at__gte=since, kind="reply").count(),
    }


def _count_kept(since: datetime) -> dict[str, Any]:
    """What people keep in order: the list, the glass, approvals beforehand, drafts, the schema, rights, agents."""
    imports = DncImport.objects.filter(started_at__gte=since).aggregate(good=Sum("rows_added"), bad=Sum("rows_bad"))
    shadows = ShadowRun.objects.filter(started_at__gte=since).aggregate(all=Sum("judged"), other=Sum("differing"))
    return {
        "dnc_imported": imports["good"] or 0,
        "dnc_refused_rows": imports["bad"] or 0,
        "dnc_asked": sum(data["asked"] for data in _told("dnc.checked", since)),
        "glass_broken": BreakGlass.objects.filter(opened_at__gte=since).count(),
        "standing_approved": Vote.objects.filter(created_at__gte=since, standing__isnull=False).count(),
        "shadow_judged": shadows["all"] or 0,
        "shadow_differing": shadows["other"] or 0,
        "schema_reviewed": sum(data["count"] for data in _told("fields.reviewed", since)),
        "access_rights": AccessReviewRow.objects.filter(review__started_at__gte=since).count(),
        "access_decided": _count_events("access_review.decided", since),
        "quarantines": sum(data["to"] == "quarantined" for data in _told("agent.lifecycle_changed", since)),
        "restores": _count_events("policy.restored", since),
    }


def _count_events(event_type: str, since: datetime) -> int:
    return LedgerEvent.objects.filter(at__gte=since, type=event_type).count()


def _told(event_type: str, since: datetime) -> list[dict[str, Any]]:
    """What the ledger's events of a type say."""
    bodies = LedgerEvent.objects.filter(at__gte=since, type=event_type).values_list("body", flat=True)
    return [msgspec.json.decode(bytes(body))["data"] for body in bodies]


def _count_checks(rows: list[Row], check: str, outcome: str) -> int:
    """How many requests a check of this name, or beginning with it, decided so."""
    return sum(
        any(item["check"].startswith(check) and item["outcome"] == outcome for item in checks_of(row)) for row in rows
    )


def checks_of(row: Row) -> list[dict[str, str]]:
    return row.decision.get("checks", [])  # type: ignore[return-value]
