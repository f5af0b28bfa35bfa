"""`manage.py governance_apply FILE`: make the policy rows what the file says, as a named person. They stay a draft."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.domain.yaml_reading import PolicyFileError
from governance.management.policy_file import add_file_arguments, planned, tell
from governance.models import User
from governance.selectors.access import NotAllowedError
from governance.services.policy_file.plan import PlanChangedError, PlanReasonMissingError, apply_policy_file

_ERRORS = (PolicyFileError, NotAllowedError, PlanChangedError, PlanReasonMissingError, LedgerUnavailableError)


class Command(BaseCommand):
    help = "Show the plan, ask, and write the rows with history and ledger events. Publishing is a step of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        parser.add_argument("--as", dest="login", required=True, metavar="LOGIN", help="whose change it is")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, file: str, workspace: str, **options: Any) -> None:  # noqa: ARG002
        content, workspace_id, plan = planned(file, workspace)
        tell(plan, self.stdout)
        if not plan.lines or not (options["yes"] or self._agrees()):
            return
        try:
            self._apply(content, workspace_id, plan.digest, options)
        except _ERRORS as error:
            raise CommandError(str(error)) from error
        self.stdout.write("applied as a draft; publish it in the console")

    def _apply(self, content: bytes, workspace_id: UUID, digest: str, options: dict[str, Any]) -> None:
        apply_policy_file(
            content,
            workspace_id=workspace_id,
            user_id=_user_id(options["login"]),
            reason=options["reason"],
            now=get_now(),
            expected_digest=digest,
        )

    def _agrees(self) -> bool:
        return input("Apply this? Type yes: ").strip() == "yes"


def _user_id(login: str) -> int:
    user = User.objects.filter(username=login, is_active=True, person__is_active=True).first()
    if user is None:
        raise CommandError(f"there is no active login `{login}` that belongs to a person")
    return user.pk
