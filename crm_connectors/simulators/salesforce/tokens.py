"""The token endpoint and the sessions it hands out: client credentials and JWT bearer, with the hosts' rules."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from jwcrypto import jwk, jws, jwt
from werkzeug.wrappers import Request

from crm_connectors.simulators.salesforce.errors import ApiError
from crm_connectors.simulators.salesforce.org import Org, User

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MAX_SESSIONS = 1000
MAX_ASSERTION_SECONDS = 180
_AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})


class TokenRefusedError(Exception):
    """An OAuth error: `error` and `error_description` of an object with status 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A client application. `run_as` is the user of client credentials, empty when none is set up; `certificate` the
    public key (PEM) of its assertions; `approved` the users who may be impersonated by one."""

    key: str
    secret: str
    run_as: str = ""
    certificate: str = ""
    approved: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tokens:
    """Applications and live sessions of one org. `instance_url` is where data calls belong."""

    org: Org
    instance_url: str = ""
    org_id: str = "00DSIM000000001EAA"
    apps: dict[str, App] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    issued: int = 0

    def issue(self, request: Request) -> dict[str, Any]:
        """A session for what the form asks. Raises TokenRefusedError."""
        form = request.form
        match form.get("grant_type", ""):
            case "client_credentials":
                user = self._by_credentials(request)
            case grant if grant == JWT_BEARER:
                user = self._by_assertion(form.get("assertion", ""), request)
            case _:
                raise TokenRefusedError("unsupported_grant_type", "grant type not supported")
        return self._open(user, request)

    def user_of(self, request: Request) -> User:
        """Who a call runs as. Raises ApiError 401."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        username = self.sessions.get(token) if scheme in {"Bearer", "OAuth"} else None
        if username is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return self.org.users[username]

    def end_sessions(self) -> None:
        """Every session is over, as when an admin ends them or they time out."""
        self.sessions.clear()

    def end_session(self, request: Request) -> None:
        """This call's session is over."""
        self.sessions.pop(request.headers.get("Authorization", "").partition(" ")[2], None)

    def _by_credentials(self, request: Request) -> str:
        if _is_login_host(request):
            raise TokenRefusedError("invalid_grant", "request not supported on this domain")
        key, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
        if request.authorization is not None and request.authorization.type == "basic":
            key, secret = request.authorization.username or "", request.authorization.password or ""
        app = self.apps.get(key)
        if app is None:
            raise TokenRefusedError("invalid_client_id", "client identifier invalid")
        if not secrets.compare_digest(app.secret.encode(), secret.encode()):
            raise TokenRefusedError("invalid_client", "invalid client credentials")
        if not app.run_as:
            raise TokenRefusedError("invalid_grant", "no client credentials user enabled")
        return app.run_as

    def _by_assertion(self, assertion: str, request: Request) -> str:
        claims = _claims_unchecked(assertion)
        app = self.apps.get(str(claims.get("iss", "")))
        if app is None or not app.certificate:
            raise TokenRefusedError("invalid_client_id", "client identifier invalid")
        try:
            jwt.JWT(jwt=assertion, key=jwk.JWK.from_pem(app.certificate.encode()), algs=["RS256"])
        except (jws.InvalidJWSSignature, jwt.JWException, ValueError) as error:
            raise TokenRefusedError("invalid_grant", "invalid assertion") from error
        if str(claims.get("aud", "")).rstrip("/") not in _AUDIENCES | {request.host_url.rstrip("/")}:
            raise TokenRefusedError("invalid_grant", "audience is invalid")
        if not 0 < int(claims.get("exp", 0)) - time.time() <= MAX_ASSERTION_SECONDS:
            raise TokenRefusedError("invalid_grant", "assertion expired or too long-lived")
        user = str(claims.get("sub", ""))
        if user not in app.approved or user not in self.org.users:
            raise TokenRefusedError("invalid_grant", "user hasn't approved this consumer")
        return user

    def _open(self, username: str, request: Request) -> dict[str, Any]:
        self.issued += 1
        token = f"{self.org_id[:15]}!AQ{secrets.token_urlsafe(72)}"
        while len(self.sessions) >= MAX_SESSIONS:
            self.sessions.pop(next(iter(self.sessions)), None)
        self.sessions[token] = username
        host = request.host_url.rstrip("/")
        return {  # there is no `expires_in`: a session ends when the org says so
            "access_token": token,
            "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
            "scope": "api",
            "instance_url": self.instance_url or host,
            "id": f"{host}/id/{self.org_id}/{self.org.users[username].id}",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
        }


def _is_login_host(request: Request) -> bool:
    """`login.…` and `test.…` serve every org; the rest is an org's own domain."""
    return request.host.split(".")[0] in {"login", "test"}


def _claims_unchecked(assertion: str) -> dict[str, Any]:
    """The claims, to learn whose key is to be asked; nothing in them is believed before that."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError) as error:
        raise TokenRefusedError("invalid_grant", "invalid assertion") from error
    return claims if isinstance(claims, dict) else {}
