"""Actors by name, with whatever the ledger or the CRM wrote as their id."""

import pytest

from governance.selectors.people import list_actor_names
from tests.builders.governance import make_person

pytestmark = pytest.mark.django_db


def test_people_are_called_by_name_however_they_are_written() -> None:
    rosa = make_person("Rosa Revops")
    written = [f"human:{rosa.pk}", f"person:{rosa.pk}", str(rosa.pk)]
    assert list_actor_names(written) == dict.fromkeys(written, "Rosa Revops")


def test_who_is_no_person_keeps_their_id() -> None:
    nobody = "01a1fc8a-0000-7000-8000-000000000000"
    assert list_actor_names(["agent.enrichment", "human:rosa@example.com", nobody, "list import"]) == {
        "agent.enrichment": "agent.enrichment",
        "human:rosa@example.com": "rosa@example.com",
        nobody: nobody,
        "list import": "list import",
    }


def test_no_query_without_a_person(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        list_actor_names(["agent.enrichment", "system:worker"])
