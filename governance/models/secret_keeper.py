"""SecretKeeper: who has seen a secret of a credential, and so could have asked as its agent (APR-07, IDN-02)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.credential import Credential
from governance.models.people import Person


class SecretKeeper(models.Model):
    """Written by `governance.services.credentials` when a person issues or rotates; it stays as long as the credential:
    what was asked for with an earlier secret may still wait."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="keepers", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential", "person"], name="secret_keeper_once")]

    def __str__(self) -> str:
        return f"{self.person_id} of {self.credential_id}"
