"""What the token endpoint judges before it asks the database."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class TokenValidator(OAuth2Validator):  # type: ignore[misc]  # the package ships no types
    """The toolkit's own rules, and one more: what no client can be called is no client."""

    def _load_application(self, client_id: str, request: Any) -> Any:
        """The credential of this id, None for none. PostgreSQL takes no text with NUL, not even to compare with."""
        return None if "\x00" in (client_id or "") else super()._load_application(client_id, request)
