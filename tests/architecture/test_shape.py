"""The shape of modules and functions: small, explained, thin at the doors."""

import ast
from pathlib import Path

from tests.architecture.source import body_lines, functions, is_door, modules

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_DOOR_LINES = 15
ONE_FILES = {  # a stranger gets each whole: a part of it would be no use
    Path("audit/verifier/countersign_verify.py"),
    Path("audit/verifier/noncontact.py"),
}


def test_every_module_says_what_it_is_for():
    silent = [
        str(path)
        for path, tree in modules().items()
        if ast.get_docstring(tree) is None and not (path.name == "__init__.py" and not tree.body)
    ]
    assert silent == []


def test_no_module_is_longer_than_400_lines():
    lengths = {str(path): tree.body[-1].end_lineno for path, tree in modules().items() if tree.body}
    assert {
        path: lines for path, lines in lengths.items() if lines > MAX_MODULE_LINES and Path(path) not in ONE_FILES
    } == {}


def test_no_function_is_longer_than_50_lines():
    long = {
        f"{path}:{function.name}": lines
        for path, tree in modules().items()
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1 - docstring_lines(function)) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_doors_only_translate():
    """A door's function has at most 15 lines of body: what is more belongs into a service."""
    thick = {
        f"{path}:{function.name}": lines
        for path, tree in modules().items()
        if is_door(path)
        for function in functions(tree)
        if function.name != "add_arguments" and (lines := body_lines(function)) > MAX_DOOR_LINES
    }
    assert thick == {}


def test_there_are_no_drawers_for_everything():
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path) for path in modules() if not drawers.isdisjoint({path.stem, *path.parts})] == []


def docstring_lines(function):
    if ast.get_docstring(function) is None:
        return 0
    first = function.body[0]
    return first.end_lineno - first.lineno + 1
