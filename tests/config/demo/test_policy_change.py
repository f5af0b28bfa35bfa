"""The demo changes policy as people do: the row and its ledger event together, then a version of its own (AUD-08)."""

import pytest
from django.core.management import call_command

from audit.models import LedgerEvent
from config.demo import story
from governance.models import ActionTier, Connection, PolicyVersion

pytestmark = pytest.mark.django_db


def test_a_shorter_expiry_is_on_record_and_published_once():
    call_command("seed_starter", verbosity=0)
    connection = Connection.objects.get(name="embedded")
    tier = ActionTier.objects.get(workspace=connection.workspace, action="create")
    changes = LedgerEvent.objects.filter(type="config.changed", subject_id=str(tier.pk), actor_type="human")
    said = []
    for _ in range(2):
        story._set_policy(connection, said.append)
    tier.refresh_from_db()
    assert tier.expires_after_seconds == story.CREATE_EXPIRES_AFTER_SECONDS
    assert changes.count() == 1
    assert PolicyVersion.objects.filter(workspace=connection.workspace).count() == 2
    assert ["published" in said[0], "already says" in said[1]] == [True, True]
