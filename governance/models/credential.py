"""Credential: an OAuth 2 client of one agent or one integration (IDN-02). The secret lies hashed and is shown once."""

from django.db import models
from oauth2_provider.models import AbstractApplication
from simple_history.models import HistoricalRecords

from governance.domain.vocabulary import Lifecycle
from governance.models.agent import Agent
from governance.models.integration import Integration


class Credential(AbstractApplication):  # type: ignore[misc]  # django-oauth-toolkit ships no types
    """One set of client credentials. Revoking it ends its tokens at once.

    Access tokens lie as sha256 checksums alone (`COMPLIANT_BCP_RFC9700_TOKEN_STORAGE`).
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="credentials")
    integration = models.ForeignKey(
        Integration, on_delete=models.PROTECT, null=True, blank=True, related_name="credentials"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(excluded_fields=["client_secret", "last_used_at"])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(authorization_grant_type="client-credentials")
                | models.Q(agent__isnull=False, integration__isnull=True)
                | models.Q(agent__isnull=True, integration__isnull=False),
                name="client_credentials_belong_to_one_holder",
            ),
            models.CheckConstraint(condition=models.Q(hash_client_secret=True), name="credential_secret_is_hashed"),
        ]

    def __str__(self) -> str:
        return str(self.client_id)

    @property
    def holder(self) -> Agent | Integration | None:
        """Whose it is."""
        found: Agent | Integration | None = self.agent or self.integration
        return found

    def is_usable(self, request: object) -> bool:  # noqa: ARG002
        """Asked by django-oauth-toolkit before it issues a token: none for a retired agent, none while switched off."""
        if self.revoked_at is not None:
            return False
        if self.integration is not None:
            return bool(self.integration.is_active)
        return self.agent is None or self.agent.lifecycle != Lifecycle.RETIRED
