"""The check on what an export would take out of the house: granted fields alone, and not too many rows."""

import json

from governance.domain.case import Case
from governance.domain.check_result import denied, passed
from governance.domain.decision import CheckResult
from governance.domain.facts import JsonValue
from governance.domain.vocabulary import Action, PermissionLevel

_NOTHING = passed("export", "nothing is exported")
_GRANTED = passed("export", "the agent may read every field that is exported")
_NO_FIELDS = denied("export", "export_not_granted", "the export names no fields")


def check_export(case: Case) -> CheckResult:
    """PRM-03, attack case 103: what an agent may not read in clear leaves neither as a column nor through a filter."""
    if case.request.action != Action.EXPORT:
        return _NOTHING
    changes = case.request.changes
    names = [*_columns(changes.get("fields")), *_filtered(changes.get("filters"))]
    if not names:
        return _NO_FIELDS
    readable = _readable(case)
    for name in names:
        if name not in readable:
            return denied("export", "export_not_granted", f"no grant lets the agent read `{name}` in clear", name)
    limit, most = changes.get("row_limit"), case.rule.max_rows if case.rule is not None else 0
    if type(limit) is not int or not 1 <= limit <= most:
        return denied("export", "export_too_large", f"an export holds 1 to {most} rows")
    return _GRANTED


def _columns(value: JsonValue) -> list[str]:
    return value.split(", ") if isinstance(value, str) and value else []


def _filtered(value: JsonValue) -> list[str]:
    """Raises for what is no JSON object: then the check fails, and denies."""
    return list(dict(json.loads(value))) if value else []


def _readable(case: Case) -> set[str]:
    """Fields of the exported object that reading or searching is granted for, without what reads as masked."""
    connection, target = case.facts.connection, case.request.target_object
    entry = case.index.objects.get((connection.name, target))
    if case.agent is None or entry is None or case.request.changes.get("object") != target:
        return set()
    granted: set[str] = set()
    for action in (Action.READ, Action.SEARCH):
        grant = case.index.grants.get((case.agent.name, connection.name, connection.environment, target, action))
        granted |= grant.read_fields if grant is not None else frozenset()
    rules = (entry.fields[name] for name in granted & entry.fields.keys())
    return {rule.field for rule in rules if not rule.is_sensitive and rule.permission_level != PermissionLevel.BLOCKED}
