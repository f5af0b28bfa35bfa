"""The world that tests are built on: it publishes without errors."""

import pytest

from governance.selectors.policy import get_policy_index
from tests.builders.governance import make_world, publish


@pytest.mark.django_db
def test_a_built_world_is_a_policy_that_can_be_published() -> None:
    world = make_world()
    publish(world)
    index = get_policy_index(world.workspace.pk, "sandbox")
    assert index is not None
    assert index.workspace == "acme"
