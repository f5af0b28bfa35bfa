"""Pages that let in who holds rights for single agents keep to these agents, or ask a service that does (IDN-07)."""

import ast
from collections.abc import Iterator
from pathlib import Path

VIEWS = Path("approvals/views")
_KEEPS = {"agents", "narrow"}  # of the desk
_OF_ONESELF = {"choose", "end_stand_in", "leave", "notifications", "out_of_office", "revoke_own"}
"""Pages of a member that show nothing but what is their own."""


def _list_doors() -> Iterator[tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]]:
    for path in sorted(VIEWS.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for function in functions.values():
            if any(_is_of_agents(item) for item in function.decorator_list):
                yield path.stem, function, functions


def _is_of_agents(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):
        return any(item.arg == "of_agents" for item in decorator.keywords)
    return isinstance(decorator, ast.Name) and decorator.id == "member_view"


def _keeps(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], depth: int = 2) -> bool:
    """Whether it, or what it calls in its module, reads the desk's agents or names the login to a service."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in _KEEPS and ast.unparse(node.value) == "desk":
            return True
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "desk.user.pk":
            return True
        called = functions.get(node.id) if isinstance(node, ast.Name) else None
        if called is not None and called is not function and depth and _keeps(called, functions, depth - 1):
            return True
    return False


def test_every_page_for_single_agents_keeps_to_them():
    doors = list(_list_doors())
    loose = [f"{module}.{function.name}" for module, function, all_ in doors if not _keeps(function, all_)]
    assert len(doors) > 25
    assert [name for name in loose if name.split(".")[1] not in _OF_ONESELF] == []
