"""Rows that are changed by their keys, all of them or none (EXE-02)."""

import pytest
from django.db import transaction

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import append_with
from audit.services.changed_rows import change_rows, lock_rows
from audit.services.rows import GuardFailedError
from governance.models import Workspace
from tests.builders.audit import new_event
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db


def rename(*rows, only=""):
    """By id and slug."""
    return change_rows(Workspace, keys=("id", "slug"), columns=("name",), rows=rows, only=only)


def write(*guards):
    append_with((), [new_event()], now=get_now(), guards=guards)


@pytest.mark.parametrize("count", [1, 120])
def test_each_row_gets_its_own_values_with_the_event(count):
    places = [make_workspace(f"w-{number}") for number in range(count)]

    write(rename(*((place.pk, place.slug, f"New {place.slug}") for place in places)))

    assert {place.name for place in Workspace.objects.all()} == {f"New {place.slug}" for place in places}
    assert LedgerEvent.objects.count() == 1


@pytest.mark.parametrize("slug", ["second", "moved"])
def test_one_that_is_not_as_told_takes_all_back(slug):
    first, second = make_workspace("first"), make_workspace("second")
    only = "" if slug == "moved" else "governance_workspace.slug <> 'second'"

    with pytest.raises(GuardFailedError), transaction.atomic():
        write(rename((first.pk, "first", "A"), (second.pk, slug, "B"), only=only))

    assert set(Workspace.objects.values_list("name", flat=True)).isdisjoint({"A", "B"})
    assert not LedgerEvent.objects.exists()


def test_rows_that_are_only_held_must_be_as_told_too():
    place = make_workspace("acme")
    write(lock_rows(Workspace, keys=("id", "slug"), rows=[(place.pk, "acme")]))

    with pytest.raises(GuardFailedError), transaction.atomic():
        write(lock_rows(Workspace, keys=("id", "slug"), rows=[(place.pk, "other")]))
