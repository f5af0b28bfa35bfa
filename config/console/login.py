"""The login form: who is known but has no screens hears that, and not that the password is wrong."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from governance.domain.roles import PERMISSIONS
from governance.models import User
from governance.selectors.access import holds_for_some_agent


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    """Staff logins get in, and reps to their own page; Django's words for the others send them to look for a typing
    error."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raises ValidationError. Asked after the password was found right."""
        is_console = bool(getattr(user, "is_staff", False))
        if user.is_active and not is_console and isinstance(user, User) and holds_for_some_agent(user, *PERMISSIONS):
            return
        if user.is_active and not is_console:
            raise ValidationError(
                "Your role has no screens in this console. What agents write to your records stands in the CRM.",
                code="no_screens",
            )
        super().confirm_login_allowed(user)
