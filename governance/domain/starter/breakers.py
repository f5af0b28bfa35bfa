"""The starter's circuit breakers: careful ones, of which some speaks for everything that an agent may do (LIM-04)."""

import msgspec

from governance.domain.action_class import SENDS
from governance.domain.document import BreakerRule

OWNER = "revops@example.com"
_HOUR, _DAY = 3_600, 86_400
_SENDS = tuple(sorted(str(action) for action in SENDS))

_WATCHED: tuple[BreakerRule, ...] = (
    BreakerRule(
        name="errors",
        signal="errors",
        environment="",
        window_seconds=900,
        min_calls=20,
        ratio=0.5,
        open_seconds=600,
        probes=3,
        reason="Half of what was tried lately failed",
    ),
    BreakerRule(
        name="denials",
        signal="denials",
        environment="",
        window_seconds=_HOUR,
        min_calls=100,
        ratio=0.9,
        open_seconds=900,
        probes=5,
        reason="Nearly everything that agents ask for is refused",
    ),
    BreakerRule(
        name="bounces",
        signal="bounces",
        environment="",
        actions=_SENDS,
        window_seconds=_DAY,
        min_calls=20,
        ratio=0.05,
        open_seconds=_DAY,
        probes=5,
        reason="Messages bounce: the addresses are not good",
    ),
    BreakerRule(
        name="complaints",
        signal="complaints",
        environment="",
        actions=_SENDS,
        window_seconds=_DAY,
        min_calls=20,
        ratio=0.003,
        open_seconds=_DAY,
        probes=5,
        reason="People complain about our messages",
    ),
    BreakerRule(
        name="spend",
        signal="spend",
        environment="",
        window_seconds=_DAY,
        min_calls=1,
        amount=200_000_000,
        currency="USD",
        open_seconds=_HOUR,
        probes=1,
        reason="Agents spend more in a day than was meant",
    ),
)

STARTER_BREAKERS: tuple[BreakerRule, ...] = tuple(
    msgspec.structs.replace(rule, name=f"{environment}-{rule.name}", environment=environment)
    for environment in ("sandbox", "production")
    for rule in _WATCHED
)
"""The same in both environments."""
