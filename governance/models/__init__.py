"""Tables of governance: who there is, what is allowed, what is stopped. One module per noun."""

from governance.models.agent import Agent, AgentVersion
from governance.models.anomaly import AgentBaseline, AgentHabit, Anomaly
from governance.models.backtest import PolicyBacktest
from governance.models.break_glass import BreakGlass
from governance.models.breaker import Breaker, BreakerState
from governance.models.budget import Budget, BudgetCounter
from governance.models.change import ChangeDecision, ChangeProposal
from governance.models.connection import Connection
from governance.models.credential import Credential
from governance.models.delegation import Delegation
from governance.models.dnc import DncEntry, DncProof, DncStore
from governance.models.dnc_import import DncImport, DncImportError, DncStagedRow
from governance.models.dnc_submission import DncSubmission
from governance.models.evidence import ControlEvidence
from governance.models.frequency import FrequencyCap
from governance.models.golden import GoldenCase
from governance.models.grant import Grant
from governance.models.integration import Integration
from governance.models.inventory import System, WritePath
from governance.models.ledger_standing import LedgerStanding
from governance.models.matrix import FieldOwnership
from governance.models.people import ApproverGroup, Membership, Person, User
from governance.models.policy import PolicyVersion
from governance.models.provenance import ProvenanceFields
from governance.models.refused_login import RefusedLogin
from governance.models.registry import RegisteredField, RevenueField, StageRequirement, StageTransition
from governance.models.release import PolicyRelease
from governance.models.retention import LegalHold, RetentionRule
from governance.models.rule import LawfulBasis, Rule, RuleList, RuleTally, RuleTallyMark
from governance.models.schema_sync import SchemaSync
from governance.models.secret_keeper import SecretKeeper
from governance.models.shadow import ShadowDifference, ShadowRun
from governance.models.stand_in import StandIn
from governance.models.switch import KillSwitch
from governance.models.table_import import TableImport
from governance.models.tier import ActionTier
from governance.models.touch import Touch, TouchKey
from governance.models.workspace import Workspace

__all__ = [
    "ActionTier",
    "Agent",
    "AgentBaseline",
    "AgentHabit",
    "AgentVersion",
    "Anomaly",
    "ApproverGroup",
    "BreakGlass",
    "Breaker",
    "BreakerState",
    "Budget",
    "BudgetCounter",
    "ChangeDecision",
    "ChangeProposal",
    "Connection",
    "ControlEvidence",
    "Credential",
    "Delegation",
    "DncEntry",
    "DncImport",
    "DncImportError",
    "DncProof",
    "DncStagedRow",
    "DncStore",
    "DncSubmission",
    "FieldOwnership",
    "FrequencyCap",
    "GoldenCase",
    "Grant",
    "Integration",
    "KillSwitch",
    "LawfulBasis",
    "LedgerStanding",
    "LegalHold",
    "Membership",
    "Person",
    "PolicyBacktest",
    "PolicyRelease",
    "PolicyVersion",
    "ProvenanceFields",
    "RefusedLogin",
    "RegisteredField",
    "RetentionRule",
    "RevenueField",
    "Rule",
    "RuleList",
    "RuleTally",
    "RuleTallyMark",
    "SchemaSync",
    "SecretKeeper",
    "ShadowDifference",
    "ShadowRun",
    "StageRequirement",
    "StageTransition",
    "StandIn",
    "System",
    "TableImport",
    "Touch",
    "TouchKey",
    "User",
    "Workspace",
    "WritePath",
]
