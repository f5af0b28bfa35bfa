"""Long values of the ledger are compressed by LZ4 where the server knows it."""

from django.db import migrations

from audit.adapters.compression import compress_quickly


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_protection")]

    operations = [
        compress_quickly("audit_ledgerevent", ["body"]),
        compress_quickly("audit_erasablevalues", ["content"]),
    ]
