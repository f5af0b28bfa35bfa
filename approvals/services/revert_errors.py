"""Why a request was not taken back. Translated to HTTP at the doors alone."""

from approvals.domain.three_way import ThreeWay


class RevertError(Exception):
    """Base. `code` is stable; `http_status` what a door answers."""

    code = "revert_error"
    http_status = 409


class RequestNotFoundError(RevertError):
    code = "not_found"
    http_status = 404


class RevertDeniedError(RevertError):
    """The login may not revert in this workspace."""

    code = "not_allowed"
    http_status = 403


class NotRevertibleError(RevertError):
    """It was not executed, or was taken back already."""

    code = "not_revertible"


class IrreversibleError(RevertError):
    """The provider cannot undo this action."""

    code = "irreversible"


class NothingToRevertError(RevertError):
    """No field is left, or the record is gone."""

    code = "nothing_to_revert"


class RevertExistsError(RevertError):
    """One live revert per request."""

    code = "revert_exists"


class RevertUnavailableError(RevertError):
    """The CRM cannot be read now."""

    code = "crm_unavailable"
    http_status = 503


class RevertConflictError(RevertError):
    """Someone else wrote since. `fields` are all three-way rows."""

    code = "revert_conflict"

    def __init__(self, message: str, *, fields: tuple[ThreeWay, ...]) -> None:
        super().__init__(message)
        self.fields = fields
