"""One portal on the wire: signed calls, each sent once; an OAuth token that is over is refreshed, once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_connectors.adapters.http_client import Answer, HttpClient, RaiseFor
from crm_connectors.domain.secret import Secret
from crm_connectors.hubspot.answers import TokenOverError, raise_for, raise_unless_over, read_body, read_result
from crm_connectors.hubspot.paths import path_of
from crm_connectors.hubspot.settings import (
    ACCESS_TOKEN,
    CLIENT_SECRET,
    OAUTH_TOKEN,
    REFRESH_TOKEN,
    HubSpotSettings,
)
from crm_connectors.port import AuthError
from crm_connectors.wiring import Wiring

_SPARE = timedelta(seconds=60)  # a token that is about to expire is refreshed before it does


class Portal:
    """What the rest of this folder calls. Costs nothing to make, and opens a lasting token once in its life: that of an
    attempt, or of a slice of a bulk revert."""

    def __init__(self, wiring: Wiring, settings: HubSpotSettings) -> None:
        self.connection_id = wiring.connection_id
        self.settings = settings
        self.stops = wiring.stops
        self._wiring = wiring
        self._opened: Secret | None = None

    def get(self, area: str, *parts: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        return read_result(self._call("GET", area, parts, query=query), is_write=False)

    def ask(self, area: str, *parts: str, json: Any) -> dict[str, Any]:
        """A read that is sent by POST."""
        return read_result(self._call("POST", area, parts, json=json), is_write=False)

    def write(self, method: str, area: str, *parts: str, json: Any) -> dict[str, Any]:
        """A write that answers with what it made of it. Raises AmbiguousError when nobody knows."""
        return read_result(self._call(method, area, parts, json=json, is_write=True), is_write=True)

    def delete(self, area: str, *parts: str) -> None:
        self._call("DELETE", area, parts, is_write=True)

    def _call(
        self,
        method: str,
        area: str,
        parts: tuple[str, ...],
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        is_write: bool = False,
    ) -> Answer:
        path = path_of(area, self.settings.version, *parts)

        def send(token: str, judge: RaiseFor) -> Answer:
            headers = {"Authorization": f"Bearer {token}"}
            return self._client(judge).call(method, path, query=query, json=json, headers=headers, is_write=is_write)

        if self.settings.sign_in == "oauth":
            token = self._token()
            try:
                return send(token, raise_unless_over)
            except TokenOverError:  # refused for its token, so provably not applied: once more, even a write
                return send(self._renew(token), raise_for)
        return send(self._token(), raise_for)

    def _client(self, judge: RaiseFor) -> HttpClient:
        settings = self.settings
        return HttpClient(
            base_url=settings.base_url,
            gate=self._wiring.gate,
            raise_for=judge,
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            total_seconds=settings.total_seconds,
        )

    def _token(self) -> str:
        if self.settings.sign_in == "token":
            self._opened = self._opened or self._wiring.secrets.open(ACCESS_TOKEN)
            return self._opened.reveal()
        kept = self._wiring.secrets.find(OAUTH_TOKEN)
        return kept.reveal() if kept is not None else self._renew("")

    def _renew(self, ended: str) -> str:
        """Another process may have refreshed it meanwhile: the refresh token goes out once for all of them."""
        with self._wiring.secrets.alone():
            kept = self._wiring.secrets.find(OAUTH_TOKEN)
            return kept.reveal() if kept is not None and kept.reveal() != ended else self._refresh()

    def _refresh(self) -> str:
        """A fresh access token, kept for every process; the refresh token too, should it come back changed."""
        secrets = self._wiring.secrets
        used = {name: secrets.open(name) for name in (REFRESH_TOKEN, CLIENT_SECRET)}
        form = {
            "grant_type": "refresh_token",
            "client_id": self.settings.client_id,
            "client_secret": used[CLIENT_SECRET].reveal(),
            "refresh_token": used[REFRESH_TOKEN].reveal(),
        }
        path = path_of("oauth", self.settings.version, "token")
        body = read_result(self._client(_raise_for_token).call("POST", path, form=form), is_write=False)
        token = body.get("access_token")
        if not isinstance(token, str):
            raise AuthError("HubSpot handed out no token")
        lifetime = timedelta(seconds=int(body.get("expires_in") or 0))
        expires_at = datetime.now(UTC) + max(lifetime - _SPARE, timedelta())
        is_changed = body.get("refresh_token") not in (None, used[REFRESH_TOKEN].reveal())
        along = {REFRESH_TOKEN: str(body["refresh_token"])} if is_changed else {}
        secrets.keep(OAUTH_TOKEN, token, won_by=used, expires_at=expires_at, along=along)
        return token


def _raise_for_token(answer: Answer, *, is_write: bool) -> None:
    """The token endpoint says with 400 that the app or its refresh token is not known."""
    if answer.status == 400:
        status = str(read_body(answer).get("status", ""))
        raise AuthError(f"HubSpot refuses to refresh the token ({status[:40] if status.isascii() else ''})")
    raise_for(answer, is_write=is_write)
