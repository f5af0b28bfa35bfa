"""Facts and decisions come back as they were written, though they lie as texts (RPL-01)."""

import pytest

from approvals.models import AgentActionRequest
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
