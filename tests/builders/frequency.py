"""Frequency caps, and what the touch ledger holds."""

from typing import Any

from governance.models import FrequencyCap, Touch
from tests.builders.governance import World


def make_cap(world: World, name: str = "Not twice", **values: Any) -> FrequencyCap:
    """One touch in two days for everybody, unless said otherwise; not published yet."""
    given: dict[str, Any] = {"reason": "Nobody likes it.", "owner": world.owner, "max_touches": 1, "window_hours": 48}
    return FrequencyCap.objects.create(
        workspace=world.workspace, key=name.lower().replace(" ", "-"), name=name, **{**given, **values}
    )


def states(request_id: Any) -> set[str]:
    """What the ledger says of a request's touches."""
    return set(Touch.objects.filter(request_id=request_id).values_list("state", flat=True))
