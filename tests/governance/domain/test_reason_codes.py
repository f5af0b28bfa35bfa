"""Every code that the engine can give is written down, and nothing else is."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "reason-codes.md").read_text()
PUBLISHING = (
    "governance/domain/coherence.py",
    "governance/domain/rule_coherence.py",
    "governance/selectors/compilation.py",
)
MAKERS = {"denied": 1, "needs_approval": 1, "passed": None, "CheckResult": 2}


def given_codes():
    """The codes in calls of the makers of check results, read from the source."""
    for path in sorted((ROOT / "governance" / "domain").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            position = (
                MAKERS.get(getattr(getattr(node, "func", None), "id", "")) if isinstance(node, ast.Call) else None
            )
            if position is not None and isinstance(node.args[position], ast.Constant):
                yield node.args[position].value


def documented_codes():
    table, _, _ = DOCUMENT.partition("## Who is spared what")
    return set(re.findall(r"^\| `([a-z_]+)` \| (?!nothing)[a-z_; ]+", table, flags=re.MULTILINE))


def test_codes_and_document_agree():
    outcomes = {"pass", "redirect", "require_approval", "deny", "not_run"}
    given = set(given_codes()) | {"ok", "no_policy"}  # the second comes from intake, when there is no engine to ask
    assert given > {"human_commitment", "check_failed", "redirect_collision", "nothing_to_compare"}
    assert given == documented_codes() - outcomes


def test_publishing_errors_are_documented():
    for path in (
        "governance/domain/budget_coherence.py",
        "governance/domain/coherence.py",
        "governance/domain/provenance_coherence.py",
        "governance/domain/frequency_coherence.py",
        "governance/domain/rule_coherence.py",
        "governance/selectors/compilation.py",
    ):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CompileError":
                assert f"`{node.args[1].value}`" in DOCUMENT
