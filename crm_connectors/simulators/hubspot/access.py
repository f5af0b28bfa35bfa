"""Who calls: private-app tokens, OAuth tokens that expire, and what their scopes allow."""

import secrets
from dataclasses import dataclass

TOKEN_SECONDS = 1800
MAX_TOKENS = 10_000
_OBJECTS = ("contacts", "companies", "deals")
ALL_SCOPES = frozenset(
    {f"crm.objects.{name}.{right}" for name in _OBJECTS for right in ("read", "write")}
    | {f"crm.schemas.{name}.{right}" for name in _OBJECTS for right in ("read", "write")}
    | {
        "tickets",
        "crm.objects.owners.read",
        "automation.sequences.read",
        "automation.sequences.enrollments.write",
        "communication_preferences.read",
        "communication_preferences.write",
        "account-info.security.read",
    }
)
PRIVATE_TOKEN = "pat-na1-simulator"  # noqa: S105 (opens a simulator on loopback, nothing else)
READ_ONLY_TOKEN = "pat-na1-simulator-read-only"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a token stands for. `expires_at` in milliseconds, None for never."""

    app_id: str
    scopes: frozenset[str] = ALL_SCOPES
    expires_at: int | None = None
    is_oauth: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """A public app that was installed in the portal."""

    client_id: str = "simulator-client"
    client_secret: str = "simulator-secret"  # noqa: S105
    refresh_token: str = "simulator-refresh"  # noqa: S105
    app_id: str = "2000001"
    scopes: frozenset[str] = ALL_SCOPES


class AccessTable:
    """Every token that the portal knows."""

    def __init__(self) -> None:
        self.oauth_app = OAuthApp()
        self._tokens: dict[str, Access] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the two private apps."""
        readable = frozenset(scope for scope in ALL_SCOPES if not scope.endswith(".write"))
        self._tokens = {
            PRIVATE_TOKEN: Access(app_id="1000001"),
            READ_ONLY_TOKEN: Access(app_id="1000002", scopes=readable),
        }

    def find(self, token: str) -> Access | None:
        return self._tokens.get(token)

    def grant(self, token: str, access: Access) -> None:
        """A token of the test's own making."""
        self._tokens[token] = access

    def revoke(self, token: str) -> None:
        self._tokens.pop(token, None)

    def issue(self, now: int) -> str:
        """A new access token of the OAuth app, good for 1,800 seconds."""
        if len(self._tokens) >= MAX_TOKENS:
            self.reset()
        token = f"simulated-{secrets.token_urlsafe(24)}"
        app = self.oauth_app
        expires_at = now + TOKEN_SECONDS * 1000
        self._tokens[token] = Access(app_id=app.app_id, scopes=app.scopes, expires_at=expires_at, is_oauth=True)
        return token
