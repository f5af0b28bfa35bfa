"""Migrations run as the role that owns the tables; everything else as one that cannot change the ledger (AUD-01)."""

from collections.abc import Iterator
from contextlib import contextmanager

import dj_database_url
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def acting_as_owner(connection: BaseDatabaseWrapper, owner_url: str) -> Iterator[bool]:
    """Reconnect `connection` as the user of `owner_url`, and back at the end. Yields whether that happened.

    Without an owner, or on another database than the owner's (a test database), nothing changes.
    """
    owner = dj_database_url.parse(owner_url) if owner_url else {}
    if owner.get("NAME") != connection.settings_dict["NAME"]:
        yield False
        return
    usual = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD", "OPTIONS")}
    connection.close()
    # A migration may take longer than any request; its wait for a lock stays limited, so that it cannot block others.
    patient = str(usual["OPTIONS"].get("options", "")) + " -c statement_timeout=0"
    connection.settings_dict.update(
        USER=owner["USER"], PASSWORD=owner["PASSWORD"], OPTIONS=usual["OPTIONS"] | {"options": patient}
    )
    try:
        yield True
    finally:
        connection.close()
        connection.settings_dict.update(usual)
