"""Reports that people take away as files: each is on record before it leaves (AUD-01, AUD-08)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.domain.months import Month
from approvals.domain.weeks import Week
from approvals.services.governance_document import GovernanceDocument, write_file
from approvals.services.pages.sponsor import make_sponsor_file
from approvals.services.report_files import make_report_file
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.models import Workspace
from governance.selectors.held import AgentScope


def take_weekly_report(
    *, kind: str, workspace: Workspace, week: Week, actor: Actor, now: datetime, agents: AgentScope = None
) -> bytes:
    """As `make_report_file`. Commits `report.downloaded`. Raises LedgerUnavailableError: then none is given."""
    content = make_report_file(kind=kind, workspace=workspace, week=week, now=now, agents=agents)
    data = {"bytes": len(content), "format": kind, "is_of_some_agents": agents is not None, "report": "weekly"}
    _record(_event(workspace, f"weekly-{week.name}", actor, data), now)
    return content


def take_sponsor_review(*, workspace: Workspace, month: Month, actor: Actor, now: datetime) -> bytes:
    """The month's PDF. Commits `report.downloaded`. Raises LedgerUnavailableError: then none is given."""
    content = make_sponsor_file(workspace=workspace, month=month, now=now)
    data = {"bytes": len(content), "format": "pdf", "is_of_some_agents": False, "report": "sponsor"}
    _record(_event(workspace, f"sponsor-{month.name}", actor, data), now)
    return content


def take_governance_document(
    *, kind: str, document: GovernanceDocument, workspace: Workspace, actor: Actor, now: datetime
) -> bytes:
    """As `write_file`. Commits `report.downloaded`. Raises LedgerUnavailableError: then none is given."""
    content = write_file(document, kind=kind, now=now)
    data = {"bytes": len(content), "format": kind, "is_of_some_agents": False, "report": "governance"}
    _record(_event(workspace, f"governance-v{document.number}", actor, data), now)
    return content


def _event(workspace: Workspace, name: str, actor: Actor, data: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type="report.downloaded",
        workspace=workspace.slug,
        actor=actor,
        subject=Subject("report", name),
        correlation_id=f"report-{name}",
        data=data,
    )


def _record(event: NewEvent, now: datetime) -> None:
    with transaction.atomic():
        append_event(event, now=now)
