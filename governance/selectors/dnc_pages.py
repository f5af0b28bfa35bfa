"""The do-not-contact list for people: keyset pages, never a COUNT, as fast with ten million entries (DNC-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from governance.domain.dnc_match import match_words, readings_of
from governance.domain.dnc_state import DncEntryState, entry_state
from governance.models import DncEntry
from governance.selectors.dnc_secret import get_dnc_keys

PAGE = 50
MOST_MATCHES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DncFilter:
    """Empty: all. `state` is a DncEntryState by name in small letters."""

    kind: str = ""
    brand: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class DncMatch:
    """An entry behind what was asked, how it stood then, and why it matches."""

    entry: DncEntry
    state: DncEntryState
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DncAnswer:
    """`read_as` are the kinds as which the text was understood. `matches` in force first."""

    text: str
    at: datetime
    read_as: tuple[str, ...]
    matches: tuple[DncMatch, ...]

    @property
    def is_listed(self) -> bool:
        return any(match.state == DncEntryState.IN_FORCE for match in self.matches)

    @property
    def is_of_brands_only(self) -> bool:
        """Whether every entry in force speaks of one brand: others may write."""
        return all(match.entry.brand for match in self.matches if match.state == DncEntryState.IN_FORCE)


def list_dnc_page(
    workspace_id: UUID, wanted: DncFilter, *, before: UUID | None, now: datetime, limit: int = PAGE
) -> list[DncEntry]:
    """Newest first, up to `limit` and one more when there is a next page. Each filter walks an index of its own."""
    rows = DncEntry.objects.filter(_in_state(wanted.state, now), workspace_id=workspace_id)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.brand:
        rows = rows.filter(brand=wanted.brand)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.select_related("parent").order_by("-id")[: limit + 1])


def list_covered(entry: DncEntry) -> QuerySet[DncEntry]:
    """The addresses of a person's or company's entry: 200 at most."""
    return DncEntry.objects.filter(parent_id=entry.pk).order_by("id")


def state_of(entry: DncEntry, at: datetime) -> DncEntryState:
    return entry_state(
        added_at=entry.added_at,
        effective_from=entry.effective_from,
        effective_until=entry.effective_until,
        removed_at=entry.removed_at,
        at=at,
    )


def ask_dnc_list(workspace_id: UUID, text: str, *, at: datetime) -> DncAnswer:
    """Is this listed, and by what? One query by digest, ended entries too.

    Raises InvalidRecipientError (what cannot be read is refused by every send), DncUnavailableError.
    """
    keys = get_dnc_keys()
    readings = readings_of(text, region=keys.region)
    kinds = {keys.digest(workspace_id, name): reading.kind for reading in readings for name in reading.keys}
    rows = DncEntry.objects.filter(digest__in=list(kinds), workspace_id=workspace_id).select_related("parent")
    found = [
        DncMatch(
            row,
            state_of(row, at),
            match_words(kinds[bytes(row.digest)], text, row.kind, row.value, region=keys.region),
        )
        for row in rows.order_by("-id")[:MOST_MATCHES]
    ]
    found.sort(key=lambda match: match.state != DncEntryState.IN_FORCE)
    return DncAnswer(text, at, tuple(str(reading.kind) for reading in readings), tuple(found))


def _in_state(state: str, now: datetime) -> Q:
    match state:
        case "in_force":
            open_end = Q(effective_until__isnull=True) | Q(effective_until__gt=now)
            return Q(open_end, removed_at__isnull=True, effective_from__lte=now)
        case "removed":
            return Q(removed_at__isnull=False)
        case "ran_out":
            return Q(effective_until__isnull=False, effective_until__lte=now, removed_at__isnull=True)
        case "later":
            return Q(effective_from__gt=F("added_at")) & Q(effective_from__gt=now, removed_at__isnull=True)
    return Q()
