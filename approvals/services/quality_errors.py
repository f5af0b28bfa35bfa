"""What reserving and scoring a sample may answer besides success."""


class QualityError(ValueError):
    """Base. `code` is stable, the message in plain words."""

    code = "quality_refused"


class SampleNotFoundError(QualityError):
    """There is no such sample here."""

    code = "sample_not_found"


class NotTheirsToScoreError(QualityError):
    """The person approved this one, owns its agent, or it was done in their name."""

    code = "not_yours_to_score"


class SampleReservedError(QualityError):
    """Somebody else has it before them."""

    code = "sample_reserved"


class AlreadyScoredError(QualityError):
    """A score is never changed."""

    code = "already_scored"


class WrongFieldError(QualityError):
    """A field was marked as wrong that the request did not write, or none where its data are wrong."""

    code = "wrong_field"
