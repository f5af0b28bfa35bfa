"""The pages of quality: what waits to be scored, and one sample with everything that a scorer looks at (QAS-02)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.sampling import REASON_WORDS
from approvals.domain.scorecard import SCORECARD_VERSION, Question, find_question, list_questions
from approvals.domain.shown_value import ShownValue
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import duration_words
from approvals.models import QualityAnswer, QualitySample, SampledField
from approvals.selectors.quality import may_score
from approvals.services.pages.labels import fields_of, label_of, show_option
from approvals.services.pages.records import RecordNow, read_records
from approvals.services.pages.review import Subject, show_subject
from approvals.services.pages.rows import request_words


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One line of the queue. `holder` is who has it before them now, empty when nobody has."""

    sample: QualitySample
    words: str
    reasons: tuple[str, ...]
    age: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNow:
    """One written field: what the agent wrote, and what the CRM holds at this moment."""

    field: str
    label: str
    written: ShownValue
    now: ShownValue | None
    is_same: bool
    is_wrong: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAnswer:
    words: str
    dimension: str
    verdict: str
    note: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePage:
    """`obstacle` says why this person cannot score it, empty when they can; `answers` what was scored."""

    sample: QualitySample
    subject: Subject
    questions: tuple[Question, ...]
    fields: tuple[FieldNow, ...]
    reasons: tuple[str, ...]
    age: str
    obstacle: str
    answers: tuple[ShownAnswer, ...]


def show_samples(rows: Sequence[QualitySample], *, now: datetime) -> tuple[SampleRow, ...]:
    """The queue's lines. Asks local CRMs alone for the records' names."""
    records = read_records([row.request for row in rows], is_local_only=True)
    return tuple(_row(row, records.get(row.request_id, RecordNow()), now) for row in rows)


def show_sample(sample: QualitySample, *, person_id: UUID | None, now: datetime) -> SamplePage:
    """One sample as this person sees it. Reads the CRM, so never inside a transaction."""
    subject = show_subject(sample.request)
    score = getattr(sample, "score", None)
    version = score.version if score is not None else SCORECARD_VERSION
    request = sample.request
    return SamplePage(
        sample=sample,
        subject=subject,
        questions=list_questions(action=request.action, object_type=request.object_type, version=version),
        fields=_fields(sample, subject.record),
        reasons=reason_words(sample.reasons),
        age=duration_words(now - sample.drawn_at),
        obstacle=_obstacle(sample, person_id, now),
        answers=_answers(sample, version),
    )


def reason_words(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(REASON_WORDS.get(reason, reason) for reason in reasons)


def _row(row: QualitySample, record: RecordNow, now: datetime) -> SampleRow:
    is_held = row.reserved_until is not None and row.reserved_until > now
    return SampleRow(
        sample=row,
        words=request_words(row.request, record),
        reasons=reason_words(row.reasons),
        age=duration_words(now - row.drawn_at),
        holder=row.reserved_by.name if is_held and row.reserved_by is not None else "",
    )


def _fields(sample: QualitySample, record: RecordNow) -> tuple[FieldNow, ...]:
    request = sample.request
    known, written = fields_of(request, request.object_type), {item["field"]: item["after"] for item in request.patch}
    current = record.values if record.exists and request.record_id else {}
    rows = SampledField.objects.filter(sample=sample).exclude(field="").order_by("id")
    return tuple(
        FieldNow(
            field=row.field,
            label=label_of(known, row.field),
            written=show_option(request, request.object_type, row.field, written.get(row.field)),
            now=show_option(request, request.object_type, row.field, current[row.field])
            if row.field in current
            else None,
            is_same=row.field in current and current[row.field] == written.get(row.field),
            is_wrong=row.is_wrong,
        )
        for row in rows
    )


def _obstacle(sample: QualitySample, person_id: UUID | None, now: datetime) -> str:
    if sample.scored_at is not None:
        return "It is scored already. A score is never changed."
    if person_id is None:
        return "Your login belongs to nobody, so it scores nothing."
    if not may_score(sample, person_id):
        return "You approved this, own its agent, or it was done in your name. Somebody else scores it."
    is_held = sample.reserved_until is not None and sample.reserved_until > now
    if is_held and sample.reserved_by_id != person_id:
        return f"{sample.reserved_by} has this one before them."
    return ""


def _answers(sample: QualitySample, version: int) -> tuple[ShownAnswer, ...]:
    if sample.scored_at is None:
        return ()
    return tuple(
        ShownAnswer(
            words=question.words if (question := find_question(row.key, version)) else row.key,
            dimension=row.dimension,
            verdict=row.verdict,
            note=reveal(row.note),
        )
        for row in QualityAnswer.objects.filter(score__sample=sample).order_by("id")
    )
