"""What the demo counts as stopped."""

from config.demo.counts import STOPPED
from governance.domain import engine


def test_every_switch_that_policy_checks_counts():
    """KIL-01: a new kind of switch is not forgotten."""
    tables = [table for table in vars(engine).values() if isinstance(table, tuple)]
    names = {row[0] for table in tables for row in table if isinstance(row, tuple)}
    assert {name for name in names if str(name).startswith("switch_")} == STOPPED
