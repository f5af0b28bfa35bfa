"""Reporting a bad action: an exception with the request linked, once for each reporter (EXC-05)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.domain.bad_action import MAX_AN_HOUR, MAX_TEXT, BadReason
from approvals.domain.exception_case import CaseKind
from approvals.models import AgentActionRequest, BadActionReport, ExceptionCase
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.own_requests import list_own_requests
from approvals.services.exception_events import case_event
from approvals.services.exceptions import Cause, open_case
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.principal import SystemPrincipal
from governance.models import Integration, Person, User
from governance.selectors.access import may_for

_HOUR = timedelta(hours=1)


class ReportError(ValueError):
    """The report cannot be taken."""

    code = "report_refused"
    http_status = 422


class UnknownRequestError(ReportError):
    """No such request, or none that the reporter may see."""

    code = "unknown_request"
    http_status = 404


class TooManyReportsError(ReportError):
    """The reporter has reported too much in an hour."""

    code = "too_many_reports"
    http_status = 429


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a person by a login, or an integration."""

    actor: Actor
    person_id: UUID | None = None
    integration_id: UUID | None = None

    @property
    def key(self) -> str:
        return f"{self.actor.type}:{self.actor.id}"


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the report. `state` and `outcome` are those of its exception now."""

    id: UUID
    request: UUID
    exception: UUID
    state: str
    outcome: str
    reported_at: datetime
    is_replay: bool


def report_by_person(*, user_id: int, request_id: UUID, reason: str, text: str, now: datetime) -> Reported:
    """A person reports a request that they may see: any with `view_requests`, else those on their own records.

    Raises UnknownRequestError (also for another workspace and a missing permission), TooManyReportsError, ReportError,
    LedgerUnavailableError.
    """
    user = User.objects.select_related("person").get(pk=user_id)
    request = _find(request_id)
    if user.person is None or request is None or not may_report(user, request):
        raise UnknownRequestError("no such request")
    reporter = Reporter(Actor("human", str(user.person_id)), person_id=user.person_id)
    return _report(request, reporter, reason, text, now)


def report_by_system(
    *, principal: SystemPrincipal, request_id: UUID, reason: str, text: str, now: datetime
) -> Reported:
    """An integration reports any request of its workspace. Raises as `report_by_person`."""
    request = _find(request_id)
    if request is None or request.workspace_id != principal.workspace_id:
        raise UnknownRequestError("no such request")
    reporter = Reporter(Actor("system", principal.name), integration_id=principal.integration_id)
    return _report(request, reporter, reason, text, now)


def may_report(user: User, request: AgentActionRequest) -> bool:
    """Whether this login may report this request: by their permission, and because they may see it."""
    workspace_id, agent_id = request.workspace_id, concerned_agent_id(request)
    if not may_for(user, "report_bad_actions", workspace_id=workspace_id, agent_id=agent_id):
        return False
    if may_for(user, "view_requests", workspace_id=workspace_id, agent_id=agent_id):
        return True
    email = user.person.email if user.person is not None else ""
    return any(row.pk == request.pk for row in list_own_requests(workspace_id=request.workspace_id, email=email))


def _find(request_id: UUID) -> AgentActionRequest | None:
    return AgentActionRequest.objects.select_related("workspace", "agent").filter(pk=request_id).first()


def _report(request: AgentActionRequest, reporter: Reporter, reason: str, text: str, now: datetime) -> Reported:
    """Commits report, case and `exception.reported` together; the same reporter on the same request changes nothing."""
    if reason not in set(BadReason):
        raise ReportError("say what was bad about it")
    if len(text) > MAX_TEXT:
        raise ReportError(f"{MAX_TEXT:,} characters at most")
    with transaction.atomic():
        _lock(reporter)  # one at a time for each reporter: the limit holds, and nothing is reported twice
        earlier = BadActionReport.objects.select_related("case").filter(request=request, reporter=reporter.key).first()
        if earlier is not None:
            return _answer(earlier, earlier.case, is_replay=True)
        _ensure_few(request.workspace_id, reporter, now)
        cause = Cause(
            workspace_id=request.workspace_id,
            kind=CaseKind.BAD_ACTION_REPORT,
            agent=request.agent.name if request.agent is not None else "",
            code=reason,
            object_type=request.object_type,
            subject=str(request.pk),
        )
        case_id = open_case(cause=cause, requests=[request.pk], count=1, seen_at=now, now=now)
        case = ExceptionCase.objects.select_related("workspace").get(pk=case_id)
        report = BadActionReport.objects.create(
            workspace_id=request.workspace_id,
            request=request,
            case=case,
            reporter=reporter.key,
            person_id=reporter.person_id,
            reason=reason,
            reported_at=now,
        )
        values = {"comment": text.strip()} if text.strip() else None
        data = {"report": str(report.pk), "request": str(request.pk), "reason": reason}
        append_event(case_event(case, "reported", reporter.actor, data=data, values=values), now=now)
    return _answer(report, case, is_replay=False)


def _lock(reporter: Reporter) -> None:
    if reporter.person_id is not None:
        Person.objects.select_for_update().get(pk=reporter.person_id)
    elif reporter.integration_id is not None:
        Integration.objects.select_for_update().get(pk=reporter.integration_id)


def _ensure_few(workspace_id: UUID, reporter: Reporter, now: datetime) -> None:
    rows = BadActionReport.objects.filter(workspace_id=workspace_id, reporter=reporter.key)
    if rows.filter(reported_at__gt=now - _HOUR)[:MAX_AN_HOUR].count() >= MAX_AN_HOUR:
        raise TooManyReportsError(f"{MAX_AN_HOUR} reports an hour at most; go on later")


def _answer(report: BadActionReport, case: ExceptionCase, *, is_replay: bool) -> Reported:
    return Reported(
        id=report.pk,
        request=report.request_id,
        exception=case.pk,
        state=case.state,
        outcome=case.outcome,
        reported_at=report.reported_at,
        is_replay=is_replay,
    )
