"""POST to an address that a person typed: never into our own network, never on from where it answers (APR-13)."""

from collections.abc import Mapping

from crm_connectors.adapters.address_guard import AddressRefusedError, ensure_address
from crm_connectors.adapters.guarded_wire import BROKEN, Limits, Wire

LIMITS = Limits(connect_seconds=5.0, read_seconds=5.0, total_seconds=10.0)


class NotDeliveredError(OSError):
    """No answer, or not in time."""

    code = "not_delivered"


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send once and return the status of the answer, whose body is not read. Redirects are not followed.

    Takes ten seconds at the most. Raises AddressRefusedError, NotDeliveredError.
    """
    parts = ensure_address(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    wire = Wire(parts, LIMITS)
    try:
        sent = {**headers, "Connection": "close"}
        return wire.exchange("POST", target, body=body, headers=sent, has_answer_body=False).status
    except AddressRefusedError:
        raise
    except BROKEN as error:
        raise NotDeliveredError(f"no answer: {type(error).__name__}") from error
    finally:
        wire.close()
