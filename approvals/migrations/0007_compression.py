"""Long values of a request are compressed by LZ4 where the server knows it."""

from django.db import migrations

from audit.adapters.compression import compress_quickly


class Migration(migrations.Migration):
    dependencies = [("approvals", "0006_report_issues"), ("audit", "0003_compression")]

    operations = [compress_quickly("approvals_agentactionrequest", ["body", "facts", "decision"])]
