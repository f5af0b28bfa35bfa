"""Rights of the run-time role on PostgreSQL: it may add to the ledger and read it, never change it.

Triggers refuse changes to everyone; the rights keep the run-time role from dropping or disabling those triggers,
because the tables belong to the role that migrates (setting DATABASE_OWNER_URL). Run after every migration.
"""

import psycopg
from psycopg import sql

INSERT_ONLY = ("audit_ledgerevent", "audit_ledgerleaf", "audit_tile", "audit_checkpoint")
INSERT_AND_DELETE = ("audit_pendingevent", "audit_erasablevalues")


class ProtectionError(RuntimeError):
    """The run-time role cannot be bound: it is a superuser, owns the ledger, or is the owner role itself."""

    code = "ledger_not_protected"


def protect_ledger(*, owner_url: str, role: str) -> None:
    """Give `role` what the product needs of the owner's tables and no more than SELECT and INSERT on the ledger.

    Connects as the owner; commits one transaction, and nothing when it raises. Raises ProtectionError, psycopg.Error.
    """
    with psycopg.connect(owner_url) as connection:
        _check_role(connection, role)
        name = sql.Identifier(role)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        connection.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name)
        )
        connection.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name))
        for table in INSERT_ONLY:
            _narrow(connection, table, name, "SELECT, INSERT")
        for table in INSERT_AND_DELETE:
            _narrow(connection, table, name, "SELECT, INSERT, DELETE")


def _narrow(connection: psycopg.Connection, table: str, role: sql.Identifier, rights: str) -> None:
    at = sql.Identifier(table)
    connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(at, role))
    connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), at, role))


def _check_role(connection: psycopg.Connection, role: str) -> None:
    """Rights bind neither a superuser nor an owner, nor whoever can become one of them."""
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if row is None:
        raise ProtectionError(f"there is no role `{role}`")
    if row[0]:
        raise ProtectionError(f"role `{role}` is a superuser: no right binds it")
    owners = connection.execute(
        "SELECT tablename FROM pg_tables WHERE tablename = ANY(%s) AND pg_has_role(%s, tableowner, 'MEMBER')",
        [[*INSERT_ONLY, *INSERT_AND_DELETE], role],
    ).fetchall()
    if owners:
        raise ProtectionError(f"role `{role}` owns `{owners[0][0]}`: run the migrations as another role")
