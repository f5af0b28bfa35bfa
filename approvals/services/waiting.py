"""Waiting for an outcome for a caller who prefers to (RFC 7240 `wait`). Holds no transaction, writes nothing."""

import time
from uuid import UUID

from approvals.domain.status import TERMINAL, Status
from approvals.models import AgentActionRequest

_SETTLED = TERMINAL | {Status.PENDING, Status.HELD, Status.UNKNOWN}
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5


def wait_for_outcome(*, request_id: UUID, seconds: float) -> AgentActionRequest:
    """The request once it needs nothing more from our workers (done, or waiting for a person), or after `seconds`.

    Raises AgentActionRequest.DoesNotExist.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    rows = AgentActionRequest.objects.filter(id=request_id)
    while rows.values_list("status", flat=True).get() not in _SETTLED and time.monotonic() < deadline:
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return rows.select_related("connection").get()
