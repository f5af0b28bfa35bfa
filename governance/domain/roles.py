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
            "view_requests",
            "review_requests",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "lift_switches",
            "publish_policy",
            "manage_agents",
            "edit_policy",
            "countersign_changes",
            "break_glass",
            "review_access",
            "view_ledger",
        }
    ),
    Role.SALES_OPS: frozenset(
        {
            "add_dnc",
            "view_requests",
            "review_requests",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "break_glass",
        }
    ),
    Role.COMPLIANCE: frozenset(
        {
            "download_exports",
            "add_dnc",
            "manage_dnc",
            "view_requests",
            "review_requests",
            "engage_switches",
            "lift_switches",
            "countersign_changes",
            "break_glass",
            "review_access",
            "view_ledger",
        }
    ),
    Role.SALES_MANAGER: frozenset(
        {
            "add_dnc",
            "view_requests",
            "review_requests",
            "revert_requests",
            "promote_suggestions",
            "engage_switches",
            "break_glass",
        }
    ),
    Role.AUDITOR: frozenset({"view_requests", "view_ledger"}),
    Role.REP: frozenset({"view_own_requests"}),
}

PERMISSIONS: frozenset[str] = frozenset().union(*ROLE_PERMISSIONS.values())

# Who needs the console at all. Auditors read it; reps and managers have the reviewers' pages.
CONSOLE_ROLES = frozenset({Role.REVOPS_ADMIN, Role.SALES_OPS, Role.COMPLIANCE, Role.SALES_MANAGER, Role.AUDITOR})
