"""The filters beside a list name nothing of another workspace (IDN-07)."""

import pytest
from django.contrib import admin
from django.urls import reverse

from governance.admin.governed import GovernedAdmin
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_world

pytestmark = pytest.mark.django_db

BY_RELATED_ROWS = sorted(
    model._meta.model_name
    for model, page in admin.site._registry.items()
    if isinstance(page, GovernedAdmin)
    and any(isinstance(name, str) and name in {"agent", "connection"} for name in page.list_filter)
)


def test_some_lists_have_such_filters():
    assert {"grant", "delegation", "registeredfield"} <= set(BY_RELATED_ROWS)


@pytest.mark.parametrize("name", BY_RELATED_ROWS)
def test_a_filter_offers_agents_and_connections_of_ones_own_workspaces_alone(name):
    own, other = make_world(), make_world("other", agent_name="agent.of.others")
    type(own.agent).objects.filter(pk=own.agent.pk).update(name="agent.of.ours")
    for world, words in (own, "our CRM"), (other, "their CRM"):
        type(world.connection).objects.filter(pk=world.connection.pk).update(name=words)
    rosa = make_login(own.workspace, "edit_policy", "manage_agents", name="Rosa Edits")

    answer = log_in(rosa).get(reverse(f"admin:governance_{name}_changelist"))

    assert answer.status_code == 200
    offered = str([list(spec.choices(answer.context["cl"])) for spec in answer.context["cl"].filter_specs])
    assert "agent.of.others" not in offered + text_of(answer)
    assert "their CRM" not in offered + text_of(answer)
