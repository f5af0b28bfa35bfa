"""The console's tables of approvals: read-only, whatever a person's permissions say, but for RevOps' own drill cases,
the rota and clocks of exceptions, the sampling plan, the stops, and where webhooks go.

Decisions are made on the pages of the inbox.
"""

from approvals.admin.attempts import AttemptAdmin
from approvals.admin.drills import DrillCaseAdmin
from approvals.admin.duty import DutyEntryAdmin, ExceptionCalendarAdmin
from approvals.admin.exceptions import BadActionReportAdmin, ExceptionCaseAdmin, IncidentAdmin
from approvals.admin.notification_mails import NotificationMailAdmin
from approvals.admin.requests import AgentActionRequestAdmin
from approvals.admin.sampling import SamplingPlanAdmin
from approvals.admin.switches import StopAdmin
from approvals.admin.votes import VoteAdmin
from approvals.admin.webhooks import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "AgentActionRequestAdmin",
    "AttemptAdmin",
    "BadActionReportAdmin",
    "DrillCaseAdmin",
    "DutyEntryAdmin",
    "ExceptionCalendarAdmin",
    "ExceptionCaseAdmin",
    "IncidentAdmin",
    "NotificationMailAdmin",
    "SamplingPlanAdmin",
    "StopAdmin",
    "VoteAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
