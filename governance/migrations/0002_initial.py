import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import oauth2_provider.generators
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import audit.domain.identifier
import governance.domain.change_status
import governance.domain.dnc_import_state
import governance.domain.rule_terms
import governance.domain.touch_state
import governance.domain.vocabulary
from audit.adapters.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("governance", "0001_who_signs_in"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="ChangeProposal",
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
                                related_name="change_proposals",
                                to="governance.workspace",
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("subject", models.CharField(max_length=200)),
                        ("payload", models.JSONField()),
                        ("digest", models.CharField(max_length=71)),
                        ("reason", models.TextField()),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposed_changes",
                                to="governance.person",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("waiting", "waiting"),
                                    ("applied", "applied"),
                                    ("rejected", "rejected"),
                                    ("withdrawn", "withdrawn"),
                                    ("expired", "expired"),
                                ],
                                default=governance.domain.change_status.ChangeStatus["WAITING"],
                                max_length=20,
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "two-person change",
                        "indexes": [
                            models.Index(fields=["workspace", "status", "created_at"], name="change_by_status")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", governance.domain.change_status.ChangeStatus["WAITING"])),
                                fields=("workspace", "kind", "subject"),
                                name="change_waiting_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="change_has_a_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="change_expires"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True),
                                        ("ended_by__isnull", True),
                                        ("status", governance.domain.change_status.ChangeStatus["WAITING"]),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", True),
                                        ("status", governance.domain.change_status.ChangeStatus["EXPIRED"]),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        ("status", governance.domain.change_status.ChangeStatus["WITHDRAWN"]),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        (
                                            "status__in",
                                            (
                                                governance.domain.change_status.ChangeStatus["APPLIED"],
                                                governance.domain.change_status.ChangeStatus["REJECTED"],
                                            ),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="change_ended_by_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "status__in",
                                            (
                                                governance.domain.change_status.ChangeStatus["APPLIED"],
                                                governance.domain.change_status.ChangeStatus["REJECTED"],
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("ended_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="change_takes_two_people",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Connection",
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
                                related_name="connections",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.SlugField(max_length=60)),
                        (
                            "kind",
                            models.CharField(help_text="Which connector serves it: embedded, hubspot …", max_length=30),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[("sandbox", "sandbox"), ("production", "production")], max_length=20
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "brand",
                            models.CharField(
                                blank=True,
                                help_text="The brand it speaks for; empty: all do-not-contact entries hold",
                                max_length=60,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="connection_name")],
                    },
                ),
                migrations.CreateModel(
                    name="DncProof",
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
                                related_name="dnc_proofs",
                                to="governance.workspace",
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64)),
                        ("name", models.CharField(max_length=200)),
                        ("size_bytes", models.PositiveIntegerField()),
                        ("added_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("workspace", "sha256"), name="dnc_proof_once")],
                    },
                ),
                migrations.CreateModel(
                    name="RevenueField",
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
                                related_name="revenue_fields",
                                to="governance.workspace",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=80)),
                        (
                            "names_by_kind",
                            models.JSONField(blank=True, default=dict, help_text="Its name in each kind of CRM"),
                        ),
                        ("owner_role", models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        "verbose_name_plural": "Revenue 20",
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "name"), name="revenue_field_name"),
                            models.UniqueConstraint(fields=("workspace", "position"), name="revenue_field_position"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgentBaseline",
                    fields=[
                        (
                            "agent",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="baseline",
                                serialize=False,
                                to="governance.agent",
                            ),
                        ),
                        ("per_hour", models.PositiveIntegerField(null=True)),
                        (
                            "known_since",
                            models.DateTimeField(help_text="When it first worked, as far back as the watch looks"),
                        ),
                        ("computed_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="ApproverGroup",
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
                                related_name="approver_groups",
                                to="governance.workspace",
                            ),
                        ),
                        ("slug", models.SlugField(max_length=60)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "backup_group",
                            models.ForeignKey(
                                blank=True,
                                help_text="Its people may decide too, once a request was escalated",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="backs",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "reminder_after_minutes",
                            models.PositiveIntegerField(
                                default=60,
                                help_text="How long a request waits before the group is reminded; 0 for never",
                            ),
                        ),
                        (
                            "escalation_after_minutes",
                            models.PositiveIntegerField(
                                default=240,
                                help_text="How long it waits before the backup group may decide too; 0 for never",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "slug"), name="approver_group_slug"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("backup_group__isnull", True),
                                    models.Q(("backup_group", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="approver_group_backs_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActionTier",
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
                                related_name="action_tiers",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("read", "read"),
                                    ("search", "search"),
                                    ("update", "update"),
                                    ("create", "create"),
                                    ("delete", "delete"),
                                    ("create_task", "create_task"),
                                    ("create_note", "create_note"),
                                    ("draft", "draft"),
                                    ("queue", "queue"),
                                    ("send_email", "send_email"),
                                    ("enroll_sequence", "enroll_sequence"),
                                    ("create_meeting", "create_meeting"),
                                    ("push_to_dialer", "push_to_dialer"),
                                    ("export", "export"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "risk_tier",
                            models.CharField(
                                choices=[
                                    ("autonomous", "autonomous"),
                                    ("gated", "gated"),
                                    ("approval", "approval"),
                                    ("blocked", "blocked"),
                                ],
                                default=governance.domain.vocabulary.RiskTier["BLOCKED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "approvals_needed",
                            models.PositiveSmallIntegerField(default=1, help_text="Distinct people in all"),
                        ),
                        (
                            "min_confidence",
                            models.FloatField(
                                default=0.0, help_text="0 to 1; below it a person decides or the action is denied"
                            ),
                        ),
                        (
                            "min_evidence",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="Entries of evidence that must come along"
                            ),
                        ),
                        ("expires_after_seconds", models.PositiveIntegerField(default=86400)),
                        (
                            "hold_seconds",
                            models.PositiveIntegerField(
                                default=0,
                                help_text="How long an approved action waits before it runs, and can be cancelled; 0 for not at all",
                            ),
                        ),
                        (
                            "max_rows",
                            models.PositiveIntegerField(default=1000, help_text="Rows that one export may hold"),
                        ),
                        (
                            "approver_groups",
                            models.ManyToManyField(
                                blank=True, related_name="action_tiers", to="governance.approvergroup"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "action"), name="action_tier_once"),
                            models.CheckConstraint(
                                condition=models.Q(("approvals_needed__gte", 1)), name="action_tier_approvals"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("min_confidence__gte", 0), ("min_confidence__lte", 1)),
                                name="action_tier_confidence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_after_seconds__gte", 10)), name="action_tier_expiry"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hold_seconds__lte", 86400)), name="action_tier_hold"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DncImportError",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("import_id", models.UUIDField()),
                        ("line", models.PositiveBigIntegerField()),
                        ("problem", models.CharField(max_length=200)),
                        ("value", models.CharField(max_length=200)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["import_id", "line"], name="dnc_error_in_order")],
                    },
                ),
                migrations.CreateModel(
                    name="DncEntry",
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
                                related_name="dnc_entries",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("email", "email"),
                                    ("domain", "domain"),
                                    ("phone", "phone"),
                                    ("person", "person"),
                                    ("company", "company"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("brand", models.CharField(blank=True, max_length=60)),
                        ("digest", models.BinaryField(max_length=16)),
                        ("value", models.CharField(max_length=300)),
                        ("reason", models.CharField(max_length=300)),
                        ("source", models.CharField(max_length=60)),
                        (
                            "proof",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="governance.dncproof",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="governance.dncentry",
                            ),
                        ),
                        ("import_id", models.UUIDField(blank=True, null=True)),
                        ("effective_from", models.DateTimeField()),
                        ("effective_until", models.DateTimeField(blank=True, null=True)),
                        ("added_by", models.CharField(max_length=120)),
                        ("added_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "removal",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="governance.changeproposal",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "do-not-contact entry",
                        "verbose_name_plural": "do not contact",
                        "indexes": [
                            models.Index(fields=["digest"], name="dnc_by_digest"),
                            models.Index(fields=["workspace", "-id"], name="dnc_newest"),
                            models.Index(
                                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="dnc_by_parent"
                            ),
                            models.Index(
                                condition=models.Q(("kind", "email"), _negated=True),
                                fields=["workspace", "kind", "-id"],
                                name="dnc_newest_of_kind",
                            ),
                            models.Index(
                                condition=models.Q(("brand", ""), _negated=True),
                                fields=["workspace", "brand", "-id"],
                                name="dnc_newest_of_brand",
                            ),
                            models.Index(
                                condition=models.Q(("removed_at__isnull", False)),
                                fields=["workspace", "-id"],
                                name="dnc_newest_removed",
                            ),
                            models.Index(
                                condition=models.Q(("effective_until__isnull", False)),
                                fields=["workspace", "-id"],
                                name="dnc_newest_ending",
                            ),
                            models.Index(
                                condition=models.Q(("effective_from__gt", models.F("added_at"))),
                                fields=["workspace", "-id"],
                                name="dnc_newest_later",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reason", ""), _negated=True), models.Q(("source", ""), _negated=True)
                                ),
                                name="dnc_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("effective_until__isnull", True),
                                    ("effective_until__gt", models.F("effective_from")),
                                    _connector="OR",
                                ),
                                name="dnc_until_after_from",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("removal__isnull", True), ("removed_at__isnull", True)),
                                    models.Q(("removal__isnull", False), ("removed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="dnc_removed_by_two_people",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DncStagedRow",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("import_id", models.UUIDField()),
                        ("line", models.PositiveBigIntegerField()),
                        ("entry_id", models.UUIDField()),
                        ("kind", models.CharField(max_length=10)),
                        ("brand", models.CharField(max_length=60)),
                        ("digest", models.BinaryField(max_length=16)),
                        ("value", models.CharField(max_length=300)),
                        ("reason", models.CharField(max_length=300)),
                        ("source", models.CharField(max_length=60)),
                        ("effective_from", models.DateTimeField()),
                        ("effective_until", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["import_id", "line"], name="dnc_staged_in_order")],
                    },
                ),
                migrations.CreateModel(
                    name="DncStore",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("pinned_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="dnc_store_is_one")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalActionTier",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("read", "read"),
                                    ("search", "search"),
                                    ("update", "update"),
                                    ("create", "create"),
                                    ("delete", "delete"),
                                    ("create_task", "create_task"),
                                    ("create_note", "create_note"),
                                    ("draft", "draft"),
                                    ("queue", "queue"),
                                    ("send_email", "send_email"),
                                    ("enroll_sequence", "enroll_sequence"),
                                    ("create_meeting", "create_meeting"),
                                    ("push_to_dialer", "push_to_dialer"),
                                    ("export", "export"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "risk_tier",
                            models.CharField(
                                choices=[
                                    ("autonomous", "autonomous"),
                                    ("gated", "gated"),
                                    ("approval", "approval"),
                                    ("blocked", "blocked"),
                                ],
                                default=governance.domain.vocabulary.RiskTier["BLOCKED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "approvals_needed",
                            models.PositiveSmallIntegerField(default=1, help_text="Distinct people in all"),
                        ),
                        (
                            "min_confidence",
                            models.FloatField(
                                default=0.0, help_text="0 to 1; below it a person decides or the action is denied"
                            ),
                        ),
                        (
                            "min_evidence",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="Entries of evidence that must come along"
                            ),
                        ),
                        ("expires_after_seconds", models.PositiveIntegerField(default=86400)),
                        (
                            "hold_seconds",
                            models.PositiveIntegerField(
                                default=0,
                                help_text="How long an approved action waits before it runs, and can be cancelled; 0 for not at all",
                            ),
                        ),
                        (
                            "max_rows",
                            models.PositiveIntegerField(default=1000, help_text="Rows that one export may hold"),
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
                        "verbose_name": "historical action tier",
                        "verbose_name_plural": "historical action tiers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalActionTier_approver_groups",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "actiontier",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.actiontier",
                            ),
                        ),
                        (
                            "approvergroup",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "history",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="governance.historicalactiontier",
                            ),
                        ),
                        ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
                    ],
                    options={
                        "verbose_name": "HistoricalActionTier_approver_groups",
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalGrant",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("object_type", models.CharField(max_length=60)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("read", "read"),
                                    ("search", "search"),
                                    ("update", "update"),
                                    ("create", "create"),
                                    ("delete", "delete"),
                                    ("create_task", "create_task"),
                                    ("create_note", "create_note"),
                                    ("draft", "draft"),
                                    ("queue", "queue"),
                                    ("send_email", "send_email"),
                                    ("enroll_sequence", "enroll_sequence"),
                                    ("create_meeting", "create_meeting"),
                                    ("push_to_dialer", "push_to_dialer"),
                                    ("export", "export"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("read_fields", models.JSONField(blank=True, default=list)),
                        ("write_fields", models.JSONField(blank=True, default=list)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
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
                        "verbose_name": "historical grant",
                        "verbose_name_plural": "historical grants",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPerson",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(max_length=120)),
                        ("email", models.EmailField(db_index=True, max_length=254)),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True, help_text="An inactive person neither votes nor owns anything new"
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
                        "verbose_name": "historical person",
                        "verbose_name_plural": "historical people",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalProvenanceFields",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("object_type", models.CharField(max_length=60)),
                        (
                            "at_field",
                            models.CharField(
                                blank=True,
                                help_text="A time: when the agent asked",
                                max_length=120,
                                verbose_name="when",
                            ),
                        ),
                        (
                            "source_field",
                            models.CharField(
                                blank=True,
                                help_text="Where its evidence comes from",
                                max_length=120,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "confidence_field",
                            models.CharField(
                                blank=True, help_text="A number from 0 to 1", max_length=120, verbose_name="confidence"
                            ),
                        ),
                        (
                            "reason_field",
                            models.CharField(
                                blank=True, help_text="The agent's justification", max_length=120, verbose_name="reason"
                            ),
                        ),
                        (
                            "agent_field",
                            models.CharField(
                                blank=True, help_text="The agent's name", max_length=120, verbose_name="agent"
                            ),
                        ),
                        (
                            "request_field",
                            models.CharField(
                                blank=True, help_text="The request's id", max_length=120, verbose_name="request"
                            ),
                        ),
                        (
                            "trace_address",
                            models.CharField(
                                blank=True,
                                help_text="Put before the id, like https://countersign.example/requests/",
                                max_length=200,
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
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
                        "verbose_name": "historical provenance fields",
                        "verbose_name_plural": "historical provenance fields",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRuleList",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "slug",
                            models.SlugField(help_text="How rules refer to it", max_length=60, verbose_name="name"),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("domains", "domains, with everything below them"),
                                    ("records", "records, like companies:101"),
                                    ("values", "values of a field"),
                                    ("addresses", "e-mail addresses"),
                                    ("terms", "words and phrases in a text"),
                                ],
                                max_length=20,
                                verbose_name="holds",
                            ),
                        ),
                        ("entries", models.JSONField(blank=True, default=list)),
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
                        "verbose_name": "historical list",
                        "verbose_name_plural": "historical lists",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalStageRequirement",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("object_type", models.CharField(max_length=60)),
                        ("stage_field", models.CharField(max_length=120)),
                        ("stage", models.CharField(max_length=120)),
                        ("required_fields", models.JSONField(default=list)),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
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
                        "verbose_name": "historical stage requirement",
                        "verbose_name_plural": "historical stage requirements",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalStageTransition",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("object_type", models.CharField(max_length=60)),
                        ("stage_field", models.CharField(max_length=120)),
                        (
                            "from_stage",
                            models.CharField(
                                blank=True, help_text="Empty: a record that holds no stage yet", max_length=120
                            ),
                        ),
                        ("to_stages", models.JSONField(blank=True, default=list, verbose_name="next stages")),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
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
                        "verbose_name": "historical stage transition",
                        "verbose_name_plural": "historical stage transitions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalWorkspace",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("slug", models.SlugField(max_length=60)),
                        ("name", models.CharField(max_length=120)),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                        "verbose_name": "historical workspace",
                        "verbose_name_plural": "historical workspaces",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalCredential",
                    fields=[
                        ("id", models.BigIntegerField(blank=True, db_index=True)),
                        (
                            "client_id",
                            models.CharField(
                                db_index=True,
                                default=oauth2_provider.generators.generate_client_id,
                                max_length=255,
                                verbose_name="client ID",
                            ),
                        ),
                        (
                            "redirect_uris",
                            models.TextField(
                                blank=True, help_text="Allowed URIs list, space separated", verbose_name="redirect URIs"
                            ),
                        ),
                        (
                            "post_logout_redirect_uris",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="Allowed Post Logout URIs list, space separated",
                                verbose_name="post logout redirect URIs",
                            ),
                        ),
                        (
                            "client_type",
                            models.CharField(
                                choices=[("confidential", "Confidential"), ("public", "Public")],
                                max_length=32,
                                verbose_name="client type",
                            ),
                        ),
                        (
                            "authorization_grant_type",
                            models.CharField(
                                choices=[
                                    ("authorization-code", "Authorization code"),
                                    ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                                    ("implicit", "Implicit"),
                                    ("password", "Resource owner password-based"),
                                    ("client-credentials", "Client credentials"),
                                    ("openid-hybrid", "OpenID connect hybrid"),
                                ],
                                max_length=44,
                                verbose_name="authorization grant type",
                            ),
                        ),
                        ("hash_client_secret", models.BooleanField(default=True, verbose_name="hash client secret")),
                        ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                        ("skip_authorization", models.BooleanField(default=False, verbose_name="skip authorization")),
                        ("created", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                        ("updated", models.DateTimeField(blank=True, editable=False, verbose_name="updated")),
                        (
                            "algorithm",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "No OIDC support"),
                                    ("RS256", "RSA with SHA-2 256"),
                                    ("HS256", "HMAC with SHA-2 256"),
                                ],
                                default="",
                                max_length=5,
                                verbose_name="algorithm",
                            ),
                        ),
                        (
                            "allowed_origins",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="Allowed origins list to enable CORS, space separated",
                                verbose_name="allowed origins",
                            ),
                        ),
                        (
                            "registration_source",
                            models.CharField(
                                choices=[
                                    ("manual", "Manual"),
                                    ("dcr", "Dynamic Client Registration"),
                                    ("cimd", "Client ID Metadata Document"),
                                ],
                                default="manual",
                                help_text="How this application was registered (manual, DCR per RFC 7591, or CIMD)",
                                max_length=32,
                                verbose_name="registration source",
                            ),
                        ),
                        (
                            "cimd_expires_at",
                            models.DateTimeField(
                                blank=True,
                                default=None,
                                help_text="When the cached Client ID Metadata Document should be re-fetched",
                                null=True,
                                verbose_name="CIMD expires at",
                            ),
                        ),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "integration",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.integration",
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
                        "verbose_name": "historical credential",
                        "verbose_name_plural": "historical credentials",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Membership",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="governance.person",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("group", "person"), name="membership_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalUser",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                db_index=True,
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
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
                        "verbose_name": "historical login",
                        "verbose_name_plural": "historical logins",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalStandIn",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("reason", models.CharField(blank=True, max_length=200)),
                        ("created_at", models.DateTimeField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Who is away",
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
                                help_text="Who votes in their place",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        (
                            "named_by",
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
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
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
                        "verbose_name": "historical stand-in",
                        "verbose_name_plural": "historical stand-ins",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRule",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "key",
                            models.SlugField(
                                help_text="Never changes: decisions and counts refer to it", max_length=60
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("reason", models.CharField(help_text="Shown to reviewers and to the agent", max_length=400)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "applies_to",
                            models.CharField(
                                choices=[("agents", "an agent"), ("people", "a person"), ("everyone", "anyone")],
                                default=governance.domain.rule_terms.AppliesTo["AGENTS"],
                                max_length=10,
                            ),
                        ),
                        ("actions", models.JSONField(blank=True, default=list)),
                        ("objects_named", models.JSONField(blank=True, default=list)),
                        ("fields_named", models.JSONField(blank=True, default=list)),
                        ("conditions", models.JSONField(blank=True, default=list)),
                        (
                            "effect",
                            models.CharField(
                                choices=[
                                    ("deny", "refuse it"),
                                    ("approval", "ask for approval"),
                                    ("raise_tier", "raise the risk tier"),
                                ],
                                default=governance.domain.rule_terms.Effect["APPROVAL"],
                                max_length=12,
                            ),
                        ),
                        (
                            "count",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Distinct people in all", verbose_name="people"
                            ),
                        ),
                        (
                            "tier",
                            models.CharField(
                                blank=True,
                                choices=[("gated", "gated"), ("approval", "approval"), ("blocked", "blocked")],
                                max_length=20,
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
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
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
                        "verbose_name": "historical rule",
                        "verbose_name_plural": "historical rules",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalMembership",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
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
                        "verbose_name": "historical membership",
                        "verbose_name_plural": "historical memberships",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDelegation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("actions", models.JSONField(default=list)),
                        ("objects_named", models.JSONField(default=list)),
                        ("reason", models.TextField()),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
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
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "granted_by",
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
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
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
                        "verbose_name": "historical delegation",
                        "verbose_name_plural": "historical delegations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBreakGlass",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("action", models.CharField(max_length=30)),
                        ("object_type", models.CharField(max_length=60)),
                        ("record_id", models.CharField(blank=True, max_length=120)),
                        ("reason", models.TextField()),
                        ("opened_at", models.DateTimeField()),
                        ("minutes", models.PositiveSmallIntegerField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "proposal",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.changeproposal",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "asked_by",
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
                            "countersigned_by",
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
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
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
                        "verbose_name": "historical break glass",
                        "verbose_name_plural": "historical break-glass",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to="governance.person",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        ("actions", models.JSONField(default=list)),
                        ("objects_named", models.JSONField(default=list)),
                        ("reason", models.TextField()),
                        (
                            "granted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["agent", "person"], name="delegation_of_agent")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="delegation_has_a_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="delegation_ends"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="delegation_revoked_by_someone",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChangeDecision",
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
                            "proposal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="governance.changeproposal",
                            ),
                        ),
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
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("countersign", "countersign"),
                                    ("reject", "reject"),
                                    ("withdraw", "withdraw"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("digest", models.CharField(max_length=71)),
                        ("reason", models.TextField(blank=True)),
                        ("decided_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("proposal", "person"), name="change_decided_once_by_each"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verdict", governance.domain.change_status.ChangeVerdict["COUNTERSIGN"]),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="change_refusal_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BreakGlass",
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
                            "proposal",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="break_glass",
                                to="governance.changeproposal",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="break_glasses",
                                to="governance.agent",
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
                        ("record_id", models.CharField(blank=True, max_length=120)),
                        ("reason", models.TextField()),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "countersigned_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("minutes", models.PositiveSmallIntegerField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "break-glass",
                        "indexes": [
                            models.Index(fields=["agent", "action", "expires_at"], name="break_glass_of_agent")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="break_glass_has_a_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 240)),
                                name="break_glass_is_short",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("asked_by", models.F("countersigned_by")), _negated=True),
                                name="break_glass_takes_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="break_glass_ended_by_someone",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyVersion",
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
                                related_name="policy_versions",
                                to="governance.workspace",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("digest", models.CharField(max_length=71)),
                        ("document", models.BinaryField()),
                        (
                            "published_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name_plural": "versions",
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "number"), name="policy_version_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProvenanceFields",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="provenance",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        (
                            "at_field",
                            models.CharField(
                                blank=True,
                                help_text="A time: when the agent asked",
                                max_length=120,
                                verbose_name="when",
                            ),
                        ),
                        (
                            "source_field",
                            models.CharField(
                                blank=True,
                                help_text="Where its evidence comes from",
                                max_length=120,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "confidence_field",
                            models.CharField(
                                blank=True, help_text="A number from 0 to 1", max_length=120, verbose_name="confidence"
                            ),
                        ),
                        (
                            "reason_field",
                            models.CharField(
                                blank=True, help_text="The agent's justification", max_length=120, verbose_name="reason"
                            ),
                        ),
                        (
                            "agent_field",
                            models.CharField(
                                blank=True, help_text="The agent's name", max_length=120, verbose_name="agent"
                            ),
                        ),
                        (
                            "request_field",
                            models.CharField(
                                blank=True, help_text="The request's id", max_length=120, verbose_name="request"
                            ),
                        ),
                        (
                            "trace_address",
                            models.CharField(
                                blank=True,
                                help_text="Put before the id, like https://countersign.example/requests/",
                                max_length=200,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "provenance fields",
                        "constraints": [
                            models.UniqueConstraint(fields=("connection", "object_type"), name="provenance_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegisteredField",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fields",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=120)),
                        ("label", models.CharField(max_length=200)),
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
                                max_length=20,
                            ),
                        ),
                        ("options", models.JSONField(blank=True, default=list)),
                        ("is_read_only", models.BooleanField(default=False)),
                        ("is_required", models.BooleanField(default=False)),
                        ("max_length", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "review_state",
                            models.CharField(
                                choices=[("unreviewed", "unreviewed"), ("reviewed", "reviewed"), ("gone", "gone")],
                                default=governance.domain.vocabulary.ReviewState["UNREVIEWED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "classification",
                            models.CharField(
                                choices=[
                                    ("system_generated", "system_generated"),
                                    ("derived_score", "derived_score"),
                                    ("draft_content", "draft_content"),
                                    ("operational_metadata", "operational_metadata"),
                                    ("enrichment", "enrichment"),
                                    ("suggestion", "suggestion"),
                                    ("human_commitment", "human_commitment"),
                                    ("compliance", "compliance"),
                                    ("unclassified", "unclassified"),
                                ],
                                default=governance.domain.vocabulary.Classification["UNCLASSIFIED"],
                                max_length=30,
                            ),
                        ),
                        ("is_sensitive", models.BooleanField(default=False, help_text="Masked in governed reads")),
                        (
                            "was_reviewed",
                            models.BooleanField(
                                default=False,
                                help_text="Reviewed once: from then on, what changes or goes denies before the next publishing",
                            ),
                        ),
                        (
                            "gone_seen_at",
                            models.DateTimeField(blank=True, help_text="When a person saw that it is gone", null=True),
                        ),
                        (
                            "revenue_field",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="fields",
                                to="governance.revenuefield",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "field registry",
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("was_reviewed", True), models.Q(("review_state", "reviewed"), _negated=True)
                                ),
                                fields=["connection", "object_type"],
                                name="registered_field_closed",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "object_type", "name"), name="registered_field_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalFieldOwnership",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "owner_role",
                            models.CharField(
                                blank=True,
                                help_text="The approver group that reviews changes when one is needed",
                                max_length=80,
                                verbose_name="owner group",
                            ),
                        ),
                        (
                            "source_of_truth",
                            models.CharField(
                                blank=True,
                                help_text="CRM, agent, or the system that agents then leave it to",
                                max_length=80,
                            ),
                        ),
                        (
                            "permission_level",
                            models.CharField(
                                choices=[
                                    ("blocked", "blocked"),
                                    ("read_only", "read_only"),
                                    ("safe_write", "safe_write"),
                                    ("approval", "approval"),
                                    ("admin_only", "admin_only"),
                                ],
                                default=governance.domain.vocabulary.PermissionLevel["BLOCKED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "allowed_writers",
                            models.JSONField(blank=True, default=list, help_text="Who may write it at all"),
                        ),
                        (
                            "is_golden",
                            models.BooleanField(
                                default=False, help_text="Changes by one named path only; agents suggest"
                            ),
                        ),
                        ("review_required", models.BooleanField(default=False)),
                        (
                            "promote_on_approval",
                            models.BooleanField(
                                default=False,
                                help_text="Approving an agent's suggestion for it writes the field itself too, in the approver's name",
                            ),
                        ),
                        (
                            "refresh_after_days",
                            models.FloatField(
                                blank=True,
                                help_text="So long after its last write agents leave the field alone",
                                null=True,
                                verbose_name="fresh for days",
                            ),
                        ),
                        (
                            "rollback_method",
                            models.CharField(
                                choices=[("revert", "revert"), ("by_hand", "by hand"), ("none", "none")],
                                default=governance.domain.vocabulary.RollbackMethod["REVERT"],
                                help_text="Anything but revert takes a person's approval each time",
                                max_length=80,
                                verbose_name="rollback",
                            ),
                        ),
                        (
                            "value_format",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("email", "email"),
                                    ("phone_e164", "phone e164"),
                                    ("url", "url"),
                                    ("country", "country"),
                                ],
                                help_text="What a text must look like beyond its type",
                                max_length=20,
                                verbose_name="format",
                            ),
                        ),
                        ("min_value", models.FloatField(blank=True, null=True, verbose_name="least value")),
                        ("max_value", models.FloatField(blank=True, null=True, verbose_name="greatest value")),
                        (
                            "components_field",
                            models.CharField(
                                blank=True,
                                help_text="For a score: the field that says what it is made of",
                                max_length=120,
                            ),
                        ),
                        (
                            "version_field",
                            models.CharField(
                                blank=True,
                                help_text="For a score: the field that says what computed it",
                                max_length=120,
                            ),
                        ),
                        (
                            "field",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.registeredfield",
                            ),
                        ),
                        (
                            "owner_person",
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
                            "suggestion_field",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.registeredfield",
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
                        "verbose_name": "historical field ownership",
                        "verbose_name_plural": "historical ownership matrix",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="FieldOwnership",
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
                            "field",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ownership",
                                to="governance.registeredfield",
                            ),
                        ),
                        (
                            "owner_role",
                            models.CharField(
                                blank=True,
                                help_text="The approver group that reviews changes when one is needed",
                                max_length=80,
                                verbose_name="owner group",
                            ),
                        ),
                        (
                            "owner_person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="owned_fields",
                                to="governance.person",
                            ),
                        ),
                        (
                            "source_of_truth",
                            models.CharField(
                                blank=True,
                                help_text="CRM, agent, or the system that agents then leave it to",
                                max_length=80,
                            ),
                        ),
                        (
                            "permission_level",
                            models.CharField(
                                choices=[
                                    ("blocked", "blocked"),
                                    ("read_only", "read_only"),
                                    ("safe_write", "safe_write"),
                                    ("approval", "approval"),
                                    ("admin_only", "admin_only"),
                                ],
                                default=governance.domain.vocabulary.PermissionLevel["BLOCKED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "allowed_writers",
                            models.JSONField(blank=True, default=list, help_text="Who may write it at all"),
                        ),
                        (
                            "is_golden",
                            models.BooleanField(
                                default=False, help_text="Changes by one named path only; agents suggest"
                            ),
                        ),
                        ("review_required", models.BooleanField(default=False)),
                        (
                            "suggestion_field",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="suggests_for",
                                to="governance.registeredfield",
                            ),
                        ),
                        (
                            "promote_on_approval",
                            models.BooleanField(
                                default=False,
                                help_text="Approving an agent's suggestion for it writes the field itself too, in the approver's name",
                            ),
                        ),
                        (
                            "refresh_after_days",
                            models.FloatField(
                                blank=True,
                                help_text="So long after its last write agents leave the field alone",
                                null=True,
                                verbose_name="fresh for days",
                            ),
                        ),
                        (
                            "rollback_method",
                            models.CharField(
                                choices=[("revert", "revert"), ("by_hand", "by hand"), ("none", "none")],
                                default=governance.domain.vocabulary.RollbackMethod["REVERT"],
                                help_text="Anything but revert takes a person's approval each time",
                                max_length=80,
                                verbose_name="rollback",
                            ),
                        ),
                        (
                            "value_format",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("email", "email"),
                                    ("phone_e164", "phone e164"),
                                    ("url", "url"),
                                    ("country", "country"),
                                ],
                                help_text="What a text must look like beyond its type",
                                max_length=20,
                                verbose_name="format",
                            ),
                        ),
                        ("min_value", models.FloatField(blank=True, null=True, verbose_name="least value")),
                        ("max_value", models.FloatField(blank=True, null=True, verbose_name="greatest value")),
                        (
                            "components_field",
                            models.CharField(
                                blank=True,
                                help_text="For a score: the field that says what it is made of",
                                max_length=120,
                            ),
                        ),
                        (
                            "version_field",
                            models.CharField(
                                blank=True,
                                help_text="For a score: the field that says what computed it",
                                max_length=120,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "ownership matrix",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("suggestion_field__isnull", True),
                                    models.Q(("suggestion_field", models.F("field")), _negated=True),
                                    _connector="OR",
                                ),
                                name="suggestion_is_another_field",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRegisteredField",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("object_type", models.CharField(max_length=60)),
                        ("name", models.CharField(max_length=120)),
                        ("label", models.CharField(max_length=200)),
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
                                max_length=20,
                            ),
                        ),
                        ("options", models.JSONField(blank=True, default=list)),
                        ("is_read_only", models.BooleanField(default=False)),
                        ("is_required", models.BooleanField(default=False)),
                        ("max_length", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "review_state",
                            models.CharField(
                                choices=[("unreviewed", "unreviewed"), ("reviewed", "reviewed"), ("gone", "gone")],
                                default=governance.domain.vocabulary.ReviewState["UNREVIEWED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "classification",
                            models.CharField(
                                choices=[
                                    ("system_generated", "system_generated"),
                                    ("derived_score", "derived_score"),
                                    ("draft_content", "draft_content"),
                                    ("operational_metadata", "operational_metadata"),
                                    ("enrichment", "enrichment"),
                                    ("suggestion", "suggestion"),
                                    ("human_commitment", "human_commitment"),
                                    ("compliance", "compliance"),
                                    ("unclassified", "unclassified"),
                                ],
                                default=governance.domain.vocabulary.Classification["UNCLASSIFIED"],
                                max_length=30,
                            ),
                        ),
                        ("is_sensitive", models.BooleanField(default=False, help_text="Masked in governed reads")),
                        (
                            "was_reviewed",
                            models.BooleanField(
                                default=False,
                                help_text="Reviewed once: from then on, what changes or goes denies before the next publishing",
                            ),
                        ),
                        (
                            "gone_seen_at",
                            models.DateTimeField(blank=True, help_text="When a person saw that it is gone", null=True),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "revenue_field",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.revenuefield",
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
                        "verbose_name": "historical registered field",
                        "verbose_name_plural": "historical field registry",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Rule",
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
                                related_name="rules",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "key",
                            models.SlugField(
                                help_text="Never changes: decisions and counts refer to it", max_length=60
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("reason", models.CharField(help_text="Shown to reviewers and to the agent", max_length=400)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_rules",
                                to="governance.person",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "applies_to",
                            models.CharField(
                                choices=[("agents", "an agent"), ("people", "a person"), ("everyone", "anyone")],
                                default=governance.domain.rule_terms.AppliesTo["AGENTS"],
                                max_length=10,
                            ),
                        ),
                        ("actions", models.JSONField(blank=True, default=list)),
                        ("objects_named", models.JSONField(blank=True, default=list)),
                        ("fields_named", models.JSONField(blank=True, default=list)),
                        ("conditions", models.JSONField(blank=True, default=list)),
                        (
                            "effect",
                            models.CharField(
                                choices=[
                                    ("deny", "refuse it"),
                                    ("approval", "ask for approval"),
                                    ("raise_tier", "raise the risk tier"),
                                ],
                                default=governance.domain.rule_terms.Effect["APPROVAL"],
                                max_length=12,
                            ),
                        ),
                        (
                            "count",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Distinct people in all", verbose_name="people"
                            ),
                        ),
                        (
                            "tier",
                            models.CharField(
                                blank=True,
                                choices=[("gated", "gated"), ("approval", "approval"), ("blocked", "blocked")],
                                max_length=20,
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True, related_name="rules_asking_all", to="governance.approvergroup"
                            ),
                        ),
                        (
                            "any_groups",
                            models.ManyToManyField(
                                blank=True, related_name="rules_asking_any", to="governance.approvergroup"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "key"), name="rule_key_once"),
                            models.UniqueConstraint(fields=("workspace", "name"), name="rule_name_once"),
                            models.CheckConstraint(
                                condition=models.Q(("count__gte", 1), ("count__lte", 20)), name="rule_people"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRule_groups",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.rule",
                            ),
                        ),
                        (
                            "approvergroup",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "history",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="governance.historicalrule",
                            ),
                        ),
                        ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
                    ],
                    options={
                        "verbose_name": "HistoricalRule_groups",
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRule_any_groups",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.rule",
                            ),
                        ),
                        (
                            "approvergroup",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "history",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="governance.historicalrule",
                            ),
                        ),
                        ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
                    ],
                    options={
                        "verbose_name": "HistoricalRule_any_groups",
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RuleList",
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
                                related_name="rule_lists",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(help_text="How rules refer to it", max_length=60, verbose_name="name"),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("domains", "domains, with everything below them"),
                                    ("records", "records, like companies:101"),
                                    ("values", "values of a field"),
                                    ("addresses", "e-mail addresses"),
                                    ("terms", "words and phrases in a text"),
                                ],
                                max_length=20,
                                verbose_name="holds",
                            ),
                        ),
                        ("entries", models.JSONField(blank=True, default=list)),
                        (
                            "includes",
                            models.ManyToManyField(blank=True, related_name="included_in", to="governance.rulelist"),
                        ),
                    ],
                    options={
                        "verbose_name": "list",
                        "constraints": [models.UniqueConstraint(fields=("workspace", "slug"), name="rule_list_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRuleList_includes",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "from_rulelist",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.rulelist",
                            ),
                        ),
                        (
                            "to_rulelist",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_tablespace="",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.rulelist",
                            ),
                        ),
                        (
                            "history",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="governance.historicalrulelist",
                            ),
                        ),
                        ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
                    ],
                    options={
                        "verbose_name": "HistoricalRuleList_includes",
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RuleTallyMark",
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
                        ("event_id", models.UUIDField()),
                    ],
                ),
                migrations.CreateModel(
                    name="RuleTally",
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
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="governance.workspace"
                            ),
                        ),
                        ("key", models.SlugField(max_length=60)),
                        ("hits", models.PositiveBigIntegerField(default=0)),
                        ("last_hit_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("workspace", "key"), name="rule_tally_once")],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyRelease",
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
                                related_name="policy_releases",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[("sandbox", "sandbox"), ("production", "production")], max_length=20
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="releases",
                                to="governance.policyversion",
                            ),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        (
                            "countersigned_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "environment", "number"), name="policy_release_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("countersigned_by__isnull", True),
                                    models.Q(("countersigned_by", models.F("released_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="policy_release_two_people",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyBacktest",
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
                                related_name="backtests",
                                to="governance.workspace",
                            ),
                        ),
                        ("digest", models.CharField(max_length=71)),
                        ("document", models.BinaryField()),
                        ("bases", models.JSONField()),
                        ("days", models.PositiveSmallIntegerField()),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("state", models.CharField(default="waiting", max_length=10)),
                        ("cursor", models.UUIDField(null=True)),
                        ("total", models.PositiveIntegerField(null=True)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("tally", models.JSONField(default=dict)),
                        ("result", models.JSONField(default=dict)),
                        ("result_digest", models.CharField(blank=True, max_length=71)),
                        ("error", models.CharField(blank=True, max_length=200)),
                        (
                            "started_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("taken_until", models.DateTimeField(help_text="A worker has it until then", null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["workspace", "digest", "-created_at"], name="backtest_of_document"),
                            models.Index(
                                condition=models.Q(("state__in", ["waiting", "running"])),
                                fields=["created_at"],
                                name="backtest_due",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["waiting", "running", "done", "cancelled", "failed"])
                                ),
                                name="backtest_state",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatrixImport",
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
                                related_name="matrix_imports",
                                to="governance.workspace",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200)),
                        ("edits", models.JSONField()),
                        ("lines", models.JSONField()),
                        ("problems", models.JSONField()),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("applied_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="LawfulBasis",
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
                                related_name="lawful_bases",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "object_type",
                            models.CharField(help_text="Such as contacts", max_length=60, verbose_name="object"),
                        ),
                        ("field", models.CharField(help_text="Such as country", max_length=120)),
                        ("value", models.CharField(help_text="Such as Germany", max_length=200)),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("consent", "consent"),
                                    ("legitimate_interest", "legitimate interest"),
                                    ("contract", "contract"),
                                    ("legal_obligation", "legal obligation"),
                                    ("none", "none: not allowed"),
                                ],
                                max_length=24,
                            ),
                        ),
                        (
                            "note",
                            models.CharField(blank=True, help_text="Where the assessment is kept", max_length=400),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "lawful bases",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "object_type", "field", "value", "basis"), name="lawful_basis_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KillSwitch",
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
                                related_name="kill_switches",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("all", "all"),
                                    ("agent", "agent"),
                                    ("write_back", "write_back"),
                                    ("send", "send"),
                                    ("enroll", "enroll"),
                                    ("read_only", "read_only"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="kill_switches",
                                to="governance.agent",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("engaged_by", models.CharField(max_length=120)),
                        ("engaged_at", models.DateTimeField()),
                        ("lift_proposed_by", models.CharField(blank=True, default="", max_length=120)),
                        (
                            "lifted_by",
                            models.CharField(
                                blank=True, help_text="The second person, who countersigned", max_length=120
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("lift_reason", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name_plural": "kill switches",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("agent__isnull", False),
                                        ("kind", governance.domain.vocabulary.SwitchKind["AGENT"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("kind", governance.domain.vocabulary.SwitchKind["AGENT"]), _negated=True
                                        ),
                                        ("agent__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="kill_switch_agent",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("agent__isnull", True), ("lifted_at__isnull", True)),
                                fields=("workspace", "kind"),
                                name="kill_switch_in_force_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("agent__isnull", False), ("lifted_at__isnull", True)),
                                fields=("agent",),
                                name="agent_switch_in_force_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="kill_switch_has_a_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("lift_reason", ""), ("lifted_at__isnull", True), ("lifted_by", "")),
                                    models.Q(
                                        ("lifted_at__isnull", False),
                                        models.Q(("lifted_by", ""), _negated=True),
                                        models.Q(("lift_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="kill_switch_lifted_by_someone_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSystem",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(max_length=80)),
                        ("purpose", models.CharField(blank=True, max_length=200)),
                        ("reads", models.JSONField(blank=True, default=list)),
                        ("writes", models.JSONField(blank=True, default=list)),
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
                        "verbose_name": "historical system",
                        "verbose_name_plural": "historical systems",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRevenueField",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=80)),
                        (
                            "names_by_kind",
                            models.JSONField(blank=True, default=dict, help_text="Its name in each kind of CRM"),
                        ),
                        ("owner_role", models.CharField(blank=True, max_length=80)),
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
                        "verbose_name": "historical revenue field",
                        "verbose_name_plural": "historical Revenue 20",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalLawfulBasis",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "object_type",
                            models.CharField(help_text="Such as contacts", max_length=60, verbose_name="object"),
                        ),
                        ("field", models.CharField(help_text="Such as country", max_length=120)),
                        ("value", models.CharField(help_text="Such as Germany", max_length=200)),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("consent", "consent"),
                                    ("legitimate_interest", "legitimate interest"),
                                    ("contract", "contract"),
                                    ("legal_obligation", "legal obligation"),
                                    ("none", "none: not allowed"),
                                ],
                                max_length=24,
                            ),
                        ),
                        (
                            "note",
                            models.CharField(blank=True, help_text="Where the assessment is kept", max_length=400),
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
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
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
                        "verbose_name": "historical lawful basis",
                        "verbose_name_plural": "historical lawful bases",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalKillSwitch",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("all", "all"),
                                    ("agent", "agent"),
                                    ("write_back", "write_back"),
                                    ("send", "send"),
                                    ("enroll", "enroll"),
                                    ("read_only", "read_only"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("engaged_by", models.CharField(max_length=120)),
                        ("engaged_at", models.DateTimeField()),
                        ("lift_proposed_by", models.CharField(blank=True, default="", max_length=120)),
                        (
                            "lifted_by",
                            models.CharField(
                                blank=True, help_text="The second person, who countersigned", max_length=120
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("lift_reason", models.TextField(blank=True)),
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
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
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
                        "verbose_name": "historical kill switch",
                        "verbose_name_plural": "historical kill switches",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalIntegration",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "name",
                            models.CharField(db_index=True, help_text="Like integration.mail-provider", max_length=80),
                        ),
                        (
                            "scopes",
                            models.JSONField(
                                default=list, help_text="What it may do: dnc:write, reports:write, delivery:write"
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(default=True, help_text="Switched off, its tokens end at once"),
                        ),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The person who answers for it",
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
                        "verbose_name": "historical integration",
                        "verbose_name_plural": "historical integrations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalGoldenCase",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "facts",
                            models.JSONField(help_text="The request and the world around it, as on a request's trace"),
                        ),
                        (
                            "expected_outcome",
                            models.CharField(
                                choices=[
                                    ("allow", "allow"),
                                    ("require_approval", "require_approval"),
                                    ("deny", "deny"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "expected_codes",
                            models.JSONField(blank=True, default=list, help_text="Reason codes, one a line"),
                        ),
                        ("note", models.TextField(blank=True, help_text="Why this must stay so")),
                        ("source_request", models.UUIDField(blank=True, editable=False, null=True)),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                        "verbose_name": "historical golden case",
                        "verbose_name_plural": "historical golden cases",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalFrequencyCap",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "key",
                            models.SlugField(
                                help_text="Never changes: decisions and counts refer to it", max_length=40
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("reason", models.CharField(help_text="Shown to reviewers and to the agent", max_length=400)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "max_touches",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="For each person; empty: not counted; 0 allows none",
                                null=True,
                                verbose_name="touches at most",
                            ),
                        ),
                        (
                            "window_hours",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="24 for a day, 168 for a week", verbose_name="in any hours"
                            ),
                        ),
                        (
                            "min_gap_hours",
                            models.PositiveSmallIntegerField(default=0, verbose_name="hours between two"),
                        ),
                        (
                            "stops_after",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Until a person resumes: nobody is touched any more",
                                verbose_name="none after",
                            ),
                        ),
                        (
                            "channels",
                            models.JSONField(
                                blank=True, default=list, help_text="None chosen: whatever touches a person"
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                blank=True,
                                choices=[("sandbox", "sandbox"), ("production", "production")],
                                help_text="Empty: both",
                                max_length=10,
                            ),
                        ),
                        (
                            "segment_field",
                            models.CharField(
                                blank=True, help_text="Only people whose record holds in this field …", max_length=120
                            ),
                        ),
                        (
                            "segment_value",
                            models.CharField(blank=True, help_text="… this value, or nothing", max_length=200),
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
                        (
                            "owner",
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
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: all agents together, which is what keeps two of them from touching one person twice",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
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
                        "verbose_name": "historical frequency cap",
                        "verbose_name_plural": "historical frequency caps",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalConnection",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.SlugField(max_length=60)),
                        (
                            "kind",
                            models.CharField(help_text="Which connector serves it: embedded, hubspot …", max_length=30),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[("sandbox", "sandbox"), ("production", "production")], max_length=20
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "brand",
                            models.CharField(
                                blank=True,
                                help_text="The brand it speaks for; empty: all do-not-contact entries hold",
                                max_length=60,
                            ),
                        ),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                        "verbose_name": "historical connection",
                        "verbose_name_plural": "historical connections",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBudget",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("writes", "writes"),
                                    ("creates", "creates"),
                                    ("sends", "sends"),
                                    ("enrolments", "enrolments"),
                                    ("bookings", "bookings"),
                                    ("exports", "exports"),
                                    ("api_calls", "api calls"),
                                    ("tokens", "tokens"),
                                    ("spend", "spend"),
                                ],
                                help_text="What is counted",
                                max_length=20,
                            ),
                        ),
                        (
                            "key",
                            models.CharField(
                                choices=[
                                    ("agent", "agent"),
                                    ("workspace", "workspace"),
                                    ("record", "record"),
                                    ("recipient_domain", "recipient domain"),
                                    ("mailbox", "mailbox"),
                                    ("segment", "segment"),
                                ],
                                help_text="What it is counted by",
                                max_length=20,
                                verbose_name="for each",
                            ),
                        ),
                        (
                            "window",
                            models.CharField(
                                choices=[("minute", "minute"), ("hour", "hour"), ("day", "day")],
                                help_text="Begins on the minute, the hour or the day of UTC",
                                max_length=10,
                            ),
                        ),
                        (
                            "limit",
                            models.PositiveBigIntegerField(
                                help_text="For spend in millionths of the currency; 0 allows nothing"
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                help_text="One agent, mailbox, domain …; it then stands in the place of the budget for all",
                                max_length=254,
                                verbose_name="only for",
                            ),
                        ),
                        (
                            "segment_field",
                            models.CharField(
                                blank=True,
                                help_text="For a budget by segment: the field of the record that holds it",
                                max_length=120,
                            ),
                        ),
                        ("currency", models.CharField(blank=True, help_text="For spend: like USD", max_length=3)),
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
                        "verbose_name": "historical budget",
                        "verbose_name_plural": "historical budgets",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBreaker",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.SlugField(help_text="Like send-bounces; its state hangs on it", max_length=60)),
                        (
                            "signal",
                            models.CharField(
                                choices=[
                                    ("errors", "errors"),
                                    ("denials", "denials"),
                                    ("bounces", "bounces"),
                                    ("complaints", "complaints"),
                                    ("spend", "spend"),
                                ],
                                help_text="What turns bad",
                                max_length=20,
                                verbose_name="watches",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[("sandbox", "sandbox"), ("production", "production")], max_length=20
                            ),
                        ),
                        (
                            "actions",
                            models.JSONField(
                                blank=True, default=list, help_text="The class of action; empty for every action"
                            ),
                        ),
                        (
                            "window_seconds",
                            models.PositiveIntegerField(
                                default=600, help_text="Seconds that are looked back", verbose_name="window"
                            ),
                        ),
                        (
                            "min_calls",
                            models.PositiveIntegerField(
                                default=10, help_text="Fewer in the window say nothing", verbose_name="least calls"
                            ),
                        ),
                        (
                            "ratio",
                            models.FloatField(
                                default=0.0,
                                help_text="Trips at this share of bad calls: 0.5 is half of them",
                                verbose_name="share",
                            ),
                        ),
                        (
                            "amount",
                            models.PositiveBigIntegerField(
                                default=0, help_text="For spend: trips above, in millionths of the currency"
                            ),
                        ),
                        ("currency", models.CharField(blank=True, help_text="For spend: like USD", max_length=3)),
                        (
                            "open_seconds",
                            models.PositiveIntegerField(
                                default=300, help_text="Seconds until probes are let through", verbose_name="open for"
                            ),
                        ),
                        (
                            "probes",
                            models.PositiveIntegerField(default=3, help_text="How many are let through to try it out"),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, help_text="Told to whoever is stopped by it", max_length=200),
                        ),
                        ("is_active", models.BooleanField(default=True)),
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
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: all agents are counted, and stopped, together",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Whom to ask about it",
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
                        "verbose_name": "historical circuit breaker",
                        "verbose_name_plural": "historical circuit breakers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalApproverGroup",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("slug", models.SlugField(max_length=60)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "reminder_after_minutes",
                            models.PositiveIntegerField(
                                default=60,
                                help_text="How long a request waits before the group is reminded; 0 for never",
                            ),
                        ),
                        (
                            "escalation_after_minutes",
                            models.PositiveIntegerField(
                                default=240,
                                help_text="How long it waits before the backup group may decide too; 0 for never",
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
                        (
                            "backup_group",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Its people may decide too, once a request was escalated",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.approvergroup",
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
                        "verbose_name": "historical approver group",
                        "verbose_name_plural": "historical approver groups",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAnomaly",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        (
                            "signal",
                            models.CharField(
                                choices=[
                                    ("volume", "volume"),
                                    ("new_domains", "new domains"),
                                    ("new_sequences", "new sequences"),
                                    ("new_fields", "new fields"),
                                ],
                                help_text="What is counted for each agent",
                                max_length=20,
                            ),
                        ),
                        (
                            "window",
                            models.CharField(
                                choices=[("minute", "minute"), ("hour", "hour"), ("day", "day")], max_length=10
                            ),
                        ),
                        (
                            "floor",
                            models.PositiveIntegerField(
                                help_text="Also holds while an agent is new", verbose_name="never unusual up to"
                            ),
                        ),
                        (
                            "factor",
                            models.FloatField(
                                default=3.0,
                                help_text="Volume: above the floor, so many times the agent's hourly median",
                                verbose_name="times the usual",
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                help_text="One agent; it then stands in the place of the one for all",
                                max_length=120,
                                verbose_name="only for",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
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
                        "verbose_name": "historical anomaly stop",
                        "verbose_name_plural": "historical anomaly stops",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAgent",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(db_index=True, help_text="Like agent.enrichment", max_length=80)),
                        ("purpose", models.TextField(help_text="What it is for, in a sentence or two")),
                        (
                            "lifecycle",
                            models.CharField(
                                choices=[
                                    ("draft", "draft"),
                                    ("active", "active"),
                                    ("read_only", "read_only"),
                                    ("quarantined", "quarantined"),
                                    ("retired", "retired"),
                                ],
                                default=governance.domain.vocabulary.Lifecycle["DRAFT"],
                                max_length=20,
                            ),
                        ),
                        (
                            "autonomy_level",
                            models.CharField(
                                choices=[
                                    ("manual", "manual"),
                                    ("draft_only", "draft_only"),
                                    ("with_approval", "with_approval"),
                                    ("autonomous", "autonomous"),
                                ],
                                default=governance.domain.vocabulary.AutonomyLevel["MANUAL"],
                                max_length=20,
                            ),
                        ),
                        (
                            "is_drill",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                help_text="Only sends dumb failures: it gets no credential to keep, and nothing it asks for is executed",
                            ),
                        ),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The person who answers for it",
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
                        "verbose_name": "historical agent",
                        "verbose_name_plural": "historical agents",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="GoldenCase",
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
                                related_name="golden_cases",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "facts",
                            models.JSONField(help_text="The request and the world around it, as on a request's trace"),
                        ),
                        (
                            "expected_outcome",
                            models.CharField(
                                choices=[
                                    ("allow", "allow"),
                                    ("require_approval", "require_approval"),
                                    ("deny", "deny"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "expected_codes",
                            models.JSONField(blank=True, default=list, help_text="Reason codes, one a line"),
                        ),
                        ("note", models.TextField(blank=True, help_text="Why this must stay so")),
                        ("source_request", models.UUIDField(blank=True, editable=False, null=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="golden_case_name")],
                    },
                ),
                migrations.CreateModel(
                    name="FrequencyCap",
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
                                related_name="frequency_caps",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "key",
                            models.SlugField(
                                help_text="Never changes: decisions and counts refer to it", max_length=40
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("reason", models.CharField(help_text="Shown to reviewers and to the agent", max_length=400)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_frequency_caps",
                                to="governance.person",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "max_touches",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="For each person; empty: not counted; 0 allows none",
                                null=True,
                                verbose_name="touches at most",
                            ),
                        ),
                        (
                            "window_hours",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="24 for a day, 168 for a week", verbose_name="in any hours"
                            ),
                        ),
                        (
                            "min_gap_hours",
                            models.PositiveSmallIntegerField(default=0, verbose_name="hours between two"),
                        ),
                        (
                            "stops_after",
                            models.JSONField(
                                blank=True,
                                default=list,
                                help_text="Until a person resumes: nobody is touched any more",
                                verbose_name="none after",
                            ),
                        ),
                        (
                            "channels",
                            models.JSONField(
                                blank=True, default=list, help_text="None chosen: whatever touches a person"
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: all agents together, which is what keeps two of them from touching one person twice",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                blank=True,
                                choices=[("sandbox", "sandbox"), ("production", "production")],
                                help_text="Empty: both",
                                max_length=10,
                            ),
                        ),
                        (
                            "segment_field",
                            models.CharField(
                                blank=True, help_text="Only people whose record holds in this field …", max_length=120
                            ),
                        ),
                        (
                            "segment_value",
                            models.CharField(blank=True, help_text="… this value, or nothing", max_length=200),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "key"), name="frequency_key_once"),
                            models.UniqueConstraint(fields=("workspace", "name"), name="frequency_name_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DncImport",
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
                                related_name="dnc_imports",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("sha256", models.CharField(max_length=64)),
                        ("size_bytes", models.PositiveBigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reading", "reading"),
                                    ("ready", "ready"),
                                    ("applying", "applying"),
                                    ("done", "done"),
                                    ("cancelled", "cancelled"),
                                    ("failed", "failed"),
                                ],
                                default=governance.domain.dnc_import_state.DncImportState["READING"],
                                max_length=10,
                            ),
                        ),
                        ("columns", models.JSONField(default=list)),
                        ("defaults", models.JSONField(default=dict)),
                        ("offset", models.PositiveBigIntegerField(default=0)),
                        ("line", models.PositiveBigIntegerField(default=0)),
                        ("rows_good", models.PositiveBigIntegerField(default=0)),
                        ("rows_bad", models.PositiveBigIntegerField(default=0)),
                        ("rows_added", models.PositiveBigIntegerField(default=0)),
                        ("rows_known", models.PositiveBigIntegerField(default=0)),
                        ("applied_line", models.PositiveBigIntegerField(default=0)),
                        ("problem", models.CharField(blank=True, max_length=300)),
                        ("started_by", models.CharField(max_length=120)),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "do-not-contact import",
                        "verbose_name_plural": "imports",
                        "indexes": [models.Index(fields=["workspace", "-id"], name="dnc_import_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="ControlEvidence",
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
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.agent",
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("subject", models.CharField(max_length=120)),
                        ("data", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["agent", "kind", "-created_at"], name="control_evidence_of_agent")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("kind", "subject"), name="control_evidence_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BudgetCounter",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        ("key", models.CharField(max_length=20)),
                        ("value", models.CharField(max_length=400)),
                        ("unit", models.CharField(max_length=20)),
                        ("window", models.CharField(max_length=10)),
                        ("starts_at", models.DateTimeField()),
                        ("used", models.PositiveBigIntegerField()),
                        ("cap", models.PositiveBigIntegerField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["starts_at", "workspace"], name="budget_counter_by_start"),
                            models.Index(fields=["value", "starts_at"], name="budget_counter_by_value"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Budget",
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
                                related_name="budgets",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("writes", "writes"),
                                    ("creates", "creates"),
                                    ("sends", "sends"),
                                    ("enrolments", "enrolments"),
                                    ("bookings", "bookings"),
                                    ("exports", "exports"),
                                    ("api_calls", "api calls"),
                                    ("tokens", "tokens"),
                                    ("spend", "spend"),
                                ],
                                help_text="What is counted",
                                max_length=20,
                            ),
                        ),
                        (
                            "key",
                            models.CharField(
                                choices=[
                                    ("agent", "agent"),
                                    ("workspace", "workspace"),
                                    ("record", "record"),
                                    ("recipient_domain", "recipient domain"),
                                    ("mailbox", "mailbox"),
                                    ("segment", "segment"),
                                ],
                                help_text="What it is counted by",
                                max_length=20,
                                verbose_name="for each",
                            ),
                        ),
                        (
                            "window",
                            models.CharField(
                                choices=[("minute", "minute"), ("hour", "hour"), ("day", "day")],
                                help_text="Begins on the minute, the hour or the day of UTC",
                                max_length=10,
                            ),
                        ),
                        (
                            "limit",
                            models.PositiveBigIntegerField(
                                help_text="For spend in millionths of the currency; 0 allows nothing"
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                help_text="One agent, mailbox, domain …; it then stands in the place of the budget for all",
                                max_length=254,
                                verbose_name="only for",
                            ),
                        ),
                        (
                            "segment_field",
                            models.CharField(
                                blank=True,
                                help_text="For a budget by segment: the field of the record that holds it",
                                max_length=120,
                            ),
                        ),
                        ("currency", models.CharField(blank=True, help_text="For spend: like USD", max_length=3)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "unit", "key", "window", "scope", "segment_field", "currency"),
                                name="budget_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BreakerState",
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
                        ("name", models.CharField(max_length=60)),
                        ("opened_at", models.DateTimeField(null=True)),
                        (
                            "half_opened_at",
                            models.DateTimeField(help_text="When the sweep saw it half-open", null=True),
                        ),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("why", models.TextField(blank=True, help_text="The figures that opened it")),
                        ("policy_version", models.CharField(blank=True, max_length=71)),
                        ("calls", models.PositiveIntegerField(default=0)),
                        ("bad", models.PositiveBigIntegerField(default=0)),
                        ("counted_since", models.DateTimeField(null=True)),
                        ("looked_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("opened_at__isnull", False)),
                                fields=["workspace"],
                                name="breaker_not_closed",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("workspace", "name"), name="breaker_state_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Breaker",
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
                                related_name="breakers",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.SlugField(help_text="Like send-bounces; its state hangs on it", max_length=60)),
                        (
                            "signal",
                            models.CharField(
                                choices=[
                                    ("errors", "errors"),
                                    ("denials", "denials"),
                                    ("bounces", "bounces"),
                                    ("complaints", "complaints"),
                                    ("spend", "spend"),
                                ],
                                help_text="What turns bad",
                                max_length=20,
                                verbose_name="watches",
                            ),
                        ),
                        (
                            "environment",
                            models.CharField(
                                choices=[("sandbox", "sandbox"), ("production", "production")], max_length=20
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: all agents are counted, and stopped, together",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="breakers",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "actions",
                            models.JSONField(
                                blank=True, default=list, help_text="The class of action; empty for every action"
                            ),
                        ),
                        (
                            "window_seconds",
                            models.PositiveIntegerField(
                                default=600, help_text="Seconds that are looked back", verbose_name="window"
                            ),
                        ),
                        (
                            "min_calls",
                            models.PositiveIntegerField(
                                default=10, help_text="Fewer in the window say nothing", verbose_name="least calls"
                            ),
                        ),
                        (
                            "ratio",
                            models.FloatField(
                                default=0.0,
                                help_text="Trips at this share of bad calls: 0.5 is half of them",
                                verbose_name="share",
                            ),
                        ),
                        (
                            "amount",
                            models.PositiveBigIntegerField(
                                default=0, help_text="For spend: trips above, in millionths of the currency"
                            ),
                        ),
                        ("currency", models.CharField(blank=True, help_text="For spend: like USD", max_length=3)),
                        (
                            "open_seconds",
                            models.PositiveIntegerField(
                                default=300, help_text="Seconds until probes are let through", verbose_name="open for"
                            ),
                        ),
                        (
                            "probes",
                            models.PositiveIntegerField(default=3, help_text="How many are let through to try it out"),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, help_text="Told to whoever is stopped by it", max_length=200),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="Whom to ask about it",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "verbose_name": "circuit breaker",
                        "verbose_name_plural": "circuit breakers",
                        "constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="breaker_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Anomaly",
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
                                related_name="anomalies",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "signal",
                            models.CharField(
                                choices=[
                                    ("volume", "volume"),
                                    ("new_domains", "new domains"),
                                    ("new_sequences", "new sequences"),
                                    ("new_fields", "new fields"),
                                ],
                                help_text="What is counted for each agent",
                                max_length=20,
                            ),
                        ),
                        (
                            "window",
                            models.CharField(
                                choices=[("minute", "minute"), ("hour", "hour"), ("day", "day")], max_length=10
                            ),
                        ),
                        (
                            "floor",
                            models.PositiveIntegerField(
                                help_text="Also holds while an agent is new", verbose_name="never unusual up to"
                            ),
                        ),
                        (
                            "factor",
                            models.FloatField(
                                default=3.0,
                                help_text="Volume: above the floor, so many times the agent's hourly median",
                                verbose_name="times the usual",
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                help_text="One agent; it then stands in the place of the one for all",
                                max_length=120,
                                verbose_name="only for",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "verbose_name": "anomaly stop",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("workspace", "signal", "window", "scope"), name="anomaly_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SchemaSync",
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
                            "connection",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="schema_syncs",
                                to="governance.connection",
                            ),
                        ),
                        ("state", models.CharField(default="waiting", max_length=10)),
                        ("counts", models.JSONField(default=dict)),
                        ("problem_code", models.CharField(blank=True, max_length=60)),
                        ("problem", models.CharField(blank=True, max_length=300)),
                        (
                            "started_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("taken_until", models.DateTimeField(help_text="A worker has it until then", null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name_plural": "schema review",
                        "indexes": [models.Index(fields=["connection", "-created_at"], name="schema_sync_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["waiting", "asking", "comparing", "done", "failed"])),
                                name="schema_sync_state",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("waiting", "asking", "comparing"))),
                                fields=("connection",),
                                name="schema_sync_one_at_a_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShadowRun",
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
                                related_name="shadow_runs",
                                to="governance.workspace",
                            ),
                        ),
                        ("digest", models.CharField(max_length=71)),
                        ("document", models.BinaryField()),
                        ("cursor", models.UUIDField(null=True)),
                        ("judged", models.PositiveIntegerField(default=0)),
                        ("differing", models.PositiveIntegerField(default=0)),
                        (
                            "started_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        (
                            "stopped_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("stopped_at", models.DateTimeField(null=True)),
                        ("taken_until", models.DateTimeField(help_text="A worker has it until then", null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["workspace", "-started_at"], name="shadow_run_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("stopped_at__isnull", True)),
                                fields=("workspace",),
                                name="shadow_run_one_at_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShadowDifference",
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
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="differences",
                                to="governance.shadowrun",
                            ),
                        ),
                        ("request_id", models.UUIDField()),
                        ("agent", models.CharField(max_length=60)),
                        ("about", models.CharField(max_length=200)),
                        ("change", models.CharField(max_length=20)),
                        ("live", models.JSONField()),
                        ("draft", models.JSONField()),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "request_id"), name="shadow_difference_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageRequirement",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stage_requirements",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("stage_field", models.CharField(max_length=120)),
                        ("stage", models.CharField(max_length=120)),
                        ("required_fields", models.JSONField(default=list)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "object_type", "stage_field", "stage"),
                                name="stage_requirement_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageTransition",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stage_transitions",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        ("stage_field", models.CharField(max_length=120)),
                        (
                            "from_stage",
                            models.CharField(
                                blank=True, help_text="Empty: a record that holds no stage yet", max_length=120
                            ),
                        ),
                        ("to_stages", models.JSONField(blank=True, default=list, verbose_name="next stages")),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "object_type", "stage_field", "from_stage"),
                                name="stage_transition_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StandIn",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stand_ins",
                                to="governance.approvergroup",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                help_text="Who is away",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stand_ins",
                                to="governance.person",
                            ),
                        ),
                        (
                            "stand_in",
                            models.ForeignKey(
                                help_text="Who votes in their place",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stands_in_for",
                                to="governance.person",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=200)),
                        (
                            "named_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.person"
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.person",
                            ),
                        ),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "stand-in",
                        "verbose_name_plural": "stand-ins",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True), ("revoked_at__isnull", True)),
                                fields=["ends_at"],
                                name="stand_in_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="stand_in_ends"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("stand_in")), _negated=True),
                                name="stand_in_is_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="stand_in_revoked_by_someone",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="System",
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
                                related_name="systems",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("purpose", models.CharField(blank=True, max_length=200)),
                        ("reads", models.JSONField(blank=True, default=list)),
                        ("writes", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("workspace", "name"), name="system_name")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWritePath",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=audit.domain.identifier.new_id, editable=False)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("workflow", "workflow"),
                                    ("validation", "validation"),
                                    ("assignment", "assignment"),
                                    ("duplicate", "duplicate"),
                                    ("routing", "routing"),
                                    ("enrichment", "enrichment"),
                                    ("stage_automation", "stage automation"),
                                    ("forecast", "forecast"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("triggers", models.JSONField(blank=True, default=list, verbose_name="set off by")),
                        ("changes", models.JSONField(blank=True, default=list)),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True, help_text="An inactive path is kept and counts for nothing"
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.connection",
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="governance.system",
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
                        "verbose_name": "historical write path",
                        "verbose_name_plural": "historical what can change it",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="TouchKey",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        (
                            "workspace",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.workspace",
                            ),
                        ),
                        ("version", models.PositiveBigIntegerField()),
                        ("ceiling", models.PositiveBigIntegerField()),
                        ("stopped_at", models.DateTimeField(null=True)),
                        ("stop_reason", models.CharField(blank=True, default="", max_length=300)),
                        ("stopped_by", models.CharField(blank=True, default="", max_length=120)),
                        ("resumed_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Touch",
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
                            "key",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="touches",
                                to="governance.touchkey",
                            ),
                        ),
                        ("request_id", models.UUIDField()),
                        ("person_number", models.PositiveSmallIntegerField()),
                        ("action", models.CharField(max_length=30)),
                        ("agent", models.CharField(blank=True, max_length=120)),
                        ("environment", models.CharField(max_length=10)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("sent", "sent"),
                                    ("returned", "returned"),
                                    ("undone", "undone"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("reserved_at", models.DateTimeField()),
                        ("touched_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name_plural": "touches",
                        "indexes": [
                            models.Index(fields=["key", "-reserved_at"], name="touch_by_key"),
                            models.Index(fields=["request_id"], name="touch_by_request"),
                            models.Index(
                                condition=models.Q(
                                    ("action__in", ("create_meeting", "enroll_sequence")),
                                    ("state", governance.domain.touch_state.TouchState["SENT"]),
                                    _negated=True,
                                ),
                                fields=["reserved_at"],
                                name="touch_passing",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("request_id", "key", "person_number"), name="touch_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            [
                                                governance.domain.touch_state.TouchState["PENDING"],
                                                governance.domain.touch_state.TouchState["RETURNED"],
                                            ],
                                        ),
                                        ("touched_at__isnull", True),
                                    ),
                                    models.Q(
                                        (
                                            "state__in",
                                            [
                                                governance.domain.touch_state.TouchState["SENT"],
                                                governance.domain.touch_state.TouchState["UNDONE"],
                                            ],
                                        ),
                                        ("touched_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="touch_sent_says_when",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WritePath",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_paths",
                                to="governance.connection",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("workflow", "workflow"),
                                    ("validation", "validation"),
                                    ("assignment", "assignment"),
                                    ("duplicate", "duplicate"),
                                    ("routing", "routing"),
                                    ("enrichment", "enrichment"),
                                    ("stage_automation", "stage automation"),
                                    ("forecast", "forecast"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="paths",
                                to="governance.system",
                            ),
                        ),
                        ("triggers", models.JSONField(blank=True, default=list, verbose_name="set off by")),
                        ("changes", models.JSONField(blank=True, default=list)),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True, help_text="An inactive path is kept and counts for nothing"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "what can change it",
                        "constraints": [models.UniqueConstraint(fields=("connection", "name"), name="write_path_name")],
                    },
                ),
                migrations.CreateModel(
                    name="AgentHabit",
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
                        ("signal", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=64)),
                        ("first_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["first_at"], name="agent_habit_by_time")],
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "signal", "key"), name="agent_habit_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgentVersion",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="governance.agent",
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=71)),
                        ("model", models.CharField(max_length=120)),
                        ("prompt_template", models.CharField(max_length=120)),
                        ("prompt_hash", models.CharField(max_length=71)),
                        ("tools_hash", models.CharField(max_length=71)),
                        ("first_seen_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("agent", "fingerprint"), name="agent_version_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="governance.connection",
                            ),
                        ),
                        ("object_type", models.CharField(max_length=60)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("read", "read"),
                                    ("search", "search"),
                                    ("update", "update"),
                                    ("create", "create"),
                                    ("delete", "delete"),
                                    ("create_task", "create_task"),
                                    ("create_note", "create_note"),
                                    ("draft", "draft"),
                                    ("queue", "queue"),
                                    ("send_email", "send_email"),
                                    ("enroll_sequence", "enroll_sequence"),
                                    ("create_meeting", "create_meeting"),
                                    ("push_to_dialer", "push_to_dialer"),
                                    ("export", "export"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("read_fields", models.JSONField(blank=True, default=list)),
                        ("write_fields", models.JSONField(blank=True, default=list)),
                        ("is_withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agent", "connection", "object_type", "action"), name="grant_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DncSubmission",
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
                            "integration",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dnc_submissions",
                                to="governance.integration",
                            ),
                        ),
                        ("idempotency_key", models.CharField(max_length=255)),
                        ("fingerprint", models.CharField(max_length=71)),
                        (
                            "entry",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="submissions",
                                to="governance.dncentry",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("integration", "idempotency_key"), name="dnc_submission_once"
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="ApproverGroup",
            name="members",
            field=models.ManyToManyField(
                related_name="approver_groups", through="governance.Membership", to="governance.person"
            ),
        ),
    ]
