"""People, approver groups, and roles. Logins are the superuser's: whoever edits logins could become anyone."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.admin.inlines import GovernedTabularInline
from governance.domain.roles import Role
from governance.models import ApproverGroup, Membership, Person, User, Workspace
from governance.selectors.access import holds_anywhere, list_workspaces
from governance.selectors.workspace_people import list_known_people
from governance.services.config_changes import record_config_change
from governance.services.roles import assign_role

if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # rights hang on workspaces, by role


class MembershipInline(GovernedTabularInline):
    """Who decides what is nobody's draft: it takes who answers for people's rights, not who edits policy."""

    model = Membership
    permission = "manage_agents"
    autocomplete_fields = ("person",)
    ordering = ("person__name", "pk")


@admin.register(ApproverGroup)
class ApproverGroupAdmin(GovernedAdmin):
    permission = "manage_agents"
    list_display = ("name", "slug", "people", "backup_group", "workspace")
    list_select_related = ("workspace", "backup_group")
    search_fields = ("name", "slug")
    fields = (
        "workspace",
        ("name", "slug"),
        ("reminder_after_minutes", "escalation_after_minutes"),
        "counts_business_hours",
        "backup_group",
    )
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApproverGroup]:
        return super().get_queryset(request).prefetch_related("members")

    @display(description="People")
    def people(self, row: ApproverGroup) -> str:
        return ", ".join(person.name for person in row.members.all()) or "nobody"


class _SuperuserEdits(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]  # neither ships types
    """Rows of no workspace: seen by whoever may see configuration, edited by superusers, never deleted."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_authenticated and holds_anywhere(request.user, *VIEW_PERMISSIONS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        record_config_change(
            workspace_id=None,
            row=obj,
            operation="updated" if change else "created",
            fields=form.changed_data,
            actor=actor_of(request),
            now=get_now(),
        )


@admin.register(Person)
class PersonAdmin(_SuperuserEdits):
    list_display = ("name", "email", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """People of the workspaces whose configuration the login may see, and those of none yet."""
        rows: QuerySet[Person] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(pk__in=_known_to(request).values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        return obj is None or request.user.is_superuser or _known_to(request).filter(pk=obj.pk).exists()


def _known_to(request: HttpRequest) -> QuerySet[Person]:
    workspaces = list_workspaces(request.user, *VIEW_PERMISSIONS)
    return list_known_people(workspaces.values_list("pk", flat=True))


@admin.register(User)
class UserAdmin(_SuperuserEdits):
    """Passwords are set by `manage.py changepassword`; rights by role."""

    list_display = ("username", "person", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_select_related = ("person",)
    search_fields = ("username", "person__name")
    ordering = ("username",)
    fields = ("username", "email", "person", "is_active", "is_staff")
    actions = tuple(f"assign_{role.value}" for role in Role)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)


def _assigner(role: Role) -> Any:
    @action(description=f"Give the role {role.value.replace('_', ' ')} in the workspace", permissions=["change"])
    def assign(self: UserAdmin, request: HttpRequest, queryset: QuerySet[User]) -> None:
        workspaces = list(Workspace.objects.values_list("pk", flat=True)[:2])
        if len(workspaces) != 1:
            self.message_user(request, "There are several workspaces: name one with the service.", messages.ERROR)
            return
        for user in queryset:
            assign_role(user_id=user.pk, workspace_id=workspaces[0], role=role, actor=actor_of(request), now=get_now())
        self.message_user(request, f"{queryset.count()} logins have the role.")

    return assign


for _role in Role:
    setattr(UserAdmin, f"assign_{_role.value}", _assigner(_role))
