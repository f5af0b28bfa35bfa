"""Facts and decisions come back as they were written, though they lie as texts (RPL-01)."""

import msgspec
import pytest
from django.db.models import TextField
from django.db.models.functions import Cast

from approvals.models import AgentActionRequest
from governance.domain.facts import Facts
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"text": 'é "quoted" \\ \n \u202e \U0001f600', "none": None, "yes": True},
        {"numbers": [0, -1, 2**53, 0.1, 1e300], "nested": {"list": [[], {}]}},
    ],
)
def test_what_is_kept_comes_back_whole(value):
    pk = submit_pending(make_site()).pk
    AgentActionRequest.objects.filter(pk=pk).update(facts=value)

    row = AgentActionRequest.objects.get(pk=pk)

    assert row.facts == value
    row.save(update_fields=["facts"])
    assert AgentActionRequest.objects.get(pk=pk).facts == value


def test_a_query_may_look_inside():
    pk = submit_pending(make_site()).pk
    AgentActionRequest.objects.filter(pk=pk).update(
        decision={"outcome": "allow", "redirects": [{"to": "x"}], "none": []}
    )
    rows = AgentActionRequest.objects.filter(pk=pk)

    assert list(rows.values_list("decision__outcome", "decision__redirects", "decision__missing")) == [
        ("allow", [{"to": "x"}], None)
    ]
    assert rows.filter(decision__redirects__0__isnull=False).exists()
    assert not rows.filter(decision__none__0__isnull=False).exists()
    assert rows.filter(decision__outcome="allow").exists()


def test_values_are_written_as_what_they_are_laid_out_as():
    """RPL-01: a proposal's row is made of values, and its bytes are those of the dictionaries that others write."""
    pk = submit_pending(make_site()).pk
    row = AgentActionRequest.objects.get(pk=pk)
    stored = AgentActionRequest.objects.filter(pk=pk).values_list(
        Cast("facts", TextField()), Cast("decision", TextField())
    )
    written = stored.get()
    AgentActionRequest.objects.filter(pk=pk).update(facts=row.facts, decision=row.decision)
    assert stored.get() == written
    assert msgspec.convert(row.facts, Facts) == msgspec.json.decode(written[0], type=Facts)


def test_a_query_may_look_into_what_was_asked():
    """The body of a proposal lies as a text too."""
    pk = submit_pending(make_site()).pk
    rows = AgentActionRequest.objects.filter(pk=pk)
    name = next(iter(rows.get().body["changes"]))
    assert rows.filter(body__changes__has_key=name).exists()
    assert not rows.filter(body__changes__has_key="no_such_field").exists()
    assert rows.filter(body__on_behalf_of__isnull=True).exists()
