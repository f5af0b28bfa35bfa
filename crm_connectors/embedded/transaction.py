"""The embedded CRM's own transaction, and what a database failure inside it means to the caller."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, transaction

from crm_connectors.port import AmbiguousError, TransientError


@contextmanager
def open_transaction() -> Iterator[None]:
    """One durable transaction: it refuses to be part of the caller's, so that a receipt is never given for a write
    which could still be rolled back.

    Raises TransientError when the database failed before the commit (nothing was applied) and AmbiguousError when it
    failed at the commit itself, whose outcome only the next read can tell.
    """
    is_body_done = False
    try:
        with transaction.atomic(durable=True):
            yield
            is_body_done = True
    except (OperationalError, InterfaceError) as error:
        if is_body_done:
            raise AmbiguousError("the database did not confirm the commit") from error
        raise TransientError("the database could not take the write") from error
