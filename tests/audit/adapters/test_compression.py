"""Long values of the hot path are compressed by LZ4 where the server knows it."""

import pytest
from django.db import connection

COLUMNS = {
    "approvals_agentactionrequest": {"body", "facts", "decision", "patch"},
    "audit_ledgerevent": {"body"},
    "audit_erasablevalues": {"content"},
}


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("table", COLUMNS)
def test_long_values_are_compressed_quickly_where_the_server_can(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        (is_known,) = cursor.fetchone()
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attcompression = 'l'", [table]
        )
        assert {name for (name,) in cursor.fetchall()} == (COLUMNS[table] if is_known else set())
