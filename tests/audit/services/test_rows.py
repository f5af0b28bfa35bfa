"""A new row made by the attributes of its columns is the row that Django's own way makes."""

import pytest

from approvals.models import AgentActionRequest
from audit.domain.identifier import new_id
from audit.services.rows import new_instance, row_of
from governance.models import KillSwitch


@pytest.mark.django_db
def test_it_has_every_default_and_the_same_row():
    values = {"id": new_id(), "workspace_id": new_id(), "action": "update", "body": {"a": 1}, "facts": {}}
    ours, theirs = new_instance(AgentActionRequest, **values), AgentActionRequest(**values)
    assert vars(ours).keys() == vars(theirs).keys()
    assert row_of(ours) == row_of(theirs)
    assert (ours._state.adding, ours.pk) == (True, theirs.pk)


def test_what_is_made_anew_for_each_is_shared_by_none():
    first, second = new_instance(AgentActionRequest), new_instance(AgentActionRequest)
    first.patch.append("x")
    assert second.patch == []
    assert first.pk != second.pk


def test_a_name_that_no_column_has_is_refused():
    with pytest.raises(TypeError, match="agent"):
        new_instance(AgentActionRequest, agent=None)


@pytest.mark.django_db
def test_what_the_database_numbers_is_left_out():
    assert "history_id" not in row_of(KillSwitch.history.model()).columns
