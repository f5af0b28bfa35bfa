"""Triggers on requests, generated from the one table of transitions: integrity that no code path can forget."""

from django.db.backends.base.base import BaseDatabaseWrapper

from approvals.domain.status import TRANSITIONS

TABLE = "approvals_agentactionrequest"
TRIGGER = "approvals_request_guard"

IMMUTABLE = (
    "workspace_id",
    "connection_id",
    "actor_type",
    "agent_id",
    "person_id",
    "reverses_id",
    "idempotency_key",
    "fingerprint",
    "correlation_id",
    "action",
    "object_type",
    "record_id",
    "target_object",
    "target_id",
    "body",
    "created_at",
)
"""Columns that hold what was accepted. They never change."""


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER} ON {TABLE}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {TRIGGER}()")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER}_status")
            cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER}_columns")
            cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER}_counts")


_PAIRS = ", ".join(f"'{old}>{new}'" for old, new in sorted(TRANSITIONS))
_FALLS = "NEW.epoch < OLD.epoch OR NEW.attempts_count < OLD.attempts_count"
_ILLEGAL = f"OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ({_PAIRS})"

_POSTGRESQL = (
    f"""
    CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_ILLEGAL} THEN
            RAISE EXCEPTION 'illegal transition from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in IMMUTABLE)} THEN
            RAISE EXCEPTION 'what was accepted never changes' USING ERRCODE = 'check_violation';
        END IF;
        IF {_FALLS} THEN
            RAISE EXCEPTION 'epoch and attempts never fall' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()",
)

_SQLITE = (
    f"""
    CREATE TRIGGER {TRIGGER}_status BEFORE UPDATE OF status ON {TABLE} FOR EACH ROW WHEN {_ILLEGAL}
    BEGIN SELECT RAISE(ABORT, 'illegal transition'); END
    """,
    f"""
    CREATE TRIGGER {TRIGGER}_columns BEFORE UPDATE OF {", ".join(IMMUTABLE)} ON {TABLE} FOR EACH ROW
    WHEN {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in IMMUTABLE)}
    BEGIN SELECT RAISE(ABORT, 'what was accepted never changes'); END
    """,
    f"""
    CREATE TRIGGER {TRIGGER}_counts BEFORE UPDATE OF epoch, attempts_count ON {TABLE} FOR EACH ROW WHEN {_FALLS}
    BEGIN SELECT RAISE(ABORT, 'epoch and attempts never fall'); END
    """,
)
