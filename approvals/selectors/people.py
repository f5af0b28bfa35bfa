"""People by id: the ledger and the requests keep ids, pages show names."""

from collections.abc import Iterable
from uuid import UUID

from governance.models import Person


def get_people_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by id; ids of nobody, or that are no ids, are missing. One query, none without ids."""
    valid = [found for found in map(_uuid, ids) if found is not None]
    if not valid:
        return {}
    return {str(pk): name for pk, name in Person.objects.filter(pk__in=valid).values_list("pk", "name")}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
