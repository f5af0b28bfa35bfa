"""How django-oauth-toolkit issues tokens: by client credentials alone (IDN-02), hardened as RFC 9700 advises."""

from governance.domain.scopes import MEANINGS

OAUTH2_PROVIDER: dict[str, object] = {
    "SCOPES": MEANINGS,
    "SCOPES_BACKEND_CLASS": "config.scopes.ScopesByHolder",
    # This server knows one grant; no other one is there to be tried, and no password of a person is ever asked for.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "config.token_validator.TokenValidator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # RFC 9700: tokens lie hashed, and what the best practice withdraws is refused.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

# RFC 8707: a token that names resources is good here only if it names one of these. None: only tokens without are good.
TOKEN_AUDIENCES: tuple[str, ...] = ()
