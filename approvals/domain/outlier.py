"""Outlier: what in a group of like requests is not like the others, and why, in words (APR-03, APR-06)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from approvals.domain.diff_shape import Cluster, Member
from governance.domain.facts import JsonValue

_CONFIDENCE_GAP = 0.1
_TIMES = 10
_LONG, _LONGER = 60, 4
_MIN_COMPARED = 3


def find_outliers(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    """Key of each member that differs from the rest → the reasons. Nothing is compared with fewer than two others,
    except what speaks for itself: a drifted record, characters that cannot be seen."""
    found: dict[str, list[str]] = {member.key: [] for member in cluster.members}
    for member in cluster.members:
        if member.key in cluster.other_value:
            found[member.key].append("another value than the others")
        if member.is_drifted:
            found[member.key].append("the record changed since")
        if member.has_hidden:
            found[member.key].append("characters that cannot be seen")
    if len(cluster.members) >= _MIN_COMPARED:
        for compare in (_confidence, _environment, _flags, _checks, _values):
            for key, reason in compare(cluster.members):
                found[key].append(reason)
    return {key: tuple(reasons) for key, reasons in found.items() if reasons}


Found = Iterable[tuple[str, str]]


def _confidence(members: Sequence[Member]) -> Found:
    known = [member.confidence for member in members if member.confidence is not None]
    if not known:
        return
    usual = median(known)
    for member in members:
        if member.confidence is not None and member.confidence < usual - _CONFIDENCE_GAP:
            yield member.key, f"confidence {member.confidence:.2f}, the others about {usual:.2f}"


def _environment(members: Sequence[Member]) -> Found:
    usual, count = Counter(member.environment for member in members).most_common(1)[0]
    if count > len(members) / 2:
        for member in members:
            if member.environment != usual:
                yield member.key, f"in {member.environment}, the others in {usual}"


def _flags(members: Sequence[Member]) -> Found:
    return _rare(members, lambda member: member.risk_flags, "flagged")


def _checks(members: Sequence[Member]) -> Found:
    return _rare(members, lambda member: member.asked_by, "also asked about by")


def _rare(members: Sequence[Member], read: Callable[[Member], frozenset[str]], words: str) -> Found:
    """What fewer than half of them carry."""
    counts = Counter(name for member in members for name in read(member))
    for member in members:
        rare = sorted(name for name in read(member) if counts[name] * 2 < len(members))
        if rare:
            yield member.key, f"{words} {', '.join(name.replace('_', ' ') for name in rare)}"


def _values(members: Sequence[Member]) -> Found:
    for label in members[0].after:
        held = [(member.key, member.after.get(label)) for member in members]
        yield from _emptied(label, held)
        yield from _far_numbers(label, held)
        yield from _long_texts(label, held)


def _emptied(label: str, held: list[tuple[str, JsonValue]]) -> Found:
    empty = [key for key, value in held if value in (None, "")]
    if len(empty) * 2 < len(held):
        yield from ((key, f"empties {label}") for key in empty)


def _far_numbers(label: str, held: list[tuple[str, JsonValue]]) -> Found:
    numbers = [(key, float(value)) for key, value in held if _is_number(value)]
    if len(numbers) < _MIN_COMPARED or not (usual := median(number for _, number in numbers)):
        return
    for key, number in numbers:
        share = number / usual
        if share >= _TIMES or share <= 1 / _TIMES:
            yield key, f"{label} is far from the others"


def _long_texts(label: str, held: list[tuple[str, JsonValue]]) -> Found:
    texts = [(key, len(value)) for key, value in held if isinstance(value, str)]
    if len(texts) < _MIN_COMPARED:
        return
    usual = median(length for _, length in texts)
    for key, length in texts:
        if length > _LONG and length > _LONGER * usual:
            yield key, f"{label} is much longer than the others"


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
