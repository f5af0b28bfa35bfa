"""A connection's secrets in memory, for connectors that run without our tables."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from crm_connectors.domain.secret import Secret
from crm_connectors.port import AuthError


class KeptSecrets:
    """See `crm_connectors.wiring.SecretStore`. `opened` lists what was opened, in order."""

    def __init__(self, **values: str) -> None:
        self.opened: list[str] = []
        self._values: dict[str, tuple[str, datetime | None]] = {name: (value, None) for name, value in values.items()}

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def open(self, name: str) -> Secret:
        self.opened.append(name)
        found = self.find(name)
        if found is None:
            raise AuthError(f"the secret `{name}` of this connection is not set, or has expired")
        return found

    def find(self, name: str) -> Secret | None:
        value, expires_at = self._values.get(name, ("", None))
        return Secret(value) if value and (expires_at is None or expires_at > datetime.now(UTC)) else None

    def keep(
        self,
        name: str,
        value: str,
        *,
        won_by: Mapping[str, Secret] | None = None,
        expires_at: datetime | None = None,
        along: Mapping[str, str] | None = None,
    ) -> None:
        assert all(self.find(one) for one in won_by or {})
        self._values |= {name: (value, expires_at)} | {other: (text, None) for other, text in (along or {}).items()}
