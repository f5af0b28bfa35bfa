"""Credential: an OAuth 2 client of one agent (IDN-02). The secret is hashed by django-oauth-toolkit and shown once."""

from django.db import models
from oauth2_provider.models import AbstractApplication

from governance.models.agent import Agent


class Credential(AbstractApplication):
    """One set of client credentials. Revoking it ends its tokens at once."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="credentials")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def is_usable(self, request: object) -> bool:
        """Asked by django-oauth-toolkit before it issues a token."""
        return self.revoked_at is None
