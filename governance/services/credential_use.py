"""Last use of a credential: noted at most once a minute, so that busy agents cost no write per call (IDN-02)."""

from datetime import datetime, timedelta

from django.db.models import Q

from governance.models import Credential

_INTERVAL = timedelta(minutes=1)
_noted: dict[int, datetime] = {}  # of this process; the conditional UPDATE keeps several processes honest


def note_credential_use(*, credential_id: int, now: datetime) -> bool:
    """Set `last_used_at` if it is older than a minute; says whether it did. Costs nothing within the minute."""
    seen = _noted.get(credential_id)
    if seen is not None and now - seen < _INTERVAL:
        return False
    _noted[credential_id] = now
    rows = Credential.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _INTERVAL))
    return bool(rows.filter(pk=credential_id).update(last_used_at=now))
