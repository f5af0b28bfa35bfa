"""Primary keys: time-ordered UUIDs (RFC 9562 §5.7), never reused: a guardian permission cannot outlive its row."""

import uuid
from datetime import datetime

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()


def first_id_at(moment: datetime) -> uuid.UUID:
    """The smallest id that could be made at this moment: where a walk by time begins."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (0x7 << 76) | (0b10 << 62))
