"""Publishing what the starter has loaded, if it changed anything."""

from datetime import datetime
from uuid import UUID

from governance.domain.starter.people import PUBLISHER
from governance.models import Person, PolicyVersion
from governance.services.publish import NothingChangedError, publish_policy


def publish_starter(*, workspace_id: UUID, is_changed: bool, now: datetime) -> bool:
    """Publish the first version, or a new one when the starter added rows; says whether it did.

    Drafts of people are never published on the side: without an addition and with a version in force it does nothing.
    Raises IncoherentPolicyError.
    """
    if not is_changed and PolicyVersion.objects.filter(workspace_id=workspace_id).exists():
        return False
    publisher = Person.objects.get(email=PUBLISHER)
    try:
        publish_policy(workspace_id=workspace_id, person_id=publisher.pk, reason="the starter pack was loaded", now=now)
    except NothingChangedError:
        return False
    return True
