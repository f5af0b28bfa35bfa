"""Preview: the decision and the diff of a proposal; commits nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.domain.proposed import Proposed
from governance.domain.decision import Decision
from governance.domain.drift import Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`status` is what a submission would have now. `drift` says where `expected` does not hold."""

    status: str
    decision: Decision
    drift: tuple[Drift, ...]
    is_record_read: bool
    records_touched: int
    fields_touched: int


def preview_request(*, principal: Any, proposal: Proposed, now: datetime) -> Preview:
    """Judge without writing a row. Reads the CRM for remote connectors too. Raises IntakeError subclasses."""
    raise NotImplementedError
