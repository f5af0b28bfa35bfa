"""Followers of the ledger: every event once, in its order, together with what it led to."""

import threading

import pytest
from django.db import connections

from audit.models import Follower
from audit.selectors.lag import get_follower_lags
from audit.services.follow import Following, follow
from governance.models import Workspace
from tests.builders.audit import append, fill_ledger, new_event

TYPES = frozenset({"request.received"})


class Taken(list):
    """What a follower was given."""

    def __call__(self, entries):
        self.extend(entry.data.get("number") for entry in entries)


def everything(following):
    while follow(following, limit=7):
        pass


@pytest.mark.django_db
def test_it_takes_each_event_of_its_types_once_in_the_order_of_the_tree():
    fill_ledger(20)
    fill_ledger(3, type="request.voted")
    taken = Taken()
    following = Following("reader", TYPES, taken)
    everything(following)
    everything(following)
    assert taken == list(range(20))
    assert get_follower_lags() == {"reader": 0}


@pytest.mark.django_db
def test_it_waits_for_the_leaf():
    taken = Taken()
    append(new_event(data={"number": 1}))
    assert follow(Following("reader", TYPES, taken)) == 0
    assert taken == []


@pytest.mark.django_db
def test_one_that_begins_now_is_not_told_of_the_past():
    fill_ledger(5)
    taken = Taken()
    following = Following("reader", TYPES, taken, from_now=True)
    everything(following)
    assert taken == []
    append(new_event(data={"number": 99}))
    fill_ledger(0)
    everything(following)
    assert taken == [99]


@pytest.mark.django_db(transaction=True)
def test_an_error_leaves_nothing_behind_and_repeats_the_turn():
    fill_ledger(5)

    def break_(entries):
        Workspace.objects.create(slug="half-way", name="Half way")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        follow(Following("reader", TYPES, break_))
    assert not Workspace.objects.filter(slug="half-way").exists()
    assert Follower.objects.get(pk="reader").next_leaf == 0
    taken = Taken()
    everything(Following("reader", TYPES, taken))
    assert taken == list(range(5))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_take_each_event_once():
    fill_ledger(60)
    taken = Taken()

    def run():
        try:
            everything(Following("reader", TYPES, taken))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == list(range(60))
