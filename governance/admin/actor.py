"""Who acts in the console: the person behind the login."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from audit.domain.event import Actor
from governance.models import User


def user_of(request: HttpRequest) -> User:
    """The login. Raises PermissionDenied for nobody."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """The person, or the login where it belongs to no person."""
    user = user_of(request)
    return Actor("human", str(user.person_id or user.username))
