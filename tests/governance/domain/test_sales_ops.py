"""Sales ops runs the daily mechanics: drafts policy, works on exceptions, stops agents; RevOps answers (IDN-07)."""

from governance.domain.roles import ROLE_PERMISSIONS, Role

OPS, REVOPS = ROLE_PERMISSIONS[Role.SALES_OPS], ROLE_PERMISSIONS[Role.REVOPS_ADMIN]


def test_sales_ops_does_what_the_sources_make_it_responsible_for():
    """S0 RACI: read and write policy, fields and stages, exceptions, rollback and kill switch."""
    assert {"edit_policy", "handle_exceptions", "revert_requests", "engage_switches", "review_requests"} <= OPS


def test_sales_ops_answers_for_nothing_and_gives_nobody_rights():
    accountable = {"publish_policy", "manage_agents", "lift_switches", "countersign_changes", "review_access"}
    assert accountable <= REVOPS
    assert accountable.isdisjoint(OPS)
    assert OPS < REVOPS
