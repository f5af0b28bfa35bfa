"""Searching the ledger of one workspace, for people and for integrations (AUD-04)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from approvals.domain.ledger_query import LedgerQuery, to_search, with_person
from approvals.services.search_terms import SEARCH, term_of
from audit.domain.search import Found
from audit.selectors.events import LedgerEntry, list_entries
from audit.selectors.lag import get_follower_lags
from audit.selectors.search import COUNTED, count_found, search_events
from governance.models import Workspace
from governance.selectors.dnc_secret import get_dnc_keys


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Newest first. `next`: where the next page begins, None on the last. `is_whole` False: the page ended because
    enough was looked at. `count` is None but on the first page, and a least where there is a next one. `behind`: events
    that cannot be found yet by agent, record, field or person."""

    entries: list[LedgerEntry]
    next: UUID | None
    is_whole: bool
    count: int | None
    behind: int

    @property
    def is_capped(self) -> bool:
        return self.count is not None and self.count > COUNTED


def name_person(query: LedgerQuery, address: str, *, workspace: Workspace) -> LedgerQuery:
    """The query with the address as a search term. Raises UnreadableQueryError, DncUnavailableError."""
    keys = get_dnc_keys()
    return with_person(query, address, region=keys.region, term_of=_terms_in(workspace))


def search_ledger(
    query: LedgerQuery, *, workspace: Workspace, before: UUID | None = None, limit: int = 50
) -> SearchPage:
    """One page, by at most seven queries whatever is asked. Raises UnreadableQueryError, DncUnavailableError."""
    search = to_search(query, workspace=workspace.slug, term_of=_terms_in(workspace))
    found = search_events(search, before=before, limit=limit)
    count = None
    if before is None and query.is_narrowed and found.is_whole:
        count = len(found.ids) if found.next is None else max(len(found.ids), count_found(search))
    behind = get_follower_lags().get(SEARCH.name, 0)
    return SearchPage(list_entries(found.ids, workspace=workspace.slug), found.next, found.is_whole, count, behind)


def search_ids(query: LedgerQuery, *, workspace: Workspace, before: UUID | None, limit: int) -> Found:
    """The ids alone, for whoever reads the events himself. Raises as `search_ledger`."""
    search = to_search(query, workspace=workspace.slug, term_of=_terms_in(workspace))
    return search_events(search, before=before, limit=limit)


def check_query(query: LedgerQuery, *, workspace: Workspace) -> None:
    """Raises UnreadableQueryError, DncUnavailableError for what cannot be searched for."""
    to_search(query, workspace=workspace.slug, term_of=_terms_in(workspace))


def _terms_in(workspace: Workspace) -> Callable[[str], int]:
    return partial(term_of, workspace.pk, keys=get_dnc_keys())
