"""Calls to Tryton: one session, one call sent at most once, and what its answers mean.

Errors come as HTTP 200 with `error`: a server's transaction ends with its call, so that a call that failed has applied
nothing. Source: trytond 8.2, `protocols/dispatcher.py` and `protocols/jsonrpc.py`.
"""

import base64
from typing import Any

import msgspec

from crm_connectors.adapters.http_client import Answer, HttpClient, RaiseFor
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConflictError,
    ConnectorError,
    LimitedError,
    RejectedError,
    TransientError,
)
from crm_connectors.tryton.settings import PASSWORD, SESSION, TrytonSettings
from crm_connectors.wiring import SecretStore, Wiring

_LOGIN_WAIT_SECONDS = 60.0
_BETWEEN = (408, 425, 499)  # of a proxy that gave up waiting


class SessionOverError(Exception):
    """The server knows the session no longer: log in again. Nothing was applied."""


class FailedError(RejectedError):
    """The server broke on the call, and told no person why: a wrong name or type. Nothing was applied."""


class Tryton:
    """One database of one server, as one user."""

    def __init__(self, settings: TrytonSettings, wiring: Wiring) -> None:
        self._settings = settings
        self._secrets: SecretStore = wiring.secrets
        self._http = _client(settings, wiring, raise_for)
        self._door = _client(settings, wiring, raise_for_login)

    def call(self, method: str, *params: Any, is_write: bool = False) -> Any:
        """The call's result. Logs in when there is no session, and once more when it has ended.

        Raises ConflictError, RejectedError, LimitedError, TransientError, AuthError: nothing was
        applied. Raises AmbiguousError for a write without a whole answer."""
        try:
            return self._send(method, params, self._session(), is_write=is_write)
        except SessionOverError:
            pass
        try:
            return self._send(method, params, self._log_in(), is_write=is_write)
        except SessionOverError as error:
            raise AuthError("the server ends our session at once") from error

    def get_user_id(self) -> int:
        """The user that we work as. No call: the session names it."""
        return int(base64.b64decode(self._session()).split(b":")[-2])

    def _session(self) -> str:
        kept = self._secrets.find(SESSION)
        return kept.reveal() if kept is not None else self._log_in()

    def _log_in(self) -> str:
        password = self._secrets.open(PASSWORD)
        params = (self._settings.login, {"password": password.reveal()})
        body = {"id": 1, "method": "common.db.login", "params": params}
        found = self._door.call("POST", f"/{self._settings.database}/rpc/", json=body).json()["result"]
        session = base64.b64encode(f"{self._settings.login}:{found[0]}:{found[1]}".encode()).decode("ascii")
        self._secrets.keep(SESSION, session, won_by={PASSWORD: password})
        return session

    def _send(self, method: str, params: tuple[Any, ...], session: str, *, is_write: bool) -> Any:
        headers = {"Authorization": f"Session {session}"}
        body = {"id": 1, "method": method, "params": params}
        path = f"/{self._settings.database}/rpc/"
        answer = self._http.call("POST", path, json=body, headers=headers, is_write=is_write)
        return answer.json()["result"]


def _client(settings: TrytonSettings, wiring: Wiring, means: RaiseFor) -> HttpClient:
    return HttpClient(
        base_url=settings.base_url,
        gate=wiring.gate,
        raise_for=means,
        connect_seconds=settings.connect_seconds,
        read_seconds=settings.read_seconds,
        total_seconds=settings.total_seconds,
    )


def raise_for_login(answer: Answer, *, is_write: bool) -> None:
    """As `raise_for`; a refusal is of the user or the password, which pauses the connection: no second try that would
    lock the user out."""
    if answer.status == 401:
        raise AuthError("the user or the password is not accepted")
    raise_for(answer, is_write=is_write)


def raise_for(answer: Answer, *, is_write: bool) -> None:
    """What an answer means. Nothing of the server's own words is repeated: they quote values."""
    match answer.status:
        case 200:
            _raise_for_error(answer, is_write=is_write)
        case 401:
            raise SessionOverError
        case 403:
            raise AuthError("the user may not use this server")
        case 429:
            raise LimitedError("too many logins", retry_after_seconds=_LOGIN_WAIT_SECONDS)
        case 404:
            raise _unknown("the server answered 404: is this its address, and its database?", is_write=is_write)
        case status if 400 <= status < 500 and status not in _BETWEEN and "error" in _read(answer):
            _raise_for_error(answer, is_write=is_write)
        case status:
            raise _unknown(f"the server answered {status}", is_write=is_write)


def _unknown(words: str, *, is_write: bool) -> ConnectorError:
    """No word of Tryton's: who stands between may have passed the call on, and it may have been applied."""
    return AmbiguousError(words) if is_write else TransientError(words)


def _read(answer: Answer) -> dict[str, Any]:
    """The answer's members; none when it is no JSON object."""
    try:
        told = answer.json()
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _raise_for_error(answer: Answer, *, is_write: bool) -> None:
    match _read(answer):
        case {"result": _}:
            return
        case {"error": ["ConcurrencyException", *_]}:
            raise ConflictError("the record was changed meanwhile")
        case {"error": ["LoginException", *_]}:
            raise AuthError("the server asks for a second factor")
        case {"error": ["UserError", *_]}:
            raise RejectedError("the CRM refuses it")
        case {"error": ["UserWarning", *_]}:
            raise RejectedError("the CRM asks a person to confirm it")
        case {"error": ["RateLimitException", *_]}:
            raise LimitedError("the server asks us to wait", retry_after_seconds=_LOGIN_WAIT_SECONDS)
        case {"error": _}:
            raise FailedError("the CRM cannot do it")
    raise _unknown("the answer is none of Tryton's", is_write=is_write)
