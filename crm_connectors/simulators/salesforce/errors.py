"""What the org refuses: one error type that knows its single-record shape and its shape inside collections."""

from typing import Any


class ApiError(Exception):
    """One refusal. `code` is `errorCode` in single answers and `statusCode` inside collections."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.more = more

    def as_body(self) -> list[dict[str, Any]]:
        """The array that single-record calls answer with."""
        return [{"message": self.message, "errorCode": self.code, "fields": list(self.fields), **self.more}]

    def as_item(self) -> dict[str, Any]:
        """One row of a collection's answer."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields), **self.more}
        return {"success": False, "errors": [error]}


class AmbiguousKeyError(Exception):
    """Several records carry this external id: HTTP 300 with their addresses."""

    def __init__(self, object_name: str, ids: list[str]) -> None:
        super().__init__(object_name)
        self.object_name = object_name
        self.ids = ids


def invalid_field(name: str, object_name: str) -> ApiError:
    """Also what a field gives that this user may not see."""
    return ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {object_name}")


def not_found() -> ApiError:
    """Nothing lies here."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def is_deleted() -> ApiError:
    """The record lies in the recycle bin, from where this API brings nothing back."""
    return ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
