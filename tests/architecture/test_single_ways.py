"""One writer of a request's status, one creator of ledger events, no signals: one way for each thing."""

import ast
from pathlib import Path

from tests.architecture.source import modules

STATUS_WRITER = Path("approvals/services/transition.py")
EVENT_CREATORS = {Path("audit/services/append.py"), Path("audit/services/spool.py")}  # the spool imports what it kept


def test_only_the_transition_service_writes_the_status_of_a_request():
    """No `update(status=…)` elsewhere in approvals, no assignment to `.status` (HTTP answers have one: the API's)."""
    writers = {
        str(path)
        for path, tree in modules().items()
        if path.parts[0] == "approvals" and writes_status(tree, is_api="api" in path.parts)
    }
    assert writers - {str(STATUS_WRITER)} == set()


def test_only_the_append_service_creates_ledger_events():
    creators = {path for path, tree in modules().items() if creates(tree, "LedgerEvent")}
    assert creators - EVENT_CREATORS == set()


def test_nothing_listens_to_signals():
    """News travels through rows and calls: what happens is readable where it happens."""
    listeners = {str(path): names for path, tree in modules().items() if (names := signal_names(tree))}
    assert listeners == {}


def writes_status(tree, *, is_api):
    return any(is_status_update(node) or (is_status_assignment(node) and not is_api) for node in ast.walk(tree))


def is_status_assignment(node):
    match node:
        case ast.Assign(targets=targets):
            pass
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            targets = [target]
        case _:
            return False
    return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)


def is_status_update(node):
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    is_update = node.func.attr in {"update", "bulk_update", "update_or_create"}
    return is_update and any(keyword.arg == "status" for keyword in node.keywords)


def creates(tree, model):
    return any(is_creation(node, model) for node in ast.walk(tree))


def is_creation(node, model):
    """`Model(…)`, `Model.objects.create(…)`, `insert_rows(Model, …)` and their relatives."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        inserts = node.func.id == "insert_rows" and node.args and getattr(node.args[0], "id", "") == model
        return node.func.id == model or bool(inserts)
    is_create = getattr(node.func, "attr", "") in {"create", "bulk_create", "get_or_create", "update_or_create"}
    return is_create and ast.unparse(node.func).startswith(f"{model}.objects")


def signal_names(tree):
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    sources = [node for node in imports if node.module == "django.dispatch" or (node.module or "").endswith("signals")]
    return sorted(alias.name for node in sources for alias in node.names)
