"""Triggers on do-not-contact entries: no DELETE, and one UPDATE alone, the removal that two people applied (DNC-06)."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "governance_dncentry"
TRIGGER = "governance_dncentry_guard"
FIXED = (
    *("id", "workspace_id", "kind", "brand", "digest", "value", "reason", "source", "proof_id", "parent_id"),
    *("import_id", "effective_from", "effective_until", "added_by", "added_at"),
)

_APPLIED = (
    "EXISTS (SELECT 1 FROM governance_changeproposal p WHERE p.id = NEW.removal_id AND p.kind = 'dnc.remove'"
    " AND p.status = 'applied' AND p.workspace_id = OLD.workspace_id)"
)
_POSTGRESQL = (
    f"""
    CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'UPDATE' THEN
            RAISE EXCEPTION 'do-not-contact entries are never deleted' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF OLD.removed_at IS NOT NULL OR {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED)}
           OR NOT {_APPLIED} THEN
            RAISE EXCEPTION 'a do-not-contact entry ends by two people alone' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,  # names of our own columns
    f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()",
    f"CREATE TRIGGER {TRIGGER}_all BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()",
)
# SQLite renames tables while migrations rebuild them, and would stumble over a trigger that names another one.
_SQLITE = (
    f"""CREATE TRIGGER {TRIGGER}_delete BEFORE DELETE ON {TABLE} FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'do-not-contact entries are never deleted'); END""",
    f"""CREATE TRIGGER {TRIGGER}_update BEFORE UPDATE ON {TABLE} FOR EACH ROW
    WHEN OLD.removed_at IS NOT NULL OR NEW.removal_id IS NULL
      OR {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)}
    BEGIN SELECT RAISE(ABORT, 'a do-not-contact entry ends by two people alone'); END""",
    f"""CREATE TRIGGER {TRIGGER}_replace BEFORE INSERT ON {TABLE} FOR EACH ROW
    WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'do-not-contact entries are never replaced'); END""",  # noqa: S608  # our own table
)


def install_dnc_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def remove_dnc_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER {TRIGGER} ON {TABLE}")
            cursor.execute(f"DROP TRIGGER {TRIGGER}_all ON {TABLE}")
            cursor.execute(f"DROP FUNCTION {TRIGGER}()")
            return
        for name in ("delete", "update", "replace"):
            cursor.execute(f"DROP TRIGGER {TRIGGER}_{name}")
