"""Triggers on two-person changes: what was proposed and decided never changes, in both databases."""

from django.db.backends.base.base import BaseDatabaseWrapper

_PROPOSAL, _DECISION = "governance_changeproposal", "governance_changedecision"
_FIXED = (
    "workspace_id",
    "kind",
    "subject",
    "payload",
    "digest",
    "reason",
    "proposed_by_id",
    "created_at",
    "expires_at",
)
_ENDED = "OLD.status <> 'waiting'"


def install_change_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def remove_change_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    for statement in _POSTGRESQL_REVERSE if connection.vendor == "postgresql" else _SQLITE_REVERSE:
        with connection.cursor() as cursor:
            cursor.execute(statement)


_POSTGRESQL = (
    f"""
    CREATE FUNCTION governance_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'UPDATE' OR {_ENDED}
            OR {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _FIXED)} THEN
            RAISE EXCEPTION 'what was proposed and decided never changes' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE TRIGGER change_guard BEFORE UPDATE OR DELETE ON {_PROPOSAL}
    FOR EACH ROW EXECUTE FUNCTION governance_guard_change()
    """,
    """
    CREATE FUNCTION governance_guard_change_decision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was proposed and decided never changes' USING ERRCODE = 'check_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER change_decision_guard BEFORE UPDATE OR DELETE ON {_DECISION}
    FOR EACH ROW EXECUTE FUNCTION governance_guard_change_decision()
    """,
)
_POSTGRESQL_REVERSE = (
    f"DROP TRIGGER IF EXISTS change_guard ON {_PROPOSAL}",
    f"DROP TRIGGER IF EXISTS change_decision_guard ON {_DECISION}",
    "DROP FUNCTION IF EXISTS governance_guard_change()",
    "DROP FUNCTION IF EXISTS governance_guard_change_decision()",
)
_ABORT = "BEGIN SELECT RAISE(ABORT, 'what was proposed and decided never changes'); END"
_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _FIXED)
# A REPLACE deletes the old row without firing a DELETE trigger.
_REPLACED = f"EXISTS (SELECT 1 FROM {_PROPOSAL} WHERE id = NEW.id)"  # noqa: S608 - constants of this module
_DECIDED = f"""
    EXISTS (
        SELECT 1 FROM {_DECISION}
        WHERE id = NEW.id OR (proposal_id = NEW.proposal_id AND person_id = NEW.person_id)
    )
"""  # noqa: S608 - constants of this module


def _sqlite_trigger(name: str, event: str, table: str, condition: str = "1") -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} {_ABORT}"


_SQLITE = (
    _sqlite_trigger("change_guard_update", "UPDATE", _PROPOSAL, f"{_ENDED} OR {_CHANGED}"),
    _sqlite_trigger("change_guard_delete", "DELETE", _PROPOSAL),
    _sqlite_trigger("change_guard_replace", "INSERT", _PROPOSAL, _REPLACED),
    _sqlite_trigger("change_decision_guard_update", "UPDATE", _DECISION),
    _sqlite_trigger("change_decision_guard_delete", "DELETE", _DECISION),
    _sqlite_trigger("change_decision_guard_replace", "INSERT", _DECISION, _DECIDED),
)
_SQLITE_REVERSE = tuple(
    f"DROP TRIGGER IF EXISTS {name}_{event}"
    for name in ("change_guard", "change_decision_guard")
    for event in ("update", "delete", "replace")
)
