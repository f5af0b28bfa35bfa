import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import governance.domain.vocabulary
from audit.adapters.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("governance", "0002_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="CrmObject",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="crm_objects",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=60,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "\\A[a-z][a-z0-9_]{0,59}\\Z", "use lower-case letters, digits and underscores"
                                    )
                                ],
                            ),
                        ),
                        ("label", models.CharField(max_length=80)),
                        ("title_field", models.CharField(help_text="The field a record is called by", max_length=60)),
                        (
                            "list_fields",
                            models.JSONField(blank=True, default=list, help_text="Columns of its list, by field name"),
                        ),
                        ("next_number", models.PositiveBigIntegerField(default=101, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                    ],
                    options={
                        "verbose_name": "CRM object",
                        "verbose_name_plural": "CRM objects",
                        "constraints": [models.UniqueConstraint(fields=("connection", "name"), name="crm_object_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CrmRecord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "crm_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="records",
                                to="crm_connectors.crmobject",
                            ),
                        ),
                        ("number", models.PositiveBigIntegerField()),
                        ("title", models.CharField(blank=True, max_length=300)),
                        ("values", models.JSONField(default=dict)),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "associated_with",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="associated_records",
                                to="crm_connectors.crmrecord",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("modified_at", models.DateTimeField()),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "CRM record",
                        "constraints": [
                            models.UniqueConstraint(fields=("crm_object", "number"), name="crm_record_once"),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1), ("version__gte", 1)), name="crm_record_counts_up"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AppliedOperation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applied_operations",
                                to="governance.connection",
                            ),
                        ),
                        ("operation_key", models.CharField(max_length=200)),
                        (
                            "digest",
                            models.CharField(help_text="SHA-256 over what the operation asked for", max_length=64),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="operations",
                                to="crm_connectors.crmrecord",
                            ),
                        ),
                        ("version", models.PositiveIntegerField()),
                        ("actor", models.CharField(max_length=200)),
                        ("correlation_id", models.CharField(blank=True, max_length=200)),
                        ("applied_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "operation_key"), name="applied_operation_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConnectionEndpoint",
                    fields=[
                        (
                            "connection",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="endpoint",
                                serialize=False,
                                to="governance.connection",
                            ),
                        ),
                        ("settings", models.JSONField(blank=True, default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name="CrmField",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "crm_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fields",
                                to="crm_connectors.crmobject",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=60,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "\\A[a-z][a-z0-9_]{0,59}\\Z", "use lower-case letters, digits and underscores"
                                    )
                                ],
                            ),
                        ),
                        ("label", models.CharField(max_length=120)),
                        (
                            "field_type",
                            models.CharField(
                                choices=[
                                    ("string", "string"),
                                    ("text", "text"),
                                    ("integer", "integer"),
                                    ("number", "number"),
                                    ("boolean", "boolean"),
                                    ("date", "date"),
                                    ("datetime", "datetime"),
                                    ("picklist", "picklist"),
                                    ("email", "email"),
                                    ("phone", "phone"),
                                    ("url", "url"),
                                    ("reference", "reference"),
                                ],
                                default=governance.domain.vocabulary.FieldType["STRING"],
                                max_length=20,
                            ),
                        ),
                        ("is_required", models.BooleanField(default=False)),
                        (
                            "is_read_only",
                            models.BooleanField(default=False, help_text="Kept by the CRM itself; nobody writes it"),
                        ),
                        ("max_length", models.PositiveIntegerField(blank=True, null=True)),
                        ("options", models.JSONField(blank=True, default=list)),
                        (
                            "reference_object",
                            models.CharField(blank=True, help_text="The object whose ids it holds", max_length=60),
                        ),
                        ("help_text", models.CharField(blank=True, max_length=200)),
                        (
                            "section",
                            models.CharField(blank=True, help_text="Its heading on a record's page", max_length=60),
                        ),
                        ("position", models.PositiveIntegerField(default=1000)),
                    ],
                    options={
                        "verbose_name": "CRM field",
                        "verbose_name_plural": "CRM fields",
                        "constraints": [
                            models.UniqueConstraint(fields=("crm_object", "name"), name="crm_field_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "field_type__in",
                                        [
                                            "string",
                                            "text",
                                            "integer",
                                            "number",
                                            "boolean",
                                            "date",
                                            "datetime",
                                            "picklist",
                                            "email",
                                            "phone",
                                            "url",
                                            "reference",
                                        ],
                                    )
                                ),
                                name="crm_field_type_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CrmFieldChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="crm_connectors.crmrecord",
                            ),
                        ),
                        ("field", models.CharField(max_length=60)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        ("actor", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        ("operation_key", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "verbose_name": "field change",
                        "indexes": [models.Index(fields=["record", "-id"], name="crm_field_change_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Company",
                    fields=[],
                    options={
                        "verbose_name_plural": "companies",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Deal",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="DialerEntry",
                    fields=[],
                    options={
                        "verbose_name_plural": "dialer queue",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Draft",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Email",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Export",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Lead",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Meeting",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="QueueItem",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Sequence",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="SequenceEnrolment",
                    fields=[],
                    options={
                        "verbose_name": "enrolment",
                        "verbose_name_plural": "enrolments",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[],
                    options={
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("crm_connectors.crmrecord",),
                ),
            ]
        ),
    ]
