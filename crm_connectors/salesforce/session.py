"""Sessions: asked for once, kept sealed for all our processes, renewed once when Salesforce says that one is over."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException

from crm_connectors.adapters.http_client import Answer, HttpClient, RaiseFor
from crm_connectors.domain.secret import Secret
from crm_connectors.port import AuthError, LimitedError, RejectedError, TransientError
from crm_connectors.salesforce.answers import (
    BRIEF_WAIT_SECONDS,
    MovedError,
    MovedWriteError,
    raise_for,
    raise_unless_ended,
)
from crm_connectors.salesforce.naming import find_id
from crm_connectors.salesforce.settings import CLIENT_SECRET, PRIVATE_KEY, SESSION, SalesforceSettings
from crm_connectors.salesforce.usage import usage
from crm_connectors.wiring import Gate, SecretStore

ASSERTION_SECONDS = 120
"""Salesforce takes assertions that end within three minutes."""
MAX_PATH_BYTES = 12_000
"""Of an address: Salesforce answers 414 beyond 16,384 bytes of address and headers."""


class _Session(msgspec.Struct, frozen=True):
    """`asked_of` says where, for which app and for whom: another org's session is none of ours. `user_id`: whom it runs
    as; empty for one that was kept before that was noted, and where the org does not say."""

    token: str
    instance_url: str
    asked_of: str
    user_id: str = ""


class SalesforceSession:
    """Calls to one org's data API. Costs nothing to make; the first call opens the kept session or asks for one."""

    def __init__(self, settings: SalesforceSettings, secrets: SecretStore, gate: Gate) -> None:
        self._settings = settings
        self._secrets = secrets
        self._gate = gate
        self._session: _Session | None = None

    @property
    def base_path(self) -> str:
        """Where data calls lie: what the paths of `call` are appended to."""
        return f"/services/data/v{self._settings.api_version}"

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        is_write: bool = False,
    ) -> Answer:
        """One call below `/services/data/vXX.0`. A refused session was not applied: it is renewed and the call made
        again, once. A redirect drops the session: the next call asks where the org is now. Raises what
        `HttpClient.call` and `raise_for` raise; RejectedError for an address too long."""
        if len(path) + len(urlencode(query or {})) > MAX_PATH_BYTES:
            raise RejectedError("the request is too long for the CRM")
        session = self._session or self._open()

        def send(session: _Session, judge: RaiseFor) -> Answer:
            usage.require(session.token, self._settings.spare_percent)
            client = self._client(session.instance_url, judge)
            answer = client.call(
                method,
                f"{self.base_path}{path}",
                query=query,
                json=json,
                headers={"Authorization": f"Bearer {session.token}", **(headers or {})},
                is_write=is_write,
            )
            usage.note(session.token, answer.headers.get("Sforce-Limit-Info"))
            return answer

        try:
            answer = send(session, raise_unless_ended)
            if answer.status == 401:
                answer = send(self._renew(session), raise_for)
        except (MovedError, MovedWriteError):
            self._drop()
            raise
        return answer

    def user_id(self) -> str:
        """Whom our calls run as; empty where the org does not say. One sign-in if the kept session does not know."""
        session = self._session or self._open()
        return (session if session.user_id else self._ask()).user_id

    def read_json(self, method: str, path: str, **more: Any) -> Any:
        """The body of a call that changes nothing. Raises TransientError for one that cannot be read."""
        return decode(self.call(method, path, **more))

    def _open(self) -> _Session:
        kept = self._secrets.find(SESSION)
        session = msgspec.json.decode(kept.reveal(), type=_Session) if kept is not None else None
        if session is None or session.asked_of != self._asked_of():
            return self._ask()
        self._session = session
        return session

    def _renew(self, ended: _Session) -> _Session:
        """Another process may have renewed it meanwhile."""
        session = self._open()
        return session if session.token != ended.token else self._ask()

    def _drop(self) -> None:
        """Whoever opens the kept session finds one that was asked of nobody, and asks anew."""
        self._session = None
        self._secrets.keep(SESSION, msgspec.json.encode(_Session(token="", instance_url="", asked_of="")).decode())

    def _ask(self) -> _Session:
        client = self._client(self._settings.base_url, _raise_for_token)
        name = CLIENT_SECRET if self._settings.grant == "client_credentials" else PRIVATE_KEY
        secret = self._secrets.open(name)
        body = decode(client.call("POST", "/services/oauth2/token", form=self._form(secret)))
        if not isinstance(body, dict) or not body.get("access_token") or not body.get("instance_url"):
            raise TransientError("the CRM's answer to our sign-in cannot be read")
        user_id = find_id(str(body.get("id") or "").rpartition("/")[2]) or ""
        session = _Session(str(body["access_token"]), str(body["instance_url"]), self._asked_of(), user_id)
        self._secrets.keep(SESSION, msgspec.json.encode(session).decode(), won_by={name: secret})
        self._session = session
        return session

    def _asked_of(self) -> str:
        settings = self._settings
        return " ".join((settings.base_url, settings.client_id, settings.grant, settings.username))

    def _form(self, secret: Secret) -> dict[str, str]:
        if self._settings.grant == "client_credentials":
            return {
                "grant_type": "client_credentials",
                "client_id": self._settings.client_id,
                "client_secret": secret.reveal(),
            }
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._assertion(secret)}

    def _assertion(self, secret: Secret) -> str:
        """Signed with the app's key. Raises AuthError for a key that is none."""
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.audience,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        token = jwt.JWT(header={"alg": "RS256"}, claims=claims)
        token.make_signed_token(_read_key(secret.reveal()))
        return str(token.serialize())

    def _client(self, base_url: str, judge: RaiseFor) -> HttpClient:
        settings = self._settings
        return HttpClient(
            base_url=base_url,
            gate=self._gate,
            raise_for=judge,
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            total_seconds=settings.total_seconds,
        )


def _read_key(pem: str) -> jwk.JWK:
    """A key that signs. Raises AuthError, without what a library says of the key: it may hold a part of it."""
    try:
        key = jwk.JWK.from_pem(pem.encode())
    except (JWException, UnsupportedAlgorithm, ValueError, TypeError):
        raise AuthError("the private key of this connection cannot be read: it is to be an open RSA key, PEM") from None
    if key.get("kty") != "RSA" or not key.has_private:
        raise AuthError("the private key of this connection cannot sign: it is to be an RSA key, with its private part")
    return key


def decode(answer: Answer) -> Any:
    """Raises TransientError: for calls that change nothing."""
    try:
        return answer.json()
    except msgspec.DecodeError as error:
        raise TransientError("the CRM's answer cannot be read") from error


def _raise_for_token(answer: Answer, *, is_write: bool) -> None:  # noqa: ARG001 (of the signature; a sign-in writes nothing)
    if answer.status < 300:
        return
    if answer.status == 429:
        raise LimitedError("the CRM limits our sign-ins", retry_after_seconds=BRIEF_WAIT_SECONDS)
    if answer.status < 400 or answer.status >= 500:
        raise TransientError(f"the CRM answered our sign-in with {answer.status}")
    raise AuthError("the CRM refused our sign-in")
