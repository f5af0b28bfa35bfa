import datetime

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import approvals.domain.exception_case
import approvals.domain.incident
import approvals.domain.recovery
import approvals.domain.status
import approvals.models.duty
import approvals.models.kept_json
import audit.domain.identifier
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
                    name="AccessReview",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="access_reviews",
                                to="governance.workspace",
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("due_date", models.DateField(help_text="The last day, UTC")),
                    ],
                ),
                migrations.CreateModel(
                    name="AccessReviewRow",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="approvals.accessreview",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("grant", "agent's grant"),
                                    ("credential", "agent's credential"),
                                    ("delegation", "delegation"),
                                    ("standing", "standing approval"),
                                    ("membership", "approver group"),
                                    ("login", "person's role"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("subject_id", models.CharField(max_length=40)),
                        ("holder", models.CharField(max_length=200)),
                        ("words", models.TextField()),
                        ("last_used_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("review", "kind", "subject_id"), name="review_row_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessReviewDecision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "row",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decision",
                                to="approvals.accessreviewrow",
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(choices=[("confirm", "confirm"), ("withdraw", "withdraw")], max_length=10),
                        ),
                        ("words", models.TextField()),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="RequestBatch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.workspace"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batches",
                                to="governance.agent",
                            ),
                        ),
                        ("idempotency_key", models.CharField(max_length=255)),
                        ("fingerprint", models.CharField(max_length=71)),
                        ("manifest_digest", models.CharField(max_length=71)),
                        ("items_count", models.PositiveSmallIntegerField()),
                        (
                            "refusals",
                            models.JSONField(
                                default=list, help_text="[position, code, message] of items that became no request"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "idempotency_key"), name="batch_idempotency")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgentActionRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        ("actor_type", models.CharField(max_length=10)),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "agent_version",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agentversion",
                            ),
                        ),
                        (
                            "credential",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                            ),
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
                        (
                            "batch",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="approvals.requestbatch",
                            ),
                        ),
                        (
                            "reverses",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reverts",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("idempotency_key", models.CharField(max_length=255)),
                        ("fingerprint", models.CharField(max_length=71)),
                        ("correlation_id", models.CharField(max_length=120)),
                        ("action", models.CharField(max_length=30)),
                        ("object_type", models.CharField(max_length=60)),
                        ("record_id", models.CharField(blank=True, max_length=120)),
                        (
                            "target_object",
                            models.CharField(
                                blank=True, default="", help_text="What the agent pointed at", max_length=60
                            ),
                        ),
                        ("target_id", models.CharField(blank=True, max_length=120)),
                        ("body", models.JSONField()),
                        (
                            "status",
                            models.CharField(default=approvals.domain.status.Status["EVALUATING"], max_length=12),
                        ),
                        (
                            "status_code",
                            models.CharField(
                                blank=True, help_text="Reason code of the status, like drift", max_length=60
                            ),
                        ),
                        (
                            "policy_version",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.policyversion",
                            ),
                        ),
                        ("outcome", models.CharField(blank=True, max_length=20)),
                        ("risk_tier", models.CharField(blank=True, max_length=20)),
                        (
                            "facts",
                            approvals.models.kept_json.KeptJsonField(
                                default=dict, help_text="All that the engine saw, for the second look and for replay"
                            ),
                        ),
                        ("decision", approvals.models.kept_json.KeptJsonField(default=dict)),
                        (
                            "decided_by",
                            models.CharField(
                                blank=True, help_text="policy, or the person whose vote settled it", max_length=120
                            ),
                        ),
                        ("patch", models.JSONField(default=list)),
                        ("digest", models.CharField(blank=True, max_length=71)),
                        ("record_version", models.CharField(blank=True, max_length=120)),
                        ("expires_at", models.DateTimeField(null=True)),
                        ("not_before", models.DateTimeField(null=True)),
                        (
                            "holds",
                            models.JSONField(
                                default=list, help_text="What it has taken from budgets: counter and amount"
                            ),
                        ),
                        ("epoch", models.PositiveIntegerField(default=0)),
                        ("attempts_count", models.PositiveSmallIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["agent", "-id"], name="request_by_agent"),
                            models.Index(fields=["workspace", "status", "-id"], name="request_by_status"),
                            models.Index(
                                condition=models.Q(("status__in", ["evaluating", "approved", "held", "unknown"])),
                                fields=["not_before", "id"],
                                name="request_due",
                            ),
                            models.Index(
                                condition=models.Q(("status__in", ["pending", "approved"])),
                                fields=["expires_at"],
                                name="request_expiring",
                            ),
                            models.Index(
                                condition=models.Q(("status__in", ["evaluating", "pending"])),
                                fields=["agent"],
                                name="request_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("status", "executing")), fields=["id"], name="request_executing"
                            ),
                            models.Index(fields=["workspace", "correlation_id"], name="request_by_correlation"),
                            models.Index(
                                condition=models.Q(("batch__isnull", False)), fields=["batch"], name="request_by_batch"
                            ),
                            models.Index(
                                condition=models.Q(("reverses__isnull", False)),
                                fields=["reverses"],
                                name="request_by_reverses",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "idempotency_key"), name="request_idempotency"),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("reverses__isnull", False),
                                    (
                                        "status__in",
                                        [
                                            "evaluating",
                                            "pending",
                                            "approved",
                                            "held",
                                            "executing",
                                            "executed",
                                            "unknown",
                                        ],
                                    ),
                                ),
                                fields=("reverses",),
                                name="request_one_live_revert",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attempts",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("epoch", models.PositiveIntegerField()),
                        ("worker", models.CharField(max_length=120)),
                        (
                            "point",
                            models.CharField(default=approvals.domain.recovery.RecoveryPoint["CLAIMED"], max_length=12),
                        ),
                        ("operation_key", models.CharField(max_length=80)),
                        ("guarantee", models.CharField(blank=True, max_length=1)),
                        ("before", models.JSONField(default=dict)),
                        ("before_version", models.CharField(blank=True, max_length=120)),
                        ("result_record_id", models.CharField(blank=True, max_length=120)),
                        ("after", models.JSONField(default=dict)),
                        ("error_code", models.CharField(blank=True, max_length=60)),
                        ("error_message", models.TextField(blank=True)),
                        (
                            "reconciliations",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="Times that an unknown outcome was looked up"
                            ),
                        ),
                        ("claimed_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("verified_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("result_record_id", ""), _negated=True),
                                fields=["result_record_id"],
                                name="attempt_by_receipt",
                            )
                        ],
                        "constraints": [models.UniqueConstraint(fields=("request", "epoch"), name="attempt_epoch")],
                    },
                ),
                migrations.CreateModel(
                    name="ExceptionCase",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("denied_by_rule", "denied_by_rule"),
                                    ("conflict", "conflict"),
                                    ("unknown_outcome", "unknown_outcome"),
                                    ("failed", "failed"),
                                    ("breaker_trip", "breaker_trip"),
                                    ("agent_stopped", "agent_stopped"),
                                    ("bad_action_report", "bad_action_report"),
                                    ("quality_failed", "quality_failed"),
                                    ("silent_rejection", "silent_rejection"),
                                    ("canary_missed", "canary_missed"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("key", models.CharField(max_length=71)),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        ("code", models.CharField(blank=True, max_length=60)),
                        ("field", models.CharField(blank=True, max_length=120)),
                        ("object_type", models.CharField(blank=True, max_length=60)),
                        (
                            "subject",
                            models.CharField(
                                blank=True, help_text="The one request, breaker or report it is about", max_length=120
                            ),
                        ),
                        ("count", models.PositiveIntegerField(default=0)),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "open"), ("closed", "closed")],
                                default=approvals.domain.exception_case.CaseState["OPEN"],
                                max_length=8,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(null=True)),
                        ("review_due_at", models.DateTimeField()),
                        ("remediation_due_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("alarm_at", models.DateTimeField(null=True)),
                        ("snoozed_until", models.DateTimeField(null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("new_rule", "new_rule"),
                                    ("permission_change", "permission_change"),
                                    ("prompt_change", "prompt_change"),
                                    ("data_fixed", "data_fixed"),
                                    ("accepted", "accepted"),
                                    ("duplicate", "duplicate"),
                                    ("settled", "settled"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("change_kind", models.CharField(blank=True, max_length=20)),
                        ("change_id", models.CharField(blank=True, max_length=40)),
                        (
                            "duplicate_of",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duplicates",
                                to="approvals.exceptioncase",
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.exceptioncase",
                            ),
                        ),
                        ("closed_at", models.DateTimeField(null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["workspace", "due_at", "id"],
                                name="case_due",
                            ),
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["workspace", "owner", "due_at", "id"],
                                name="case_owned",
                            ),
                            models.Index(fields=["workspace", "key", "-id"], name="case_by_key"),
                            models.Index(
                                condition=models.Q(("state", "closed")), fields=["workspace", "-id"], name="case_closed"
                            ),
                            models.Index(
                                condition=models.Q(("alarm_at__isnull", False)), fields=["alarm_at"], name="case_alarm"
                            ),
                            models.Index(
                                condition=models.Q(("subject", ""), _negated=True),
                                fields=["subject"],
                                name="case_subject",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("workspace", "key"),
                                name="case_open_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at__isnull", True), ("state", "open")),
                                    models.Q(("closed_at__isnull", False), ("state", "closed")),
                                    _connector="OR",
                                ),
                                name="case_closed_at",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BadActionReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bad_action_reports",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="approvals.exceptioncase",
                            ),
                        ),
                        ("reporter", models.CharField(max_length=120)),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("wrong_value", "a value is wrong"),
                                    ("wrong_record", "the wrong record"),
                                    ("unwanted_contact", "this person should not have been contacted"),
                                    ("bad_text", "the text is bad"),
                                    ("other", "something else"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("reported_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["workspace", "reporter", "-id"], name="bad_action_by_reporter")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "reporter"), name="bad_action_report_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchDecision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.workspace"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("user_id_seen", models.CharField(help_text="The login that was used", max_length=40)),
                        ("key", models.CharField(max_length=71)),
                        (
                            "verdict",
                            models.CharField(choices=[("approve", "approve"), ("deny", "deny")], max_length=10),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("manifest", models.JSONField()),
                        ("manifest_digest", models.CharField(max_length=71)),
                        ("taken_out", models.JSONField(default=list)),
                        ("outcomes", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("person", "key"), name="batch_decision_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CaseRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="links",
                                to="approvals.exceptioncase",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "request"), name="case_request_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Correction",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("proposed", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("fields", models.JSONField()),
                        ("left_out", models.JSONField()),
                        ("reason", models.CharField(blank=True, max_length=2000)),
                        ("created_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="DeliveryReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delivery_reports",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(choices=[("bounce", "bounce"), ("complaint", "complaint")], max_length=10),
                        ),
                        ("reported_at", models.DateTimeField()),
                        ("reported_by", models.CharField(max_length=120)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "kind"), name="delivery_report_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DrillCase",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drill_cases",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("story", models.TextField(help_text="What goes wrong, in a sentence")),
                        (
                            "proposal",
                            models.JSONField(help_text="The members of the proposal: action, target, changes …"),
                        ),
                        (
                            "target",
                            models.CharField(blank=True, help_text="Fill in some record of this object", max_length=60),
                        ),
                        (
                            "expected",
                            models.JSONField(
                                default=list, help_text="denied, approval, redirected, refused or allowed"
                            ),
                        ),
                        (
                            "control",
                            models.CharField(
                                blank=True,
                                help_text="The check that is to stop it, such as validation or rule:prices; rule: is any rule, empty anything",
                                max_length=120,
                            ),
                        ),
                        (
                            "mended_by",
                            models.TextField(
                                blank=True, help_text="The rule, permission or prompt that was changed for it"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "own dumb failure",
                        "verbose_name_plural": "own dumb failures",
                        "constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="drill_case_name")],
                    },
                ),
                migrations.CreateModel(
                    name="DrillRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drill_runs",
                                to="governance.workspace",
                            ),
                        ),
                        ("agent_name", models.CharField(max_length=80)),
                        ("by", models.CharField(max_length=120)),
                        ("run_at", models.DateTimeField()),
                        ("held", models.PositiveIntegerField(help_text="Cases in which policy held")),
                        ("total", models.PositiveIntegerField()),
                        ("results", models.JSONField()),
                    ],
                ),
                migrations.CreateModel(
                    name="DutyEntry",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duty_entries",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "weekday",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                choices=[
                                    (0, "Monday"),
                                    (1, "Tuesday"),
                                    (2, "Wednesday"),
                                    (3, "Thursday"),
                                    (4, "Friday"),
                                    (5, "Saturday"),
                                    (6, "Sunday"),
                                ],
                                null=True,
                            ),
                        ),
                        ("on_date", models.DateField(blank=True, help_text="Instead of a weekday: one day", null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "stand_in",
                            models.ForeignKey(
                                blank=True,
                                help_text="When the first cannot",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "entry of the duty rota",
                        "verbose_name_plural": "duty rota",
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "weekday"), name="duty_weekday_once"),
                            models.UniqueConstraint(fields=("workspace", "on_date"), name="duty_date_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("on_date__isnull", False), ("weekday__isnull", True)),
                                    models.Q(("on_date__isnull", True), ("weekday__isnull", False)),
                                    _connector="OR",
                                ),
                                name="duty_weekday_or_date",
                                violation_error_message="name a weekday or a date, not both",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationNote",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalation_notes",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("note", models.CharField(max_length=2000)),
                        ("created_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="ExceptionCalendar",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exception_calendar",
                                to="governance.workspace",
                            ),
                        ),
                        ("time_zone", models.CharField(default="UTC", help_text="Like Europe/Zurich", max_length=60)),
                        (
                            "working_days",
                            models.JSONField(
                                default=approvals.models.duty.working_days, help_text="0 is Monday: [0, 1, 2, 3, 4]"
                            ),
                        ),
                        ("opens_at", models.TimeField(default=datetime.time(9, 0), help_text="In the time zone above")),
                        (
                            "closes_at",
                            models.TimeField(default=datetime.time(18, 0), help_text="00:00 is the end of the day"),
                        ),
                        ("holidays", models.JSONField(blank=True, default=list, help_text='Dates: ["2026-12-25"]')),
                        (
                            "review_hours",
                            models.PositiveIntegerField(
                                default=24, help_text="Working hours until somebody has looked"
                            ),
                        ),
                        (
                            "remediation_hours",
                            models.PositiveIntegerField(default=72, help_text="Working hours until it is closed"),
                        ),
                    ],
                    options={
                        "verbose_name": "exception clocks",
                        "verbose_name_plural": "exception clocks",
                    },
                ),
                migrations.CreateModel(
                    name="FirstDone",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        ("kind", models.CharField(max_length=8)),
                        ("key", models.CharField(blank=True, max_length=200)),
                        ("first_at", models.DateTimeField()),
                        ("reverted_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "kind", "key"), name="first_done_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDrillCase",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(max_length=120)),
                        ("story", models.TextField(help_text="What goes wrong, in a sentence")),
                        (
                            "proposal",
                            models.JSONField(help_text="The members of the proposal: action, target, changes …"),
                        ),
                        (
                            "target",
                            models.CharField(blank=True, help_text="Fill in some record of this object", max_length=60),
                        ),
                        (
                            "expected",
                            models.JSONField(
                                default=list, help_text="denied, approval, redirected, refused or allowed"
                            ),
                        ),
                        (
                            "control",
                            models.CharField(
                                blank=True,
                                help_text="The check that is to stop it, such as validation or rule:prices; rule: is any rule, empty anything",
                                max_length=120,
                            ),
                        ),
                        (
                            "mended_by",
                            models.TextField(
                                blank=True, help_text="The rule, permission or prompt that was changed for it"
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical own dumb failure",
                        "verbose_name_plural": "historical own dumb failures",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDutyEntry",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "weekday",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                choices=[
                                    (0, "Monday"),
                                    (1, "Tuesday"),
                                    (2, "Wednesday"),
                                    (3, "Thursday"),
                                    (4, "Friday"),
                                    (5, "Saturday"),
                                    (6, "Sunday"),
                                ],
                                null=True,
                            ),
                        ),
                        ("on_date", models.DateField(blank=True, help_text="Instead of a weekday: one day", null=True)),
                        (
                            "workspace",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        (
                            "stand_in",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="When the first cannot",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical entry of the duty rota",
                        "verbose_name_plural": "historical duty rota",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalExceptionCalendar",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("time_zone", models.CharField(default="UTC", help_text="Like Europe/Zurich", max_length=60)),
                        (
                            "working_days",
                            models.JSONField(
                                default=approvals.models.duty.working_days, help_text="0 is Monday: [0, 1, 2, 3, 4]"
                            ),
                        ),
                        ("opens_at", models.TimeField(default=datetime.time(9, 0), help_text="In the time zone above")),
                        (
                            "closes_at",
                            models.TimeField(default=datetime.time(18, 0), help_text="00:00 is the end of the day"),
                        ),
                        ("holidays", models.JSONField(blank=True, default=list, help_text='Dates: ["2026-12-25"]')),
                        (
                            "review_hours",
                            models.PositiveIntegerField(
                                default=24, help_text="Working hours until somebody has looked"
                            ),
                        ),
                        (
                            "remediation_hours",
                            models.PositiveIntegerField(default=72, help_text="Working hours until it is closed"),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical exception clocks",
                        "verbose_name_plural": "historical exception clocks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSamplingPlan",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "restricted_percent",
                            models.PositiveSmallIntegerField(
                                default=100,
                                help_text="What a person approved, and everything that reaches people outside",
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="restricted actions, %",
                            ),
                        ),
                        (
                            "new_agent_percent",
                            models.PositiveSmallIntegerField(
                                default=20,
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="safe actions of a new agent, %",
                            ),
                        ),
                        (
                            "new_agent_days",
                            models.PositiveSmallIntegerField(
                                default=28,
                                help_text="From the first action of it that was carried out",
                                verbose_name="an agent is new for, days",
                            ),
                        ),
                        (
                            "safe_percent",
                            models.PositiveSmallIntegerField(
                                default=10,
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="safe actions afterwards, %",
                            ),
                        ),
                        (
                            "risky_percent",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="Where one of the marks below holds",
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="risky ones, at least %",
                            ),
                        ),
                        (
                            "new_version_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="an agent's version is new for, days"
                            ),
                        ),
                        (
                            "new_field_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="a field is new to an agent for, days"
                            ),
                        ),
                        (
                            "reverted_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="after a revert of the same field, days"
                            ),
                        ),
                        (
                            "low_confidence",
                            models.FloatField(
                                default=0.8,
                                validators=[
                                    django.core.validators.MinValueValidator(0.0),
                                    django.core.validators.MaxValueValidator(1.0),
                                ],
                                verbose_name="confidence below",
                            ),
                        ),
                        (
                            "large_field",
                            models.CharField(
                                blank=True,
                                default="numberofemployees",
                                help_text="Empty: no such mark",
                                max_length=120,
                                verbose_name="size of an account",
                            ),
                        ),
                        ("large_from", models.FloatField(default=1000, verbose_name="large from")),
                        (
                            "watch_days",
                            models.PositiveSmallIntegerField(
                                default=14,
                                help_text="A person who overwrites one in the CRM within this time has rejected it",
                                verbose_name="agents' values are watched for, days",
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical quality sampling",
                        "verbose_name_plural": "historical quality sampling",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="governance.workspace",
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        (
                            "severity",
                            models.CharField(
                                choices=[
                                    ("low", "low"),
                                    ("medium", "medium"),
                                    ("high", "high"),
                                    ("critical", "critical"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "open"), ("mitigated", "mitigated"), ("closed", "closed")],
                                default=approvals.domain.incident.IncidentState["OPEN"],
                                max_length=10,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="approvals.exceptioncase",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("root_cause", models.TextField(blank=True)),
                        (
                            "control",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("policy", "policy and rules"),
                                    ("permissions", "grants and the matrix"),
                                    ("review", "a person's review"),
                                    ("budgets", "budgets and frequency caps"),
                                    ("breakers", "circuit breakers and stops"),
                                    ("do_not_contact", "the do-not-contact list"),
                                    ("execution", "execution and read-back"),
                                    ("data", "the data itself"),
                                    ("people", "training of people"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("remedy", models.TextField(blank=True)),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("declared_at", models.DateTimeField()),
                        ("mitigated_at", models.DateTimeField(null=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["workspace", "-id"], name="incident_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "closed"), _negated=True),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        models.Q(("root_cause", ""), _negated=True),
                                        models.Q(("control", ""), _negated=True),
                                        models.Q(("remedy", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="incident_closed_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                                ),
                                name="incident_window",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerReview",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ledger_reviews",
                                to="governance.workspace",
                            ),
                        ),
                        ("week", models.CharField(help_text="ISO week, like 2026-W07", max_length=8)),
                        ("size", models.BigIntegerField()),
                        ("root", models.BinaryField(max_length=32)),
                        ("records_count", models.BigIntegerField(help_text="How many events the week had")),
                        ("opened_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "week"), name="ledger_review_week")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LedgerReviewItem",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="approvals.ledgerreview",
                            ),
                        ),
                        ("leaf_index", models.BigIntegerField()),
                        ("event_id", models.UUIDField()),
                        (
                            "verdict",
                            models.CharField(
                                blank=True, choices=[("in_order", "in order"), ("wrong", "wrong")], max_length=10
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=2000)),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("review", "leaf_index"), name="ledger_review_leaf")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationMail",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "waiting"),
                                    ("sending", "sending"),
                                    ("sent", "sent"),
                                    ("stale", "stale"),
                                    ("failed", "failed"),
                                ],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                        ("not_before", models.DateTimeField()),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("attempts_count", models.PositiveSmallIntegerField(default=0)),
                        ("error", models.CharField(blank=True, max_length=200)),
                        ("created_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "e-mail",
                        "verbose_name_plural": "e-mails",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["waiting", "sending"])),
                                fields=["not_before"],
                                name="notification_mail_due",
                            ),
                            models.Index(
                                condition=models.Q(("state", "failed")),
                                fields=["ended_at"],
                                name="notification_mail_failed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.workspace"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notifications",
                                to="governance.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("request_pending", "A request waits for your group"),
                                    ("request_reminder", "A request still waits"),
                                    ("request_escalated", "A request was escalated to your group"),
                                    ("request_stranded", "Nobody can decide a request"),
                                    ("request_decided", "A request of yours or of your agent was decided"),
                                    ("request_executed", "A request of yours or of your agent was executed"),
                                    ("request_failed", "A request of yours or of your agent failed"),
                                    ("request_conflict", "A request met a record that had changed"),
                                    ("request_unknown", "Nobody knows whether a request was applied"),
                                    ("break_glass", "Break-glass was opened"),
                                    ("breaker_opened", "A circuit breaker opened"),
                                    ("agent_stopped", "An agent was stopped"),
                                    ("switch_engaged", "A kill switch was engaged"),
                                    ("policy_published", "A policy was published or promoted"),
                                    ("dnc_removal", "Somebody wants a do-not-contact entry ended"),
                                    ("exception_sla", "An exception is late"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("key", models.CharField(max_length=120)),
                        ("title", models.CharField(max_length=240)),
                        ("facts", models.JSONField(default=list)),
                        ("path", models.CharField(max_length=240)),
                        ("correlation_id", models.CharField(blank=True, max_length=120)),
                        ("request_id_seen", models.UUIDField(help_text="The request that it is about", null=True)),
                        ("created_at", models.DateTimeField()),
                        ("send_at", models.DateTimeField(null=True)),
                        (
                            "mail",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notifications",
                                to="approvals.notificationmail",
                            ),
                        ),
                        ("is_stale", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["person", "-id"], name="notification_of_person"),
                            models.Index(
                                condition=models.Q(
                                    ("is_stale", False), ("mail__isnull", True), ("send_at__isnull", False)
                                ),
                                fields=["send_at"],
                                name="notification_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("person", "kind", "key"), name="notification_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("request_pending", "request_pending"),
                                    ("request_reminder", "request_reminder"),
                                    ("request_escalated", "request_escalated"),
                                    ("request_stranded", "request_stranded"),
                                    ("request_decided", "request_decided"),
                                    ("request_executed", "request_executed"),
                                    ("request_failed", "request_failed"),
                                    ("request_conflict", "request_conflict"),
                                    ("request_unknown", "request_unknown"),
                                    ("break_glass", "break_glass"),
                                    ("breaker_opened", "breaker_opened"),
                                    ("agent_stopped", "agent_stopped"),
                                    ("switch_engaged", "switch_engaged"),
                                    ("policy_published", "policy_published"),
                                    ("dnc_removal", "dnc_removal"),
                                    ("exception_sla", "exception_sla"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "timing",
                            models.CharField(
                                choices=[
                                    ("at_once", "at_once"),
                                    ("hourly", "hourly"),
                                    ("daily", "daily"),
                                    ("off", "off"),
                                ],
                                max_length=8,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("person", "kind"), name="notification_choice_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationHours",
                    fields=[
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="governance.person",
                            ),
                        ),
                        ("zone", models.CharField(default="UTC", max_length=60)),
                        ("digest_at", models.TimeField(default=datetime.time(8, 0))),
                        ("quiet_from", models.TimeField(default=datetime.time(0, 0))),
                        ("quiet_until", models.TimeField(default=datetime.time(0, 0))),
                    ],
                ),
                migrations.CreateModel(
                    name="Reassessment",
                    fields=[
                        (
                            "workspace",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="governance.workspace",
                            ),
                        ),
                        ("after", models.UUIDField(null=True)),
                        ("asked_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Stranded",
                    fields=[
                        (
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="stranded",
                                serialize=False,
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("checked_at", models.DateTimeField(db_index=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="SamplingPeriod",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sampling_periods",
                                to="governance.workspace",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("seed", models.BinaryField(max_length=32)),
                        ("commitment", models.CharField(max_length=71)),
                        ("rates", models.JSONField()),
                        ("opened_at", models.DateTimeField()),
                        (
                            "first_leaf",
                            models.BigIntegerField(help_text="Where the ledger says that it opened", null=True),
                        ),
                        ("revealed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "number"), name="sampling_period_number"),
                            models.UniqueConstraint(
                                condition=models.Q(("revealed_at__isnull", True)),
                                fields=("workspace",),
                                name="sampling_period_one_secret",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QualitySample",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sample",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "period",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="samples",
                                to="approvals.samplingperiod",
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField()),
                        (
                            "share",
                            models.FloatField(
                                help_text="Where its number fell, 0 to 100: below the percentage it is drawn"
                            ),
                        ),
                        ("reasons", models.JSONField()),
                        ("drawn_at", models.DateTimeField(help_text="When it was executed")),
                        (
                            "reserved_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("reserved_until", models.DateTimeField(null=True)),
                        ("scored_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("scored_at__isnull", True)),
                                fields=["workspace", "id"],
                                name="sample_open",
                            ),
                            models.Index(
                                condition=models.Q(("scored_at__isnull", False)),
                                fields=["workspace", "scored_at"],
                                name="sample_scored",
                            ),
                            models.Index(
                                condition=models.Q(("scored_at__isnull", True)),
                                fields=["reserved_by"],
                                name="sample_reserved",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QualityScore",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "sample",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="score",
                                to="approvals.qualitysample",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("user_id_seen", models.CharField(help_text="The login that was used", max_length=40)),
                        ("version", models.PositiveSmallIntegerField()),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("pass", "pass"), ("fail", "fail"), ("n/a", "n/a")], max_length=4
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("low", "low"),
                                    ("medium", "medium"),
                                    ("high", "high"),
                                    ("critical", "critical"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("scored_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("severity", ""), ("verdict", "pass")),
                                    models.Q(("verdict", "fail"), models.Q(("severity", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="score_severity",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QualityAnswer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "score",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="approvals.qualityscore",
                            ),
                        ),
                        ("key", models.CharField(max_length=40)),
                        ("dimension", models.CharField(max_length=40)),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("pass", "pass"), ("fail", "fail"), ("n/a", "n/a")], max_length=4
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=2000)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("score", "key"), name="answer_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ReportTally",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        ("day", models.DateField()),
                        ("measure", models.CharField(max_length=40)),
                        ("agent_id", models.UUIDField()),
                        ("detail", models.CharField(blank=True, max_length=200)),
                        ("count", models.BigIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "day", "measure", "agent_id", "detail"), name="report_tally"
                            ),
                            models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="report_tally_counts"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reservation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reservations",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("request", "person"), name="reservation_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_steps",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("reminder", "reminder"), ("escalation", "escalation")], max_length=10
                            ),
                        ),
                        ("due_at", models.DateTimeField(null=True)),
                        ("done_at", models.DateTimeField(null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True, choices=[("done", "done"), ("skipped", "skipped")], max_length=10
                            ),
                        ),
                        ("cause", models.CharField(blank=True, max_length=20)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at__isnull", True), ("due_at__isnull", False)),
                                fields=["due_at"],
                                name="review_step_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "group", "kind"), name="review_step_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at__isnull", True), ("outcome", "")),
                                    models.Q(models.Q(("outcome", ""), _negated=True), ("done_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="review_step_done_says_how",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SampledField",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "sample",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fields",
                                to="approvals.qualitysample",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("field", models.CharField(blank=True, max_length=120)),
                        ("is_wrong", models.BooleanField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("sample", "object_type", "field"), name="sampled_field_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SamplingPlan",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sampling_plan",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "restricted_percent",
                            models.PositiveSmallIntegerField(
                                default=100,
                                help_text="What a person approved, and everything that reaches people outside",
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="restricted actions, %",
                            ),
                        ),
                        (
                            "new_agent_percent",
                            models.PositiveSmallIntegerField(
                                default=20,
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="safe actions of a new agent, %",
                            ),
                        ),
                        (
                            "new_agent_days",
                            models.PositiveSmallIntegerField(
                                default=28,
                                help_text="From the first action of it that was carried out",
                                verbose_name="an agent is new for, days",
                            ),
                        ),
                        (
                            "safe_percent",
                            models.PositiveSmallIntegerField(
                                default=10,
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="safe actions afterwards, %",
                            ),
                        ),
                        (
                            "risky_percent",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="Where one of the marks below holds",
                                validators=[django.core.validators.MaxValueValidator(100)],
                                verbose_name="risky ones, at least %",
                            ),
                        ),
                        (
                            "new_version_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="an agent's version is new for, days"
                            ),
                        ),
                        (
                            "new_field_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="a field is new to an agent for, days"
                            ),
                        ),
                        (
                            "reverted_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="after a revert of the same field, days"
                            ),
                        ),
                        (
                            "low_confidence",
                            models.FloatField(
                                default=0.8,
                                validators=[
                                    django.core.validators.MinValueValidator(0.0),
                                    django.core.validators.MaxValueValidator(1.0),
                                ],
                                verbose_name="confidence below",
                            ),
                        ),
                        (
                            "large_field",
                            models.CharField(
                                blank=True,
                                default="numberofemployees",
                                help_text="Empty: no such mark",
                                max_length=120,
                                verbose_name="size of an account",
                            ),
                        ),
                        ("large_from", models.FloatField(default=1000, verbose_name="large from")),
                        (
                            "watch_days",
                            models.PositiveSmallIntegerField(
                                default=14,
                                help_text="A person who overwrites one in the CRM within this time has rejected it",
                                verbose_name="agents' values are watched for, days",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "quality sampling",
                        "verbose_name_plural": "quality sampling",
                    },
                ),
                migrations.CreateModel(
                    name="Snooze",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="snoozes",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("until", models.DateTimeField(db_index=True)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("person", "request"), name="snooze_once")],
                    },
                ),
                migrations.CreateModel(
                    name="StandingApproval",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.workspace"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.agent"
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        ("action", models.CharField(max_length=30)),
                        ("object_type", models.CharField(max_length=60)),
                        ("fields", models.JSONField()),
                        ("allowed_values", models.JSONField(default=dict)),
                        ("min_confidence", models.FloatField()),
                        ("max_uses", models.PositiveIntegerField()),
                        ("uses", models.PositiveIntegerField(default=0)),
                        (
                            "given_for",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("last_used_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "revoked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=["agent", "action"],
                                name="standing_live",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "number"), name="standing_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("uses__lte", models.F("max_uses"))), name="standing_uses_bounded"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("max_uses__gte", 1), ("max_uses__lte", 1000)),
                                name="standing_uses_named",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suggestion",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                            "connection",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suggestions",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("record_id", models.CharField(max_length=120)),
                        ("field", models.CharField(max_length=120)),
                        ("suggestion_field", models.CharField(max_length=120)),
                        ("value", models.JSONField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "open"),
                                    ("promoted", "promoted"),
                                    ("dismissed", "dismissed"),
                                    ("replaced", "replaced"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "promotion",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promotes",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "approver",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=2000)),
                        ("created_at", models.DateTimeField()),
                        ("settled_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["workspace", "id"],
                                name="suggestion_open",
                            ),
                            models.Index(
                                condition=models.Q(("approver__isnull", False), ("state", "open")),
                                fields=["id"],
                                name="suggestion_approved",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("connection", "object_type", "record_id", "suggestion_field"),
                                name="suggestion_open_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("settled_at__isnull", True), ("state", "open")),
                                    models.Q(models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="suggestion_settled_at",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Touched",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                        ("key", models.CharField(max_length=64)),
                        ("first_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name_plural": "touched",
                        "constraints": [models.UniqueConstraint(fields=("workspace", "key"), name="touched_once")],
                    },
                ),
                migrations.CreateModel(
                    name="TrackRecord",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("field", models.CharField(max_length=120)),
                        ("entries", models.JSONField(default=list)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agent", "connection", "object_type", "field"), name="track_record_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Vote",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="governance.person",
                            ),
                        ),
                        ("user_id_seen", models.CharField(help_text="The login that was used", max_length=40)),
                        ("digest", models.CharField(max_length=71)),
                        (
                            "verdict",
                            models.CharField(choices=[("approve", "approve"), ("deny", "deny")], max_length=10),
                        ),
                        ("reason", models.TextField(blank=True)),
                        (
                            "standing",
                            models.ForeignKey(
                                help_text="Cast by it beforehand",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="approvals.standingapproval",
                            ),
                        ),
                        (
                            "seats",
                            models.JSONField(
                                default=list,
                                help_text="In which groups it was cast, through which backup group and in whose place",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "person", "digest"), name="vote_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookEndpoint",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "workspace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.workspace"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("url", models.CharField(max_length=500)),
                        (
                            "style",
                            models.CharField(choices=[("messages", "messages"), ("events", "events")], max_length=8),
                        ),
                        ("kinds", models.JSONField(default=list)),
                        ("sealed_secret", models.TextField()),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "webhook",
                        "verbose_name_plural": "webhooks",
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "name"), name="webhook_endpoint_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookDelivery",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="approvals.webhookendpoint",
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=120)),
                        ("body", models.TextField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "waiting"),
                                    ("sending", "sending"),
                                    ("delivered", "delivered"),
                                    ("failed", "failed"),
                                    ("dropped", "dropped"),
                                ],
                                default="waiting",
                                max_length=9,
                            ),
                        ),
                        ("not_before", models.DateTimeField()),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("attempts_count", models.PositiveSmallIntegerField(default=0)),
                        ("log", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name_plural": "webhook deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["waiting", "sending"])),
                                fields=["not_before"],
                                name="webhook_delivery_due",
                            ),
                            models.Index(
                                condition=models.Q(("state", "failed")),
                                fields=["ended_at"],
                                name="webhook_delivery_failed",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("endpoint", "kind", "key"), name="webhook_delivery_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WrittenField",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=audit.domain.identifier.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                            "agent",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="written_fields",
                                to="approvals.agentactionrequest",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("record_id", models.CharField(max_length=120)),
                        ("field", models.CharField(max_length=120)),
                        ("written_at", models.DateTimeField()),
                        ("next_look_at", models.DateTimeField()),
                        (
                            "fate",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("kept", "kept"),
                                    ("overwritten", "overwritten"),
                                    ("replaced", "replaced"),
                                    ("reverted", "reverted"),
                                    ("untold", "untold"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("fate_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("fate", "")), fields=["next_look_at"], name="written_field_due"
                            ),
                            models.Index(fields=["workspace", "written_at"], name="written_field_by_time"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "field"), name="written_field_once")
                        ],
                    },
                ),
            ]
        ),
    ]
