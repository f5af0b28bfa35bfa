"""The scorecard: which questions are asked about an executed action, and what the answers add up to (QAS-02).

Questions are versioned: what an old score was asked stays readable. A new version is a new entry, never an edit.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

import msgspec

from governance.domain.action_class import SENDS
from governance.domain.vocabulary import Action

SCORECARD_VERSION = 1


class Dimension(StrEnum):
    DATA = "data correctness"
    PERSONA = "persona"
    FREQUENCY = "dedupe and frequency"
    MESSAGE = "message integrity"
    HYGIENE = "CRM hygiene"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_APPLICABLE = "n/a"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Question(msgspec.Struct, frozen=True):
    """One line of the card. Empty `actions` or `objects` mean any."""

    key: str
    dimension: str
    words: str
    actions: frozenset[str] = frozenset()
    not_actions: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()


class Answer(msgspec.Struct, frozen=True):
    """One answer: the question's key, a verdict, and what is to say about it."""

    key: str
    verdict: str
    note: str = ""


class ScorecardError(ValueError):
    """The card is not filled in as it must be. The words say what is missing."""

    code = "scorecard_incomplete"


_TEXTS = frozenset({Action.SEND_EMAIL.value, Action.DRAFT.value, Action.ENROLL_SEQUENCE.value})
_SENDS = frozenset(str(action) for action in SENDS)
_PEOPLE = frozenset({"contacts", "leads", "Contact", "Lead"})

SCORECARDS: Mapping[int, tuple[Question, ...]] = {
    1: (
        Question(
            "data_correct",
            Dimension.DATA,
            "Are the values true, and does the evidence say so?",
        ),
        Question(
            "right_record",
            Dimension.DATA,
            "Is it the right record: same company, same domain?",
            not_actions=_SENDS,
        ),
        Question(
            "right_person",
            Dimension.PERSONA,
            "Is it the right person: role, seniority, buying committee?",
            actions=_SENDS | {Action.DRAFT.value},
        ),
        Question(
            "persona_fields",
            Dimension.PERSONA,
            "Do role and seniority fit what the person really does?",
            actions=frozenset({Action.UPDATE.value, Action.CREATE.value}),
            objects=_PEOPLE,
        ),
        Question(
            "no_double_touch",
            Dimension.FREQUENCY,
            "Was nobody touched twice: as lead and contact, or by two agents?",
            actions=_SENDS,
        ),
        Question(
            "no_duplicate",
            Dimension.FREQUENCY,
            "Did nothing like it exist already?",
            actions=frozenset({Action.CREATE.value, Action.CREATE_TASK.value, Action.CREATE_NOTE.value}),
        ),
        Question(
            "honest_message",
            Dimension.MESSAGE,
            "Is the message honest: subject, claims, no false familiarity?",
            actions=_TEXTS,
        ),
        Question(
            "clean_record",
            Dimension.HYGIENE,
            "Is the record better than before: nothing of people overwritten, source and date on it?",
            not_actions=_SENDS,
        ),
    )
}


def list_questions(*, action: str, object_type: str, version: int = SCORECARD_VERSION) -> tuple[Question, ...]:
    """The questions that fit this action on this object, in their order."""
    return tuple(question for question in SCORECARDS[version] if _fits(question, action, object_type))


def find_question(key: str, version: int) -> Question | None:
    """What a stored answer was asked, None for a key that this version never had."""
    return next((question for question in SCORECARDS.get(version, ()) if question.key == key), None)


def judge_card(questions: Collection[Question], answers: Collection[Answer], severity: str) -> Verdict:
    """Pass or fail over all. One failed question fails the card.

    Raises ScorecardError unless each question is answered once, no failed one is without a note, something was judged
    at all, and a failed card has a severity and a passed one has none.
    """
    verdicts = {answer.key: answer.verdict for answer in answers}
    if len(verdicts) != len(answers) or verdicts.keys() != {question.key for question in questions}:
        raise ScorecardError("answer every question once")
    if not set(verdicts.values()) <= set(Verdict):
        raise ScorecardError("answer with pass, fail or not applicable")
    if set(verdicts.values()) == {Verdict.NOT_APPLICABLE}:
        raise ScorecardError("judge at least one question: all were left as not applicable")
    failed = [answer for answer in answers if answer.verdict == Verdict.FAIL]
    if any(not answer.note.strip() for answer in failed):
        raise ScorecardError("say what is wrong with what failed")
    if failed and severity not in set(Severity):
        raise ScorecardError("say how bad it is")
    if severity and not failed:
        raise ScorecardError("a card that passed has no severity")
    return Verdict.FAIL if failed else Verdict.PASS


def _fits(question: Question, action: str, object_type: str) -> bool:
    if action in question.not_actions or (question.actions and action not in question.actions):
        return False
    return not question.objects or object_type in question.objects
