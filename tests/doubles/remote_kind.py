"""A kind of CRM elsewhere, with settings and secrets of its own, for tests of what surrounds connectors."""

from typing import Annotated, Literal

import msgspec
import pytest

from crm_connectors.adapters.http_client import Answer, HttpClient
from crm_connectors.domain.endpoint_settings import RemoteSettings
from crm_connectors.port import AuthError, TransientError
from crm_connectors.services.connectors import CONNECTOR_KINDS
from crm_connectors.wiring import ConnectorKind, SecretKind, Wiring


class FarSettings(RemoteSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Annotated[Literal["v1", "v2"], msgspec.Meta(title="Version")] = "v2"
    is_careful: bool = False


class FarConnector:
    """Answers nothing but whether it is well."""

    is_local = False

    def __init__(self, wiring: Wiring) -> None:
        assert isinstance(wiring.settings, FarSettings)
        self._secrets = wiring.secrets
        self._http = HttpClient(
            base_url=wiring.settings.base_url,
            gate=wiring.gate,
            raise_for=raise_for,
            read_seconds=wiring.settings.read_seconds,
        )

    def health(self) -> None:
        token = self._secrets.open("access_token").reveal()
        self._http.call("GET", "/health", headers={"Authorization": f"Bearer {token}"})


def raise_for(answer: Answer, *, is_write: bool) -> None:
    if answer.status == 401:
        raise AuthError("the token is not accepted")
    if answer.status >= 500:
        raise TransientError(f"it answered {answer.status}")


FAR = ConnectorKind(
    kind="far",
    label="Far CRM",
    settings=FarSettings,
    make=FarConnector,  # type: ignore[arg-type]  # it reads and writes nothing
    secrets=(
        SecretKind(name="access_token", label="Access token", help_text="From its settings page"),
        SecretKind(name="private_key", label="Private key", is_multiline=True),
        SecretKind(name="session", label="Session", is_kept=True),
    ),
)


def add_far_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of kind `far` are served from now on."""
    monkeypatch.setitem(CONNECTOR_KINDS, "far", FAR)
