"""Tables of crm_connectors. Other rooms never import them: ids and values cross, rows stay."""

from crm_connectors.models.connection_gate import ConnectionGate
from crm_connectors.models.connection_secret import ConnectionSecret
from crm_connectors.models.embedded_record import AppliedOperation, CrmFieldChange, CrmRecord
from crm_connectors.models.embedded_schema import CrmField, CrmObject
from crm_connectors.models.endpoint import ConnectionEndpoint
from crm_connectors.models.observation import ChangeWatch, ObservedChange, RecordNews
from crm_connectors.models.received_opt_out import ReceivedOptOut
from crm_connectors.models.record_kinds import (
    Company,
    Contact,
    Deal,
    DialerEntry,
    Draft,
    Email,
    Export,
    Lead,
    Meeting,
    Note,
    QueueItem,
    Sequence,
    SequenceEnrolment,
    Task,
)
from crm_connectors.models.sandbox_copy import SandboxCopy

__all__ = [
    "AppliedOperation",
    "ChangeWatch",
    "Company",
    "ConnectionEndpoint",
    "ConnectionGate",
    "ConnectionSecret",
    "Contact",
    "CrmField",
    "CrmFieldChange",
    "CrmObject",
    "CrmRecord",
    "Deal",
    "DialerEntry",
    "Draft",
    "Email",
    "Export",
    "Lead",
    "Meeting",
    "Note",
    "ObservedChange",
    "QueueItem",
    "ReceivedOptOut",
    "RecordNews",
    "SandboxCopy",
    "Sequence",
    "SequenceEnrolment",
    "Task",
]
