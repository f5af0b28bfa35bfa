"""What requests name for ever cannot be deleted, whoever asks: requests have no foreign key that would hold it."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.selectors.clock import get_now
from governance.models import AgentVersion, Connection, Credential
from governance.services.agent_versions import record_agent_version
from tests.builders.governance import make_agent, make_connection, make_credential, make_workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [AgentVersion, Connection, Credential])
def test_the_database_refuses_to_delete(model):
    agent = make_agent(make_workspace())
    make_credential(agent)
    make_connection(agent.workspace)
    record_agent_version(
        agent_id=agent.pk, model="m-1", prompt_template="p@1", prompt_hash="", tools_hash="", now=get_now()
    )
    assert model.objects.exists()

    with pytest.raises(DatabaseError, match="ever deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608  # our own name

    assert model.objects.exists()
