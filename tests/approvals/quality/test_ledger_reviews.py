"""Ten random records of the ledger each week: picked by a checkpoint, looked at by people (QAS-03)."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.ledger_pick import pick_leaves
from approvals.models import LedgerReview, LedgerReviewItem, SamplingPlan
from approvals.services.ledger_reviews import NoteMissingError, judge_record, last_week, open_reviews
from approvals.services.quality_errors import AlreadyScoredError, SampleNotFoundError
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from governance.selectors.access import NotAllowedError
from tests.builders.api import make_site
from tests.builders.audit import append, new_event
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace, stray_id
from tests.builders.quality import make_scorer

pytestmark = pytest.mark.django_db


@given(st.binary(min_size=32, max_size=32), st.sets(st.integers(0, 2**40), max_size=60))
def test_the_pick_is_the_naive_one(root, leaves):
    """QAS-03: the ten smallest of sha256(root ‖ leaf), which anyone can repeat."""
    naive = sorted(sorted(leaves, key=lambda leaf: hashlib.sha256(root + leaf.to_bytes(8, "big")).digest())[:10])
    assert list(pick_leaves(root, iter(leaves))) == naive


@pytest.fixture
def site():
    """A site whose ledger had 40 events last week, and 5 of another workspace."""
    site = make_site()
    SamplingPlan.objects.create(workspace=site.world.workspace)
    start, _ = last_week(get_now())
    append(*[new_event(data={"number": number}) for number in range(40)], now=start + timedelta(days=2))
    append(*[new_event(workspace="other") for _ in range(5)], now=start + timedelta(days=2))
    while sequence_pending(now=get_now()):
        pass
    sign_checkpoint(now=get_now())
    return site


def judge(site, item, scorer=None, verdict="in_order", note=""):
    person, user = scorer or make_scorer(site)
    judge_record(item_id=item.pk, person_id=person.pk, user_id=user.pk, verdict=verdict, note=note, now=get_now())


def test_ten_of_last_weeks_records_of_the_workspace_are_picked_once(site):
    assert open_reviews(now=get_now()) == 1
    assert open_reviews(now=get_now()) == 0
    review = LedgerReview.objects.get()
    assert review.records_count == 40
    items = LedgerReviewItem.objects.filter(review=review)
    assert items.count() == 10
    picked = LedgerEvent.objects.filter(pk__in=items.values("event_id"))
    assert set(picked.values_list("workspace", flat=True)) == {site.world.workspace.slug}
    assert LedgerEvent.objects.filter(type="ledger_review.opened").count() == 1


def test_it_waits_for_a_checkpoint_after_the_week(site):
    """Whoever signs nothing picks nothing."""
    assert open_reviews(now=get_now() + timedelta(days=7)) == 0


def test_a_record_is_judged_once_and_wrong_ones_say_why(site):
    open_reviews(now=get_now())
    first, second = LedgerReviewItem.objects.order_by("id")[:2]
    scorer = make_scorer(site)
    judge(site, first, scorer)
    with pytest.raises(AlreadyScoredError):
        judge(site, first, scorer)
    with pytest.raises(NoteMissingError):
        judge(site, second, scorer, verdict="wrong")
    with pytest.raises(SampleNotFoundError):
        judge(site, second, scorer, verdict="perhaps")
    judge(site, second, scorer, verdict="wrong", note="nobody approved this")
    assert LedgerEvent.objects.filter(type="ledger_review.judged").count() == 2


def test_without_the_permission_nobody_judges(site):
    open_reviews(now=get_now())
    user = make_login(site.world.workspace, "view_quality")
    item = LedgerReviewItem.objects.first()
    with pytest.raises(NotAllowedError):
        judge(site, item, (user.person, user))
    address = reverse("approvals:judge_picked", args=[item.pk])
    assert log_in(user).post(address, {"verdict": "in_order"}).status_code == 403
    elsewhere = make_login(make_workspace("elsewhere"), "view_quality", "score_quality", name="Otto Other")
    assert log_in(elsewhere).post(address, {"verdict": "in_order"}).status_code == 404
    stray = reverse("approvals:judge_picked", args=[stray_id()])
    assert log_in(elsewhere).post(stray, {"verdict": "in_order"}).status_code == 404
    assert not LedgerReviewItem.objects.exclude(verdict="").exists()


def test_the_page_shows_the_records_and_takes_a_word_on_each(site):
    client = log_in(make_scorer(site)[1])
    assert "No week is over yet" in text_of(client.get(reverse("approvals:ledger_reviews")))
    open_reviews(now=get_now())
    with CaptureQueriesContext(connection) as captured:
        text = text_of(client.get(reverse("approvals:ledger_reviews")))
    assert len(captured) <= 24
    assert text.count("request.received") == 10
    item = LedgerReviewItem.objects.first()
    answer = client.post(reverse("approvals:judge_picked", args=[item.pk]), {"verdict": "wrong"}, follow=True)
    assert "say what is wrong with it" in text_of(answer)
    answer = client.post(reverse("approvals:judge_picked", args=[item.pk]), {"verdict": "in_order"}, follow=True)
    assert "Quinn Quality" in text_of(answer)
    assert client.get(reverse("approvals:ledger_reviews"), {"week": "1999-W01"}).status_code == 404
