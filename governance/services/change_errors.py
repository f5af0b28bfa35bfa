"""What keeps a two-person change from its next step. Nothing was changed."""


class ChangeError(ValueError):
    """Base; the words are for people."""

    code = "change_error"


class ChangeReasonMissingError(ChangeError):
    """Proposing, rejecting and withdrawing say why."""

    code = "reason_missing"


class ChangeNotFoundError(ChangeError):
    """No such proposal."""

    code = "change_not_found"


class ChangeDecidedError(ChangeError):
    """Someone decided it already."""

    code = "already_decided"


class ChangeExpiredError(ChangeError):
    """Its time ran out."""

    code = "expired"


class SamePersonError(ChangeError):
    """The second person must be another human, not another account of the first."""

    code = "same_person"


class NotTheProposerError(ChangeError):
    """Only whoever proposed a change withdraws it."""

    code = "not_the_proposer"


class ChangeWaitingError(ChangeError):
    """The same change waits already."""

    code = "change_waiting"
