"""Canaries: requests that must be denied, which the database never lets go further than a person's word."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.domain.identifier
from approvals.models.guards import install_guards, remove_guards


def install(_apps, schema_editor):
    """Anew, for SQLite rebuilds the table of requests and drops its triggers with the old one."""
    remove_guards(schema_editor.connection)
    install_guards(schema_editor.connection)


CANARY_EVERY = models.PositiveIntegerField(
    default=0,
    help_text="A canary looks like an agent's request, must be denied, and is never carried out. 0: none",
    verbose_name="one canary for so many decided requests",
)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_replies"),
        ("governance", "0003_guards"),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.AddField("historicalsamplingplan", "canary_every", CANARY_EVERY.clone()),
        migrations.AddField("samplingplan", "canary_every", CANARY_EVERY.clone()),
        migrations.AddConstraint(
            "agentactionrequest",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor_type", "canary"), _negated=True),
                    ("status__in", ["pending", "denied", "expired", "cancelled"]),
                    _connector="OR",
                ),
                name="request_canary_never_runs",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Canary",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.domain.identifier.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.workspace",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="canaries",
                        to="approvals.samplingperiod",
                    ),
                ),
                (
                    "drawn_from",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.agentactionrequest",
                    ),
                ),
                ("share", models.FloatField(help_text="Where its number fell, 0 to 1: below 1 / every it is drawn")),
                ("drawn_at", models.DateTimeField()),
                (
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.agentactionrequest",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="canary",
                        to="approvals.agentactionrequest",
                    ),
                ),
                (
                    "pattern",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("off_by_ten", "off_by_ten"),
                            ("other_choice", "other_choice"),
                            ("foreign_address", "foreign_address"),
                            ("another_company", "another_company"),
                        ],
                        max_length=20,
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=120)),
                ("skipped", models.CharField(blank=True, max_length=40)),
                (
                    "outcome",
                    models.CharField(blank=True, choices=[("caught", "caught"), ("missed", "missed")], max_length=6),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.person",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "canaries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("request", None), ("skipped", "")), fields=["id"], name="canary_due"
                    ),
                    models.Index(
                        condition=models.Q(("outcome", ""), _negated=True),
                        fields=["workspace", "decided_at"],
                        name="canary_decided",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("outcome", ""), ("person", None)),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("person__isnull", False),
                                ("request__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="canary_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("skipped", ""), ("request", None), _connector="OR"),
                        name="canary_skipped_or_planted",
                    ),
                ],
            },
        ),
    ]
