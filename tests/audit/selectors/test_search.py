"""Searching the ledger: every event that matches, once, newest first, at a bounded price (AUD-04)."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.domain.search import Search
from audit.models import Follower, LedgerEvent, SearchTerm
from audit.selectors import search as selector
from audit.selectors.search import count_found, search_events
from audit.services.follow import Following, follow
from audit.services.search_index import add_terms, rebuild_index, take_terms
from tests.builders.audit import append, fill_ledger, new_event

pytestmark = pytest.mark.django_db
SALES, EMEA = 11, -(2**63)


@pytest.fixture
def events():
    """Twelve events; every second has one term, every third the other."""
    ids = fill_ledger(12)
    add_terms({event: [SALES] for event in ids[::2]})
    add_terms({event: [EMEA] for event in ids[::3]})
    return ids


def found(limit=50, **criteria):
    """Every page in turn, and how many pages it took."""
    seen, before, pages = [], None, 0
    while pages < 100:
        page = search_events(Search(workspace="acme", **criteria), before=before, limit=limit)
        seen, before, pages = seen + list(page.ids), page.next, pages + 1
        if before is None:
            return seen, pages
    raise AssertionError("the pages never end")


def newest_first(ids):
    return sorted(ids, reverse=True)


def test_all_that_has_every_term_is_found_newest_first(events):
    assert found(terms=(SALES,))[0] == newest_first(events[::2])
    assert found(terms=(SALES, EMEA))[0] == newest_first(events[::6])
    assert found(terms=(SALES, 12345))[0] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
def test_pages_lose_and_repeat_nothing(events, limit):
    assert found(limit=limit, terms=(SALES,))[0] == newest_first(events[::2])


def test_columns_and_terms_hold_together(events):
    other = append(new_event(type="request.voted", correlation_id="corr-2"))
    add_terms({other[0]: [SALES]})
    assert found(terms=(SALES,), type="request.voted")[0] == other
    assert found(correlation_id="corr-2")[0] == other
    assert found(correlation_id="corr-2", type="request.received")[0] == []
    assert len(found(type="request.received")[0]) == len(events)


def test_another_workspace_is_never_found(events):
    foreign = fill_ledger(2, workspace="other")
    for criteria in ({}, {"type": "request.received"}, {"correlation_id": "corr-1"}):
        assert not set(foreign) & set(found(**criteria)[0])
        assert len(found(**criteria)[0]) == len(events)


@pytest.mark.parametrize("more", [{}, {"type": "request.received"}, {"terms": (SALES, EMEA)}])
def test_another_workspaces_term_finds_nothing_of_it(events, more):
    """AUD-04: a term comes from outside, so who knows one of another workspace must learn nothing by it."""
    foreign = fill_ledger(2, workspace="other")
    add_terms({event: [EMEA, SALES] for event in foreign})
    criteria = {"terms": (SALES,)} | more
    assert not set(foreign) & set(found(**criteria)[0])
    assert count_found(Search(workspace="acme", **criteria)) == len(found(**criteria)[0])


def test_time_is_the_events_own(events):
    now = datetime.now(UTC)
    early, late = append(new_event(), now=now - timedelta(minutes=9)), append(new_event(), now=now)
    since = now - timedelta(minutes=5)
    assert found(since=since)[0] == late
    assert found(since=now - timedelta(minutes=10), until=since)[0] == early


def test_a_page_ends_when_enough_was_looked_at_and_says_where_to_go_on(events, monkeypatch):
    """105: the price of a page is bounded although nothing among the first events matches."""
    monkeypatch.setattr(selector, "SCANNED", 4)
    first = search_events(Search(workspace="acme", type="request.voted", terms=(SALES,)), limit=10)
    assert (first.ids, first.is_whole) == ((), True)  # nothing is of the type, and that leads
    add_terms({event: [7] for event in events})
    page = search_events(Search(workspace="acme", type="request.received", since=datetime.now(UTC)), limit=10)
    assert (page.ids, page.is_whole, page.next) == ((), False, events[-4])
    assert found(terms=(7,), limit=3)[0] == newest_first(events)


def test_counting_stops_early(events, monkeypatch):
    monkeypatch.setattr(selector, "COUNTED", 3)
    assert count_found(Search(workspace="acme", terms=(SALES,))) == 4
    assert count_found(Search(workspace="acme", terms=(SALES, EMEA))) == 2


@pytest.mark.parametrize("criteria", [{}, {"terms": (SALES,)}, {"terms": (SALES, EMEA), "type": "request.received"}])
def test_the_number_of_queries_does_not_grow(events, criteria, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        search_events(Search(workspace="acme", **criteria))


def test_terms_can_be_taken_away_and_the_index_made_anew(events):
    take_terms({event: [SALES] for event in events[:3]})
    assert found(terms=(SALES,))[0] == newest_first(events[4::2])
    taken = []
    following = Following("index", {"request.received"}, lambda entries: taken.extend(entry.id for entry in entries))
    follow(following)
    rebuild_index(following)
    assert (SearchTerm.objects.count(), Follower.objects.get().next_leaf) == (0, 0)
    follow(following)
    assert taken == events * 2
    assert LedgerEvent.objects.count() == len(events)
