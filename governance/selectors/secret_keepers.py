"""Who has seen a secret of which credential: they do not decide what was asked for with it (APR-07)."""

from collections import defaultdict
from collections.abc import Collection

from governance.models import SecretKeeper


def list_keepers(credentials: Collection[int]) -> dict[int, frozenset[str]]:
    """Credential → ids of the people who have seen a secret of it. One query, none without a credential."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = SecretKeeper.objects.filter(credential__in=credentials) if credentials else SecretKeeper.objects.none()
    for credential, person in rows.values_list("credential_id", "person_id"):
        found[credential].add(str(person))
    return {credential: frozenset(people) for credential, people in found.items()}
