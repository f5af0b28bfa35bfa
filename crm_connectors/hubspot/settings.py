"""What a connection to HubSpot is told: address, version, how it signs in, which objects it serves."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from crm_connectors.domain.endpoint_settings import CallLimit, RemoteSettings
from crm_connectors.wiring import SecretKind

Version = Literal["v3", "2026-03", "2026-09"]
_Name = Annotated[str, Meta(max_length=100, pattern="^[a-z0-9_]*$")]


class HubSpotSettings(RemoteSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version is pinned: a portal is moved to another by a person, after a look at what it changes."""

    secrets_belong_to: ClassVar[tuple[str, ...]] = ("base_url", "client_id")

    base_url: Annotated[str, Meta(title="Address", min_length=1, max_length=300)] = "https://api.hubapi.com"
    version: Annotated[Version, Meta(title="Version of the API")] = "2026-09"
    sign_in: Annotated[Literal["token", "oauth"], Meta(title="Signs in with")] = "token"
    client_id: Annotated[str, Meta(title="Client id", max_length=100, description="Of the app, for OAuth")] = ""
    app_id: Annotated[
        str, Meta(title="App id", max_length=20, description="History names our own writes by it", pattern="^[0-9]*$")
    ] = ""
    portal_id: Annotated[
        str,
        Meta(
            title="Portal id",
            max_length=20,
            description="Webhooks need it; the test refuses another account's token",
            pattern="^[0-9]*$",
        ),
    ] = ""
    objects: Annotated[str, Meta(title="Objects", max_length=500, description="Names, with blanks between")] = (
        "companies contacts deals tasks notes"
    )
    key_property: Annotated[
        _Name, Meta(title="Key property", description="With unique values: what we create is created once")
    ] = "countersign_key"
    mark_property: Annotated[
        _Name, Meta(title="Mark property", description="Where each of our writes leaves its mark")
    ] = "countersign_operation"
    calls_per_10_seconds: Annotated[CallLimit, Meta(title="Calls in 10 seconds")] = 100


ACCESS_TOKEN = "access_token"  # noqa: S105 (names of secrets, not secrets)
CLIENT_SECRET = "client_secret"  # noqa: S105
REFRESH_TOKEN = "refresh_token"  # noqa: S105
OAUTH_TOKEN = "oauth_token"  # noqa: S105
SECRETS = (
    SecretKind(name=ACCESS_TOKEN, label="Access token", help_text="Of a private app, or a service key."),
    SecretKind(name=CLIENT_SECRET, label="Client secret", help_text="Of the app: for OAuth, and for webhooks."),
    SecretKind(name=REFRESH_TOKEN, label="Refresh token", help_text="For OAuth."),
    SecretKind(name=OAUTH_TOKEN, label="OAuth access token", is_kept=True),
)
