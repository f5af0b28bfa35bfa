"""Why a suggestion was not promoted or dismissed. Translated to words at the doors alone."""


class PromotionError(Exception):
    """Base. `code` is stable; `http_status` what a door answers."""

    code = "promotion_error"
    http_status = 409


class SuggestionNotFoundError(PromotionError):
    code = "not_found"
    http_status = 404


class PromotionDeniedError(PromotionError):
    """The login may not promote in this workspace."""

    code = "not_allowed"
    http_status = 403


class SuggestionSettledError(PromotionError):
    """Somebody was first, or the agent wrote something else since."""

    code = "suggestion_settled"


class PromotionUnderWayError(PromotionError):
    """One live promotion of a suggestion."""

    code = "promotion_under_way"


class PromotionUnavailableError(PromotionError):
    """The CRM cannot be read now, or the record is gone."""

    code = "crm_unavailable"
    http_status = 503


class ReasonMissingError(PromotionError):
    code = "reason_missing"
    http_status = 400
