"""Decision by worker: requests whose facts lie at a remote CRM (DESIGN §5.2)."""

from datetime import datetime
from uuid import UUID


def decide_request(*, request_id: UUID, now: datetime) -> str:
    """Read the CRM, judge, and commit the outcome. Returns the status it has now; a second call changes nothing."""
    raise NotImplementedError
