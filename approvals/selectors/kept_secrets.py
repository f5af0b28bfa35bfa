"""Requests that one person could have asked themselves, having seen a secret of the credential (APR-07)."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from governance.models import SecretKeeper


def has_kept_secret(person_id: UUID) -> Exists:
    """True of requests whose credential this person issued or rotated, in a statement about requests."""
    return Exists(SecretKeeper.objects.filter(credential=OuterRef("credential"), person=person_id))
