"""What cannot be accepted as a request. Translated to HTTP at the doors alone."""


class IntakeError(Exception):
    """Base of what cannot be accepted as a request. `code` is stable; `http_status` what the API answers."""

    code = "intake_error"
    http_status = 422


class UnknownConnectionError(IntakeError):
    code = "unknown_connection"


class UnknownPropertyError(IntakeError):
    """An object or field that the registry does not know. `names` are the offending `object` or `object.field`."""

    code = "unknown_property"

    def __init__(self, message: str, *, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


class IdempotencyKeyReusedError(IntakeError):
    """The key belongs to another body."""

    code = "idempotency_key_reused"


class RequestInFlightError(IntakeError):
    """The same key is being accepted at this moment."""

    code = "request_in_flight"
    http_status = 409


class PendingLimitError(IntakeError):
    """The agent has as many requests waiting as it may (approval flooding)."""

    code = "pending_limit"
    http_status = 429
