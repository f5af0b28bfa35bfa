"""Settings of an endpoint, one frozen shape per kind of connector: unknown members are refused (CON-06)."""

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]
CallLimit = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class EndpointSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a kind without an address of its own needs: nothing. A vendor's settings derive from `RemoteSettings`.

    Members are plain: text, numbers, booleans, `Literal`s. `Meta(title=…, description=…)` names one on its form.
    Never a secret: those are `ConnectionSecret`s."""


class RemoteSettings(EndpointSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a CRM that is reached over the network. A vendor overrides the defaults by declaring the member again."""

    base_url: Annotated[
        str,
        msgspec.Meta(title="Address", min_length=1, max_length=300, description="https://…, as a rule without a path"),
    ]
    calls_per_10_seconds: Annotated[
        CallLimit,
        msgspec.Meta(title="Calls in 10 seconds", description="At most, by all our processes together; 0: no limit"),
    ] = 0
    connect_seconds: Annotated[Seconds, msgspec.Meta(title="Seconds to connect")] = 5.0
    read_seconds: Annotated[Seconds, msgspec.Meta(title="Seconds to wait for the next byte")] = 30.0
    total_seconds: Annotated[Seconds, msgspec.Meta(title="Seconds for a whole call")] = 60.0
