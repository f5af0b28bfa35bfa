"""Roles of people and what each may do in a workspace: least privilege, one table (IDN-07)."""

from enum import StrEnum


class Role(StrEnum):
    REVOPS_ADMIN = "revops_admin"
    SALES_OPS = "sales_ops"
    COMPLIANCE = "compliance"
    SALES_MANAGER = "sales_manager"
    AUDITOR = "auditor"
    REP = "rep"


# Permissions of `governance.models.workspace.Workspace`. A rep sees what touches their own records,
# never the whole workspace.
ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.REVOPS_ADMIN: frozenset(
        {
            "download_exports",
            "add_dnc",
            "view_quality",
            "score_quality",
            "view_requests",
            "review_requests",
            "report_bad_actions",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "handle_exceptions",
            "lift_switches",
            "publish_policy",
            "manage_agents",
            "edit_policy",
            "countersign_changes",
            "break_glass",
            "review_access",
            "view_ledger",
            "view_reports",
        }
    ),
    # Runs the daily mechanics (S0 RACI: responsible for the read and write policy, fields, stages and their owners):
    # drafts policy, which RevOps publishes. Not accountable: neither publishes nor gives anybody rights or credentials.
    Role.SALES_OPS: frozenset(
        {
            "edit_policy",
            "add_dnc",
            "view_quality",
            "score_quality",
            "view_requests",
            "review_requests",
            "report_bad_actions",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "handle_exceptions",
            "break_glass",
            "view_reports",
        }
    ),
    Role.COMPLIANCE: frozenset(
        {
            "download_exports",
            "add_dnc",
            "manage_dnc",
            "view_quality",
            "score_quality",
            "view_requests",
            "report_bad_actions",
            "review_requests",
            "engage_switches",
            "handle_exceptions",
            "lift_switches",
            "countersign_changes",
            "break_glass",
            "review_access",
            "view_ledger",
            "view_reports",
        }
    ),
    Role.SALES_MANAGER: frozenset(
        {
            "add_dnc",
            "view_quality",
            "score_quality",
            "view_requests",
            "review_requests",
            "report_bad_actions",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "handle_exceptions",
            "break_glass",
            "view_reports",
        }
    ),
    Role.AUDITOR: frozenset({"view_requests", "view_quality", "view_ledger", "view_reports"}),
    Role.REP: frozenset({"report_bad_actions", "view_own_requests"}),
}

PERMISSIONS: frozenset[str] = frozenset().union(*ROLE_PERMISSIONS.values())

# Who needs the console at all. Auditors read it; reps and managers have the reviewers' pages.
CONSOLE_ROLES = frozenset({Role.REVOPS_ADMIN, Role.SALES_OPS, Role.COMPLIANCE, Role.SALES_MANAGER, Role.AUDITOR})
