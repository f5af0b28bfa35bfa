"""What a connection to Salesforce needs to know, and the secrets it uses."""

from typing import Annotated, ClassVar, Literal

import msgspec

from crm_connectors.domain.endpoint_settings import RemoteSettings
from crm_connectors.wiring import SecretKind

CLIENT_SECRET, PRIVATE_KEY, SESSION = "client_secret", "private_key", "session"


class SalesforceSettings(RemoteSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`base_url` is where sessions are asked for: the org's own domain. Data calls go where the session says."""

    secrets_belong_to: ClassVar[tuple[str, ...]] = ("base_url", "client_id", "username")

    client_id: Annotated[str, msgspec.Meta(title="Consumer key", min_length=1, max_length=300)]
    grant: Annotated[
        Literal["client_credentials", "jwt_bearer"],
        msgspec.Meta(title="Signs in by", description="the app's secret, or an assertion signed with its private key"),
    ] = "client_credentials"
    username: Annotated[
        str, msgspec.Meta(title="User", max_length=200, description="whom the assertion names; empty for a secret")
    ] = ""
    audience: Annotated[
        Literal["https://login.salesforce.com", "https://test.salesforce.com"],
        msgspec.Meta(title="Audience of the assertion", description="test… for sandboxes"),
    ] = "https://login.salesforce.com"
    api_version: Annotated[str, msgspec.Meta(title="API version", pattern=r"^[0-9]{2}\.0$")] = "62.0"
    objects: Annotated[
        str,
        msgspec.Meta(title="Objects", max_length=2000, description="API names, parted by commas"),
    ] = "Account,Contact,Lead,Opportunity,Task"
    key_field: Annotated[
        str,
        msgspec.Meta(
            title="Field for our keys",
            max_length=80,
            description="a text field, unique and an external id, on every object that is written; empty: none",
            pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$",
        ),
    ] = "Countersign_Key__c"

    spare_percent: Annotated[
        int,
        msgspec.Meta(title="Calls left to others", ge=0, le=100, description="percent of the org's daily allowance"),
    ] = 5

    def object_names(self) -> tuple[str, ...]:
        """The objects that are described and governed."""
        return tuple(name.strip() for name in self.objects.split(",") if name.strip())


SECRETS = (
    SecretKind(name=CLIENT_SECRET, label="Consumer secret", help_text="for client credentials"),
    SecretKind(name=PRIVATE_KEY, label="Private key", help_text="PEM, RSA; for assertions", is_multiline=True),
    SecretKind(name=SESSION, label="Session", help_text="handed out by Salesforce", is_kept=True),
)
