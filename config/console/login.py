"""The login form: who is known but has no screens hears that, and not that the password is wrong. Who comes in is on
record, and who is refused."""

from typing import Any

import structlog
from axes.helpers import get_client_ip_address
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.domain.roles import PERMISSIONS
from governance.models import User
from governance.selectors.access import holds_for_some_agent
from governance.services.logins import record_login, record_refused_login

log = structlog.get_logger(__name__)


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    """Staff logins get in, and reps to their own page; Django's words for the others send them to look for a typing
    error."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError, once the refusal is on record."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            self._record_refusal(str(error.code or ""))
            raise
        return cleaned

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raises ValidationError. Asked after the password was found right."""
        is_console = bool(getattr(user, "is_staff", False))
        if user.is_active and not is_console and isinstance(user, User) and holds_for_some_agent(user, *PERMISSIONS):
            self._record(user)
            return
        if user.is_active and not is_console:
            raise ValidationError(
                "Your role has no screens in this console. What agents write to your records stands in the CRM.",
                code="no_screens",
            )
        super().confirm_login_allowed(user)
        if isinstance(user, User):
            self._record(user)

    def _record(self, user: User) -> None:
        try:
            record_login(user=user, now=get_now())
        except LedgerUnavailableError as error:
            words = "The ledger cannot be written, and nobody comes in unrecorded."
            raise ValidationError(words, code="ledger_unavailable") from error

    def _record_refusal(self, code: str) -> None:
        """Nobody who is refused gets in because that cannot be recorded."""
        reason = "locked" if getattr(self.request, "axes_locked_out", False) else code or "refused"
        name, address = str(self.cleaned_data.get("username", "")), get_client_ip_address(self.request) or ""
        try:
            record_refused_login(name=name, address=address, reason=reason, now=get_now())
        except LedgerUnavailableError:
            log.exception("a refused login is not on record")
