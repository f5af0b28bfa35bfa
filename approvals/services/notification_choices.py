"""What a person wants to be told, how soon, and when not (APR-13)."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction

from approvals.domain.notification_kinds import Kind, Timing, choices_of
from approvals.models import NotificationChoice, NotificationHours


class ChoiceError(ValueError):
    """That cannot be chosen. The words say why."""

    code = "choice_refused"


def choose_notifications(
    *,
    person_id: UUID,
    timings: Mapping[str, str],
    zone: str,
    digest_at: time,
    quiet_from: time,
    quiet_until: time,
) -> None:
    """Keep one person's own wishes; kinds that are not named stay as they are. Holds for what comes from now on.

    Some kinds have a floor: nobody switches off what must be heard. Commits all or nothing. Raises ChoiceError.
    """
    for name, timing in timings.items():
        if name not in set(Kind) or timing not in choices_of(Kind(name)):
            raise ChoiceError("this kind cannot be told like that")
    if zone not in available_timezones():
        raise ChoiceError("choose a time zone of the list")
    hours = {"zone": zone, "digest_at": digest_at, "quiet_from": quiet_from, "quiet_until": quiet_until}
    with transaction.atomic():
        NotificationHours.objects.update_or_create(person_id=person_id, defaults=hours)
        for name, timing in timings.items():
            NotificationChoice.objects.update_or_create(
                person_id=person_id, kind=name, defaults={"timing": Timing(timing)}
            )
