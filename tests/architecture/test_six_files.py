"""The map that a stranger walks by (docs/architecture.md) names what is there, and says what it leaves out."""

import ast
import re

from tests.architecture.source import ROOT, modules

SERVICES = "approvals.services."
HEADING = "## One request, in six files"


def chapter() -> str:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    return text.split(HEADING)[1].split("\n## ")[0]


def six() -> list[tuple[str, str]]:
    """Each file with the name that its row begins at."""
    return re.findall(r"^\| \d `([\w/]+\.py)`, `(\w+)", chapter(), flags=re.MULTILINE)


def tree_of(path: str) -> ast.Module:
    return next(tree for module, tree in modules().items() if str(module) == path)


def test_there_are_six_and_each_defines_what_its_row_begins_at():
    assert len(six()) == 6
    for path, name in six():
        defined = {node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert name in defined, f"{path} has no `{name}`"


def test_each_says_in_its_head_that_it_is_one_of_the_six():
    for path, _name in six():
        head = ast.get_docstring(tree_of(path)) or ""
        is_told = "six files" in head or path == "governance/domain/engine.py"  # pure: it knows nobody above it
        assert is_told, path


def test_every_service_that_the_six_call_is_among_them_or_told_of_as_left_out():
    told = set(re.findall(r"(\w+)\.py", chapter()))
    called = {
        node.module.removeprefix(SERVICES)
        for path, _name in six()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(SERVICES)
    }
    assert called - told == {"cancel"}  # another door's verb, in the first file by neighbourhood


def test_every_file_that_the_chapter_names_exists():
    names = {module.name for module in modules()}
    assert {f"{name}.py" for name in re.findall(r"(\w+)\.py", chapter())} <= names
