"""Scoring a sample: one card by one person who had no hand in it (QAS-02)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.exception_case import CaseKind
from approvals.domain.scorecard import (
    SCORECARD_VERSION,
    Answer,
    Dimension,
    Question,
    Verdict,
    judge_card,
    list_questions,
)
from approvals.models import QualityAnswer, QualitySample, QualityScore, SampledField
from approvals.selectors.quality import may_score
from approvals.services.events import request_event
from approvals.services.exceptions import Cause, open_case
from approvals.services.quality_errors import (
    AlreadyScoredError,
    NotTheirsToScoreError,
    SampleNotFoundError,
    SampleReservedError,
    WrongFieldError,
)
from approvals.services.reserving import ensure_scorer
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.selectors.access import NotAllowedError


def score_sample(
    *,
    sample_id: UUID,
    person_id: UUID,
    user_id: int,
    answers: Sequence[Answer],
    wrong_fields: Collection[str],
    severity: str,
    now: datetime,
) -> Verdict:
    """Keep one person's card on one sample, for ever; returns what it adds up to.

    `wrong_fields` are those whose value is wrong; of the only field it is said by failing the data. Takes
    `score_quality`. Commits score, answers, fields, `sample.scored` and, of a failed card, its exceptions, under the
    sample's lock.
    Raises QualityError subclasses, ScorecardError, NotAllowedError, LedgerUnavailableError.
    """
    with transaction.atomic():
        sample = _lock(sample_id)
        scored = ensure_scorer(workspace_id=sample.workspace_id, person_id=person_id, user_id=user_id)
        if scored is not None and sample.agent_id not in scored:
            raise NotAllowedError("you may not score samples of this agent")
        _require_free(sample, person_id, now)
        questions = list_questions(action=sample.request.action, object_type=sample.request.object_type)
        verdict = judge_card(questions, answers, severity)
        wrong = _wrong_fields(sample, questions, answers, wrong_fields)
        score = QualityScore.objects.create(
            sample=sample,
            person_id=person_id,
            user_id_seen=str(user_id),
            version=SCORECARD_VERSION,
            verdict=verdict,
            severity=severity,
            scored_at=now,
        )
        _keep(score, questions, answers, wrong)
        _note(score, answers, wrong)
        if verdict is Verdict.FAIL:
            _open_cases(score, wrong)
    return verdict


def _lock(sample_id: UUID) -> QualitySample:
    rows = QualitySample.objects.select_for_update(of=("self",)).select_related("request__workspace", "agent")
    sample = rows.filter(pk=sample_id).first()
    if sample is None:
        raise SampleNotFoundError("there is no such sample")
    return sample


def _require_free(sample: QualitySample, person_id: UUID, now: datetime) -> None:
    if sample.scored_at is not None:
        raise AlreadyScoredError("somebody has scored this one already")
    is_held = sample.reserved_until is not None and sample.reserved_until > now
    if is_held and sample.reserved_by_id != person_id:
        raise SampleReservedError("somebody else has this one before them")
    if not may_score(sample, person_id):
        raise NotTheirsToScoreError("you approved this one, own its agent, or it was done in your name")


def _wrong_fields(
    sample: QualitySample, questions: Sequence[Question], answers: Sequence[Answer], wrong: Collection[str]
) -> frozenset[str]:
    """The fields that were wrong. Where the data failed, there is one at least."""
    written = set(SampledField.objects.filter(sample=sample).values_list("field", flat=True))
    about_data = {question.key for question in questions if question.dimension == Dimension.DATA}
    is_data_wrong = any(answer.key in about_data and answer.verdict == Verdict.FAIL for answer in answers)
    found = frozenset(wrong)
    if is_data_wrong and len(written) == 1:
        found = frozenset(written)
    if not found <= written:
        raise WrongFieldError("mark only fields that this request wrote")
    if bool(found) != is_data_wrong:
        raise WrongFieldError("mark the fields whose value is wrong exactly when the data failed")
    return found


def _keep(
    score: QualityScore, questions: Sequence[Question], answers: Sequence[Answer], wrong: Collection[str]
) -> None:
    dimensions = {question.key: question.dimension for question in questions}
    QualityAnswer.objects.bulk_create(
        QualityAnswer(
            score=score,
            key=answer.key,
            dimension=dimensions[answer.key],
            verdict=answer.verdict,
            note=answer.note.replace("\x00", "").strip()[:2_000],
        )
        for answer in answers
    )
    fields = SampledField.objects.filter(sample=score.sample)
    fields.filter(field__in=wrong).update(is_wrong=True)
    fields.exclude(field__in=wrong).update(is_wrong=False)
    sample = score.sample
    sample.scored_at, sample.reserved_by, sample.reserved_until = score.scored_at, None, None
    sample.save(update_fields=["scored_at", "reserved_by", "reserved_until"])


def _open_cases(score: QualityScore, wrong: Collection[str]) -> None:
    """One for each wrong field: like mistakes of an agent are one case. One for the action where no field is wrong."""
    request = score.sample.request
    for field in sorted(wrong) or [""]:
        cause = Cause(
            workspace_id=score.sample.workspace_id,
            kind=CaseKind.QUALITY_FAILED,
            agent=score.sample.agent.name,
            code=score.severity,
            field=field,
            object_type=request.object_type,
        )
        open_case(cause=cause, requests=[request.pk], count=1, seen_at=score.scored_at, now=score.scored_at)


def _note(score: QualityScore, answers: Sequence[Answer], wrong: Collection[str]) -> None:
    data = {
        "sample": str(score.sample_id),
        "version": score.version,
        "verdict": score.verdict,
        "severity": score.severity,
        "answers": {answer.key: answer.verdict for answer in answers},
        "wrong_fields": sorted(wrong),
    }
    notes = {answer.key: answer.note for answer in answers if answer.note}
    actor = Actor("human", str(score.person_id))
    event = request_event(
        score.sample.request, "sample.scored", actor, data=data, values={"notes": notes} if notes else None
    )
    append_event(event, now=score.scored_at)
