"""Queries that are put into words once: the same rows as the queryset's, whatever the values (OPS-01)."""

import threading
from datetime import timedelta, timezone
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from audit.selectors.kept_query import KeptQuery
from governance.models import Agent, Membership, Workspace
from tests.builders.governance import make_agent, make_group, make_person, make_workspace

pytestmark = pytest.mark.django_db


def slugs(*which):
    return KeptQuery(lambda *values: Workspace.objects.filter(*which).filter(slug__in=values[0]).values_list("slug"))


def test_each_call_answers_for_its_own_values():
    make_workspace("acme")
    make_workspace("umbrella")
    named = KeptQuery(lambda slug: Workspace.objects.filter(slug=slug).values_list("pk", "slug"))

    assert [slug for _, slug in named.fetch("acme")] == ["acme"]
    assert [slug for _, slug in named.fetch("umbrella")] == ["umbrella"]
    assert named.fetch("acme' OR '1' = '1") == []


def test_ids_are_bound_as_each_field_spells_them():
    """An id as a key, and as the text that guardian keeps."""
    workspace = make_workspace()
    by_text = KeptQuery(lambda pk: Workspace.objects.filter(Q(pk=pk) | Q(slug=str(pk))).values_list("pk", flat=True))

    assert by_text.fetch(workspace.pk) == [workspace.pk]
    assert by_text.fetch(UUID(int=7)) == []


def test_times_are_bound_as_columns_of_times_keep_them():
    """Between two moments a microsecond apart, whatever the zone they are told in."""
    made = make_workspace().created_at
    since = KeptQuery(lambda after, until: Workspace.objects.filter(created_at__gt=after, created_at__lte=until))
    before, elsewhere = made - timedelta(microseconds=1), timezone(timedelta(hours=5, minutes=30))

    assert [row.created_at for row in since.fetch(before, made)] == [made]
    assert since.fetch(made, made) == since.fetch(before, before) == []
    assert [row.created_at for row in since.fetch(before.astimezone(elsewhere), made.astimezone(elsewhere))] == [made]


def test_lists_of_any_length_and_none_at_all():
    for slug in ("a", "b", "c"):
        make_workspace(slug)
    kept = slugs()

    assert sorted(kept.fetch(("a", "b"))) == [("a",), ("b",)]
    assert sorted(kept.fetch(("c", "b"))) == [("b",), ("c",)]
    assert kept.fetch(("a",)) == [("a",)]
    assert kept.fetch(()) == []


def test_no_more_shapes_are_kept_than_are_of_use():
    kept = slugs()
    for length in range(1, 200):
        kept.fetch(tuple(str(number) for number in range(length)))

    assert len(kept._known) <= 64


def test_whole_rows_come_with_what_is_joined_by_one_statement():
    agent = make_agent(make_workspace())
    kept = KeptQuery(lambda pk: Agent.objects.select_related("workspace", "owner").filter(pk=pk))
    kept.fetch(agent.pk)

    with CaptureQueriesContext(connection) as queries:
        (found,) = kept.fetch(agent.pk)
        assert (found, found.workspace.slug, found.owner) == (agent, agent.workspace.slug, agent.owner)
        assert (found.created_at, found._state.adding) == (agent.created_at, False)
    assert len(queries) == 1


def test_unions_are_kept_too():
    workspace = make_workspace()
    group = make_group(workspace, "revops", make_person("Rosa"))

    def build(slug):
        rows = Membership.objects.filter(group__slug=slug).values_list("group__slug")
        return rows.union(rows, all=True)

    assert KeptQuery(build).fetch(group.slug) == [("revops",), ("revops",)]


def test_a_value_that_would_not_reach_the_database_is_refused():
    """A text that is put together from a value would be kept for all values."""
    kept = KeptQuery(lambda slug: Workspace.objects.filter(slug=f"{slug}!").values_list("pk"))

    with pytest.raises(RuntimeError, match="hands every value on"):
        kept.fetch("acme")


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_alone():
    workspace = make_workspace()
    kept = KeptQuery(lambda pk: Workspace.objects.select_for_update().filter(pk=pk))
    with transaction.atomic():
        assert kept.fetch(workspace.pk) == [workspace]

    with pytest.raises(transaction.TransactionManagementError):
        kept.fetch(workspace.pk)


@pytest.mark.django_db(transaction=True)
def test_what_one_thread_has_put_into_words_serves_the_others():
    workspace = make_workspace()
    kept = KeptQuery(lambda pk: Workspace.objects.filter(pk=pk).values_list("slug", flat=True))
    kept.fetch(workspace.pk)
    found = []

    def ask():
        found.append(kept.fetch(workspace.pk))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(timeout=10)

    assert found == [[workspace.slug]]
