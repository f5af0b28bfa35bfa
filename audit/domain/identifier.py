"""Primary keys: time-ordered UUIDs (RFC 9562 §5.7), never reused: a guardian permission cannot outlive its row."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()
