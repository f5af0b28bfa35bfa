"""Where a Tryton server is, and which of its models are served."""

from typing import Annotated, ClassVar

import msgspec

from crm_connectors.domain.endpoint_settings import RemoteSettings
from crm_connectors.wiring import SecretKind

PASSWORD, SESSION = "password", "session"
SECRETS = (
    SecretKind(name=PASSWORD, label="Password", help_text="Of the Tryton user that Countersign works as"),
    SecretKind(name=SESSION, label="Session", is_kept=True),
)


class TrytonSettings(RemoteSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`objects`: names of models, separated by spaces or commas. What is not named is not there for us."""

    secrets_belong_to: ClassVar[tuple[str, ...]] = ("base_url", "database", "login")

    database: Annotated[str, msgspec.Meta(title="Database", pattern=r"^[A-Za-z0-9_-]{1,63}$")]
    login: Annotated[str, msgspec.Meta(title="User", min_length=1, max_length=100)]
    objects: Annotated[
        str, msgspec.Meta(title="Objects", max_length=1000, description="Names of Tryton's models, separated by spaces")
    ] = "party.party party.address party.contact_mechanism"

    def object_names(self) -> tuple[str, ...]:
        """Each once, in the order given."""
        return tuple(dict.fromkeys(self.objects.replace(",", " ").split()))
