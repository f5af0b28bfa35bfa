"""Reads the product's source as text and syntax trees, for rules that imports cannot express."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STREET = ("audit", "governance", "crm_connectors", "approvals", "config")  # from the lowest room to the highest
DOORS = ("api", "admin", "views", "mcp", "tasks", "management")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the product (migrations aside), by its path relative to the root."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"), filename=str(path))
        for room in STREET
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Lines of a function's body: without docstring and without the further lines of a literal or keyword call."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    lines = {line for node in statements for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    displays = [node for node in ast.walk(function) if is_display(node)]
    data = {line for node in displays for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)}
    return len(lines - data)


def is_display(node: ast.AST) -> bool:
    """A literal, or a call that names its values: data laid out line by line."""
    is_literal = isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set)
    return is_literal or (isinstance(node, ast.Call) and not node.args and bool(node.keywords))


def is_door(path: Path) -> bool:
    """Whether the module translates between the outside and a service."""
    return len(path.parts) > 1 and (path.parts[1] in DOORS or path.stem in DOORS)


def tracked_files() -> list[Path]:
    """Files under version control, or about to be."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in (ROOT / name for name in names) if path.is_file()]
