"""Who sits in an approver group for one request: members, stand-ins, and the people of a backup (APR-05, APR-09)."""

from collections.abc import Collection, Iterable, Mapping

import msgspec


class Seat(msgspec.Struct, frozen=True):
    """One person who may speak in a group now: as a member, or for the member `stands_for` who is away."""

    group: str
    person: str
    stands_for: str = ""


def people_in_seats(
    groups: Iterable[str],
    seats: Collection[Seat],
    *,
    backups: Mapping[str, str] | None = None,
    excluded: Collection[str] = (),
    voted: Collection[str] = (),
) -> dict[str, set[str]]:
    """Group → the people whose word counts there.

    `backups` is group → the group that it was escalated to, whose people then count in its place too. A stand-in sits
    only while whom they stand for is a member, might have decided this one (`excluded` might not) and has not `voted`
    on it: one seat is one voice, and its owner's goes first.
    """
    return {
        group: {
            seat.person
            for source in {group, (backups or {}).get(group, group)}
            for seat in taken_seats(source, seats, excluded=excluded, voted=voted)
        }
        for group in groups
    }


def taken_seats(
    group: str, seats: Collection[Seat], *, excluded: Collection[str] = (), voted: Collection[str] = ()
) -> list[Seat]:
    """The seats of one group that carry a voice: members first, then who stands in for one of them."""
    own = [seat for seat in seats if seat.group == group and not seat.stands_for]
    members = {seat.person for seat in own}
    standing = [
        seat
        for seat in seats
        if seat.group == group
        and seat.stands_for in members
        and seat.stands_for not in excluded
        and seat.stands_for not in voted
    ]
    return own + standing


def seats_of(
    person: str,
    groups: Iterable[str],
    seats: Collection[Seat],
    *,
    backups: Mapping[str, str] | None = None,
    excluded: Collection[str] = (),
    voted: Collection[str] = (),
) -> list[dict[str, str]]:
    """How this person speaks in these groups, for the record: `group`, `through` (the backup, where it is another
    group) and `stands_for`; a seat of one's own leaves no room for another's in the same group."""
    found: list[dict[str, str]] = []
    for group in groups:
        for source in dict.fromkeys((group, (backups or {}).get(group, group))):
            mine = [s for s in taken_seats(source, seats, excluded=excluded, voted=voted) if s.person == person]
            if mine:
                found.append(
                    {
                        "group": group,
                        "through": source if source != group else "",
                        "stands_for": mine[0].stands_for,
                    }
                )
                break
    return found
