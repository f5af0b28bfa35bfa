"""Scoring a sample: who may, what a card needs, one sample before one person (QAS-02)."""

from datetime import timedelta

import pytest

from approvals.domain.scorecard import SCORECARDS, Answer, ScorecardError, list_questions
from approvals.models import ExceptionCase, QualityAnswer, QualitySample, QualityScore, SampledField
from approvals.services.quality_errors import (
    AlreadyScoredError,
    NotTheirsToScoreError,
    SampleNotFoundError,
    SampleReservedError,
    WrongFieldError,
)
from approvals.services.reserving import RESERVED_FOR, release_sample, reserve_next
from approvals.services.scoring import score_sample
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Membership
from governance.selectors.access import NotAllowedError
from tests.builders.approvals import execute, submit_executed, submit_pending, vote
from tests.builders.governance import allow, make_person, make_user, make_workspace, stray_id
from tests.builders.quality import make_sample, make_sampling_site, make_scorer, settle

pytestmark = pytest.mark.django_db
UPDATE = ("data_correct", "right_record", "clean_record")


@pytest.fixture
def site():
    return make_sampling_site()


def answers(failed=(), note="the register says 100"):
    return [Answer(key, "fail" if key in failed else "pass", note if key in failed else "") for key in UPDATE]


def score(sample, scorer, *, given=None, wrong=(), severity="", now=None):
    person, user = scorer
    return score_sample(
        sample_id=sample.pk,
        person_id=person.pk,
        user_id=user.pk,
        answers=answers() if given is None else given,
        wrong_fields=wrong,
        severity=severity,
        now=now or get_now(),
    )


def reserve(site, scorer, **changes):
    person, user = scorer
    given = {"workspace_id": site.world.workspace.pk, "person_id": person.pk, "user_id": user.pk, "now": get_now()}
    return reserve_next(**{**given, **changes})


def test_a_card_that_passed_is_kept_with_its_questions(site):
    sample = make_sample(site)
    assert score(sample, make_scorer(site)) == "pass"
    assert not ExceptionCase.objects.exists()
    kept = QualityScore.objects.get()
    assert (kept.version, kept.verdict, kept.severity) == (1, "pass", "")
    assert set(QualityAnswer.objects.values_list("key", "verdict")) == {(key, "pass") for key in UPDATE}
    assert list(SampledField.objects.values_list("is_wrong", flat=True)) == [False]
    assert LedgerEvent.objects.filter(type="sample.scored", subject_id=str(sample.request_id)).count() == 1


def test_failing_the_data_of_the_only_field_says_that_it_is_wrong(site):
    sample = make_sample(site)
    assert score(sample, make_scorer(site), given=answers(["data_correct"]), severity="high") == "fail"
    case = ExceptionCase.objects.get()
    assert (case.kind, case.agent, case.field, case.count) == (
        "quality_failed",
        site.world.agent,
        "numberofemployees",
        1,
    )
    assert list(SampledField.objects.values_list("field", "is_wrong")) == [("numberofemployees", True)]


def test_of_several_fields_the_wrong_ones_are_named(site):
    sample = make_sample(site, changes={"numberofemployees": 220, "country": "Belgium"}, expected=None)
    scorer = make_scorer(site)
    for wrong in ([], ["amount"]):
        with pytest.raises(WrongFieldError):
            score(sample, scorer, given=answers(["data_correct"]), severity="low", wrong=wrong)
    with pytest.raises(WrongFieldError):
        score(sample, scorer, wrong=["country"])
    score(sample, scorer, given=answers(["data_correct"]), severity="low", wrong=["country"])
    assert dict(SampledField.objects.values_list("field", "is_wrong")) == {"numberofemployees": False, "country": True}


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        ([], ""),
        (answers()[:2], ""),
        ([*answers(), Answer("data_correct", "pass")], ""),
        ([*answers()[:2], Answer("honest_message", "pass")], ""),
        ([*answers()[:2], Answer("clean_record", "maybe")], ""),
        ([Answer(key, "n/a") for key in UPDATE], ""),
        (answers(["data_correct"], note="  "), "low"),
        (answers(["data_correct"]), ""),
        (answers(["data_correct"]), "awful"),
        (answers(), "low"),
    ],
)
def test_a_card_that_is_not_filled_in_is_refused(site, given, severity):
    sample = make_sample(site)
    with pytest.raises(ScorecardError):
        score(sample, make_scorer(site), given=given, severity=severity)
    assert not QualityScore.objects.exists()


def test_only_questions_that_fit_are_asked():
    """QAS-02: nobody is asked about the subject line of a headcount."""
    keys = {
        action: {item.key for item in list_questions(action=action, object_type="companies")}
        for action in ("update", "create", "send_email", "draft", "create_task", "delete")
    }
    assert keys["update"] == set(UPDATE)
    assert keys["send_email"] == {"data_correct", "right_person", "no_double_touch", "honest_message"}
    assert "no_duplicate" in keys["create"] & keys["create_task"]
    assert "honest_message" not in keys["delete"] | keys["create_task"]
    assert "persona_fields" in {item.key for item in list_questions(action="update", object_type="contacts")}
    assert {item.dimension for item in SCORECARDS[1]} == {
        "data correctness",
        "persona",
        "dedupe and frequency",
        "message integrity",
        "CRM hygiene",
    }


def test_the_agents_owner_does_not_score_it(site):
    sample = make_sample(site)
    user = make_user(site.world.owner)
    allow(user, site.world.workspace, "score_quality")
    with pytest.raises(NotTheirsToScoreError):
        score(sample, (site.world.owner, user))
    assert reserve(site, (site.world.owner, user)) is None


def test_who_approved_it_does_not_score_it(site):
    """QAS-02: a second pair of eyes is another pair; other samples they may score."""
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    other = make_sample(site)
    allow(site.world.approver_user, site.world.workspace, "score_quality")
    approver = (site.world.approver, site.world.approver_user)
    with pytest.raises(NotTheirsToScoreError):
        score(QualitySample.objects.get(request=row), approver)
    assert reserve(site, approver) == other.pk


@pytest.mark.parametrize("permissions", [(), ("view_quality", "review_requests", "view_requests")])
def test_without_the_permission_nobody_scores(site, permissions):
    sample = make_sample(site)
    person = make_person("Ralf Reader")
    user = make_user(person)
    allow(user, site.world.workspace, *permissions)
    with pytest.raises(NotAllowedError):
        score(sample, (person, user))
    with pytest.raises(NotAllowedError):
        reserve(site, (person, user))


def test_a_scorer_of_another_workspace_is_refused(site):
    sample = make_sample(site)
    person = make_person("Otto Other")
    user = make_user(person)
    allow(user, make_workspace("other"), "score_quality")
    with pytest.raises(NotAllowedError):
        score(sample, (person, user))


def test_a_login_scores_in_no_other_persons_name(site):
    sample = make_sample(site)
    scorer, other = make_scorer(site), make_scorer(site, "Olaf Other")
    with pytest.raises(NotAllowedError):
        score(sample, (other[0], scorer[1]))


def test_a_score_is_never_changed(site):
    sample = make_sample(site)
    score(sample, make_scorer(site))
    with pytest.raises(AlreadyScoredError):
        score(sample, make_scorer(site, "Second Scorer"))
    sample.pk = stray_id()
    with pytest.raises(SampleNotFoundError):
        score(sample, make_scorer(site, "Third Scorer"))


def test_a_sample_is_before_one_person_for_a_quarter_of_an_hour(site):
    sample = make_sample(site)
    first, second = make_scorer(site), make_scorer(site, "Second Scorer")
    assert reserve(site, first) == sample.pk
    assert reserve(site, first) == sample.pk  # it comes again
    assert reserve(site, second) is None
    with pytest.raises(SampleReservedError):
        score(sample, second)

    later = get_now() + RESERVED_FOR + timedelta(seconds=1)
    assert reserve(site, second, now=later) == sample.pk
    with pytest.raises(SampleReservedError):
        score(sample, first, now=later)
    score(sample, second, now=later)


def test_a_skipped_one_is_let_go_and_the_next_comes(site):
    samples = [make_sample(site), make_sample(site, changes={"numberofemployees": 221}, expected=None)]
    first, second = make_scorer(site), make_scorer(site, "Second Scorer")
    assert reserve(site, first) == samples[0].pk
    assert reserve(site, first, skip=samples[0].pk) == samples[1].pk
    assert reserve(site, second) == samples[0].pk
    assert reserve(site, first, skip=samples[1].pk) == samples[1].pk  # the only one that is left
    assert release_sample(sample_id=samples[1].pk, person_id=first[0].pk, now=get_now())
    assert not release_sample(sample_id=samples[1].pk, person_id=first[0].pk, now=get_now())
    kinds = LedgerEvent.objects.filter(type__startswith="sample.re").values_list("type", flat=True)
    assert sorted(kinds) == ["sample.released"] * 3 + ["sample.reserved"] * 4


def test_who_left_the_group_still_approved_it(site):
    """What counts is the vote, not today's membership."""
    row = submit_pending(site)
    vote(site, row)
    execute(row.pk)
    settle()
    Membership.objects.all().delete()
    allow(site.world.approver_user, site.world.workspace, "score_quality")
    with pytest.raises(NotTheirsToScoreError):
        score(QualitySample.objects.get(), (site.world.approver, site.world.approver_user))


def test_what_was_scored_does_not_come_again(site):
    sample = make_sample(site)
    scorer = make_scorer(site)
    score(sample, scorer)
    submit_executed(site, changes={"numberofemployees": 230}, expected=None)
    settle()
    assert reserve(site, scorer) not in (None, sample.pk)
