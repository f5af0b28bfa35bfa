"""Tables of approvals: requests, votes, attempts, exceptions, reports, notifications, quality … A module a noun."""

from approvals.models.access_review import AccessReview, AccessReviewDecision, AccessReviewRow
from approvals.models.attempt import Attempt
from approvals.models.bad_action import BadActionReport
from approvals.models.batch import RequestBatch
from approvals.models.batch_decision import BatchDecision
from approvals.models.bulk_revert import BulkRevert, BulkRevertItem
from approvals.models.canary import Canary
from approvals.models.contact import ContactAttempt, ContactCertificate, ContactDay, ContactPart
from approvals.models.correction import Correction
from approvals.models.delivery import DeliveryReport
from approvals.models.drift import DriftFinding, DriftMark
from approvals.models.drill import DrillCase, DrillRun
from approvals.models.duty import DutyEntry, ExceptionCalendar
from approvals.models.escalation_note import EscalationNote
from approvals.models.exception_case import CaseRequest, ExceptionCase
from approvals.models.incident import Incident
from approvals.models.ledger_export import ExportPlan, LedgerExport
from approvals.models.ledger_review import LedgerReview, LedgerReviewItem
from approvals.models.ledger_sink import LedgerSink
from approvals.models.notification import (
    Notification,
    NotificationChoice,
    NotificationHours,
    NotificationMail,
)
from approvals.models.quality import QualityAnswer, QualitySample, QualityScore, SampledField
from approvals.models.report_issue import ReportIssue
from approvals.models.report_roll_up import ReportRollUp
from approvals.models.report_tally import ReportTally
from approvals.models.request import AgentActionRequest
from approvals.models.review_desk import Reservation, Snooze
from approvals.models.review_step import Reassessment, ReviewStep, Stranded
from approvals.models.rollback_drill import RollbackDrill, RollbackSchedule
from approvals.models.sampling import FirstDone, SamplingPeriod, SamplingPlan
from approvals.models.standing import StandingApproval
from approvals.models.suggestion import Suggestion
from approvals.models.touched import Touched
from approvals.models.trace_link import TraceLink
from approvals.models.track_record import TrackRecord
from approvals.models.vote import Vote
from approvals.models.webhook import WebhookDelivery, WebhookEndpoint
from approvals.models.written import WrittenField

__all__ = [
    "AccessReview",
    "AccessReviewDecision",
    "AccessReviewRow",
    "AgentActionRequest",
    "Attempt",
    "BadActionReport",
    "BatchDecision",
    "BulkRevert",
    "BulkRevertItem",
    "Canary",
    "CaseRequest",
    "ContactAttempt",
    "ContactCertificate",
    "ContactDay",
    "ContactPart",
    "Correction",
    "DeliveryReport",
    "DriftFinding",
    "DriftMark",
    "DrillCase",
    "DrillRun",
    "DutyEntry",
    "EscalationNote",
    "ExceptionCalendar",
    "ExceptionCase",
    "ExportPlan",
    "FirstDone",
    "Incident",
    "LedgerExport",
    "LedgerReview",
    "LedgerReviewItem",
    "LedgerSink",
    "Notification",
    "NotificationChoice",
    "NotificationHours",
    "NotificationMail",
    "QualityAnswer",
    "QualitySample",
    "QualityScore",
    "Reassessment",
    "ReportIssue",
    "ReportRollUp",
    "ReportTally",
    "RequestBatch",
    "Reservation",
    "ReviewStep",
    "RollbackDrill",
    "RollbackSchedule",
    "SampledField",
    "SamplingPeriod",
    "SamplingPlan",
    "Snooze",
    "StandingApproval",
    "Stranded",
    "Suggestion",
    "Touched",
    "TraceLink",
    "TrackRecord",
    "Vote",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WrittenField",
]
