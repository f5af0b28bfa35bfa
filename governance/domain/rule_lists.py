"""Named lists, ready to match: entries of all included lists together, folded as their kind is compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from governance.domain.plain_text import fold_value, words_of
from governance.domain.rule import NamedList
from governance.domain.rule_terms import ListKind
from governance.domain.rule_values import domain_of, is_below


@dataclass(frozen=True, slots=True)
class ReadyList:
    """`phrases`: first word → the further words of every term that begins with it."""

    kind: str
    entries: frozenset[str]
    phrases: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def holds(self, text: str) -> bool:
        """Whether one value stands on the list. For domains any address or URL will do."""
        if self.kind == ListKind.DOMAINS:
            return is_below(domain_of(text), self.entries)
        folded = fold_value(text)
        return folded in self.entries or (self.kind == ListKind.TERMS and self.is_mentioned(words_of(folded)))

    def is_mentioned(self, words: list[str]) -> bool:
        """Whether a term occurs in these words. Linear in them: only terms with the same first word are compared."""
        for position, word in enumerate(words):
            for rest in self.phrases.get(word, ()):
                if tuple(words[position + 1 : position + 1 + len(rest)]) == rest:
                    return True
        return False


def ready_lists(lists: Iterable[NamedList]) -> dict[str, ReadyList]:
    """Every list by name, includes followed; a circle of includes ends where it began."""
    by_name = {item.name: item for item in lists}
    return {name: _ready(item, by_name) for name, item in by_name.items()}


def _ready(item: NamedList, by_name: Mapping[str, NamedList]) -> ReadyList:
    raw = entries_with_includes(item, by_name)
    if item.kind == ListKind.DOMAINS:
        return ReadyList(item.kind, frozenset(domain for entry in raw if (domain := domain_of(entry))))
    entries = frozenset(fold_value(entry) for entry in raw)
    if item.kind != ListKind.TERMS:
        return ReadyList(item.kind, entries)
    phrases: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for entry in sorted(entries):
        if words := words_of(entry):
            phrases[words[0]].append(tuple(words[1:]))
    return ReadyList(item.kind, entries, {word: tuple(rests) for word, rests in phrases.items()})


def entries_with_includes(item: NamedList, by_name: Mapping[str, NamedList]) -> frozenset[str]:
    """The list's own entries and those of every list that it includes, however deep."""
    entries: set[str] = set()
    seen, todo = {item.name}, [item]
    while todo:
        here = todo.pop()
        entries.update(here.entries)
        for name in here.includes:
            if name not in seen and name in by_name:
                seen.add(name)
                todo.append(by_name[name])
    return frozenset(entries)
