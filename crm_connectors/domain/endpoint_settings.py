"""Settings of an endpoint, one frozen shape per kind of connector: unknown members are refused (CON-06)."""

from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]
CallLimit = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class EndpointSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a kind without an address of its own needs: nothing. A vendor's settings derive from `RemoteSettings`.

    Members are plain: text, numbers, booleans, `Literal`s. `Meta(title=…, description=…)` names one on its form.
    Never a secret: those are `ConnectionSecret`s. `secrets_belong_to` names the members that say where the secrets go
    and for whom: who changes one of them has to set the secrets again, so that nobody turns a credential that was only
    ever written into one that is read, by sending it to a server of their own."""

    secrets_belong_to: ClassVar[tuple[str, ...]] = ()

    def owner_of_secrets(self) -> tuple[object, ...]:
        """What the secrets belong to. Equal for two spellings of one address."""
        return tuple(
            _origin(getattr(self, name)) if name == "base_url" else getattr(self, name)
            for name in self.secrets_belong_to
        )


class RemoteSettings(EndpointSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a CRM that is reached over the network. A vendor overrides the defaults by declaring the member again."""

    secrets_belong_to: ClassVar[tuple[str, ...]] = ("base_url",)

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


def _origin(url: str) -> tuple[object, ...]:
    """Scheme, host, port and path of an address that was judged."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        parts.hostname,
        parts.port or {"https": 443, "http": 80}.get(parts.scheme),
        parts.path.rstrip("/"),
    )
