"""Execution: one claimed try, with recovery points committed between the connector's calls (DESIGN §5.4)."""

from uuid import UUID


def execute_request(*, request_id: UUID, worker: str) -> str:
    """Try to execute one approved request, once. Returns its status afterwards; safe to call any number of times.

    Never called inside a transaction. The time is read from the database anew at every step.
    """
    raise NotImplementedError
