"""What mutation testing judges: modules that exist, and no line of theirs exempt."""

from tests.architecture.source import ROOT, STREET
from tests.mutation import mutated_modules


def test_the_modules_that_decide_are_mutated_each_once():
    found = mutated_modules()
    assert {f"governance.domain.{name}" for name in ("engine", "budget_claims", "dnc_checks", "dnc_key")} <= set(found)
    assert len(found) == len(set(found))


def test_no_line_is_exempt():
    exempt = "pragma: no " + "mutate"
    assert [path for room in STREET for path in (ROOT / room).rglob("*.py") if exempt in path.read_text("utf-8")] == []
