"""Who belongs to a workspace: whoever holds a permission there or for an agent of it, approves there or owns an agent
of it (IDN-07)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Replace
from guardian.models import UserObjectPermission

from governance.domain.agent_rights import AGENT_RIGHTS
from governance.models import Agent, Membership, Person, User


def list_people(workspaces: Iterable[UUID]) -> QuerySet[Person]:
    """Active people of these workspaces, and those who belong to none yet; by name."""
    return list_known_people(workspaces).filter(is_active=True).order_by("name", "email")


def list_known_people(workspaces: Iterable[UUID]) -> QuerySet[Person]:
    """The same with those who are not active any more, in no order: whom somebody of these workspaces may see."""
    ids = list(workspaces)
    held = UserObjectPermission.objects.filter(content_type__app_label="governance", content_type__model="workspace")
    of_here = (
        Q(
            pk__in=User.objects.filter(
                pk__in=held.filter(object_pk__in=[str(id_) for id_ in ids]).values("user_id")
            ).values("person_id")
        )
        | Q(pk__in=_hold_for(Agent.objects.filter(workspace__in=ids)))
        | Q(pk__in=Membership.objects.filter(group__workspace__in=ids).values("person_id"))
        | Q(pk__in=Agent.objects.filter(workspace__in=ids).values("owner_id"))
    )
    placed = (
        Q(pk__in=User.objects.filter(pk__in=held.values("user_id"), person__isnull=False).values("person_id"))
        | Q(pk__in=_hold_for(Agent.objects.all()))
        | Q(pk__in=Membership.objects.values("person_id"))
        | Q(pk__in=Agent.objects.values("owner_id"))
    )
    return Person.objects.filter(of_here | ~placed)


def _hold_for(agents: QuerySet[Agent]) -> QuerySet[User, Any]:
    """People with rights for one of these agents alone. Ids are compared without dashes, as SQLite keeps them."""
    keys = agents.annotate(key=bare_id(Cast("pk", CharField()))).values("key")
    held = UserObjectPermission.objects.annotate(key=bare_id(F("object_pk"))).filter(
        key__in=keys,
        content_type__app_label="governance",
        content_type__model="agent",
        permission__codename__in=AGENT_RIGHTS,
    )
    return User.objects.filter(pk__in=held.values("user_id"), person__isnull=False).values("person_id")


def bare_id(column: Any) -> Replace:
    """An id without dashes: guardian keeps it with them, SQLite's own columns without."""
    return Replace(column, Value("-"), Value(""))
