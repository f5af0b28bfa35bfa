"""Who has seen a secret of which credential: they do not decide what was asked for with it (APR-07)."""

from collections import defaultdict
from collections.abc import Collection

from audit.selectors.kept_query import KeptQuery
from governance.models import SecretKeeper


def list_keepers(credentials: Collection[int]) -> dict[int, frozenset[str]]:
    """Credential → ids of the people who have seen a secret of it. One query, none without a credential; its text is
    kept for each number of credentials."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for credential, person in _KEEPERS.fetch(tuple(sorted({*credentials}))) if credentials else ():
        found[credential].add(str(person))
    return {credential: frozenset(people) for credential, people in found.items()}


def list_keepers_of(credential_id: int) -> frozenset[str]:
    """Ids of who has seen a secret of one credential. One query, kept in words."""
    return list_keepers([credential_id]).get(credential_id, frozenset())


_KEEPERS = KeptQuery(
    lambda credentials: SecretKeeper.objects.filter(credential__in=credentials).values_list(
        "credential_id", "person_id"
    )
)
