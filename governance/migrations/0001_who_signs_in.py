import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models

import audit.domain.identifier
import governance.domain.vocabulary
from audit.adapters.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Workspace",
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
                        ("slug", models.SlugField(max_length=60, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "permissions": [
                            ("view_requests", "Can see the requests of the workspace"),
                            ("view_own_requests", "Can see what agents asked for on their own records"),
                            ("review_requests", "Can approve and deny requests"),
                            ("revert_requests", "Can take executed requests back"),
                            ("promote_suggestions", "Can promote and dismiss what agents suggest"),
                            ("engage_switches", "Can engage kill switches"),
                            ("handle_exceptions", "Can work on exceptions and incidents"),
                            ("report_bad_actions", "Can report a bad action of an agent"),
                            ("lift_switches", "Can lift kill switches"),
                            ("publish_policy", "Can publish the policy"),
                            ("manage_agents", "Can manage agents and their credentials"),
                            ("edit_policy", "Can edit grants, registry, matrix and tiers"),
                            ("countersign_changes", "Can countersign what takes two people"),
                            ("break_glass", "Can ask for break-glass"),
                            ("add_dnc", "Can put addresses on the do-not-contact list"),
                            ("manage_dnc", "Can see, import, export and propose to end do-not-contact entries"),
                            ("review_access", "Can review who may do what, and withdraw it"),
                            ("download_exports", "Can download the files of exports"),
                            ("view_quality", "Can see quality samples and their results"),
                            ("score_quality", "Can score quality samples"),
                            ("view_ledger", "Can read the ledger"),
                            ("view_reports", "Can read the reports"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Person",
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
                        ("name", models.CharField(max_length=120)),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True, help_text="An inactive person neither votes nor owns anything new"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "people",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"), name="person_email_any_case"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Agent",
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
                                related_name="agents",
                                to="governance.workspace",
                            ),
                        ),
                        ("name", models.CharField(help_text="Like agent.enrichment", max_length=80, unique=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="The person who answers for it",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_agents",
                                to="governance.person",
                            ),
                        ),
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
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Integration",
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
                                related_name="integrations",
                                to="governance.workspace",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(help_text="Like integration.mail-provider", max_length=80, unique=True),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="The person who answers for it",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_integrations",
                                to="governance.person",
                            ),
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
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True), name="integration_has_a_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
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
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
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
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="users",
                                to="governance.person",
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "login",
                        "verbose_name_plural": "logins",
                        "abstract": False,
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="Credential",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "client_id",
                            models.CharField(
                                db_index=True,
                                default=oauth2_provider.generators.generate_client_id,
                                max_length=255,
                                unique=True,
                                verbose_name="client ID",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="%(app_label)s_%(class)s",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
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
                        (
                            "client_secret",
                            oauth2_provider.models.ClientSecretField(
                                blank=True,
                                db_index=True,
                                default=oauth2_provider.generators.generate_client_secret,
                                help_text="Client secret for authentication",
                                max_length=255,
                                verbose_name="client secret",
                            ),
                        ),
                        ("hash_client_secret", models.BooleanField(default=True, verbose_name="hash client secret")),
                        ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                        ("skip_authorization", models.BooleanField(default=False, verbose_name="skip authorization")),
                        ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                        ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
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
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credentials",
                                to="governance.agent",
                            ),
                        ),
                        (
                            "integration",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credentials",
                                to="governance.integration",
                            ),
                        ),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("authorization_grant_type", "client-credentials"), _negated=True),
                                    models.Q(("agent__isnull", False), ("integration__isnull", True)),
                                    models.Q(("agent__isnull", True), ("integration__isnull", False)),
                                    _connector="OR",
                                ),
                                name="client_credentials_belong_to_one_holder",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hash_client_secret", True)), name="credential_secret_is_hashed"
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
