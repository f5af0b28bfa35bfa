"""`manage.py kill_switch engage|lift|list`: stop and go, from a shell, with a reason."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from approvals.services.stop import stop
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.domain.vocabulary import SwitchKind
from governance.models import Agent, Person, Workspace
from governance.selectors.access import NotAllowedError
from governance.selectors.switches import list_switches_in_force
from governance.services.switches import SwitchError, lift_switch

_ACTOR = Actor("system", "command_line")


class Command(BaseCommand):
    help = "Engage, lift and list kill switches. An engaged switch is in force when the command returns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="default", help="its slug (default: default)")
        verbs = parser.add_subparsers(dest="verb", required=True)
        engage = verbs.add_parser("engage", help="stop")
        engage.add_argument("kind", choices=[item.value for item in SwitchKind])
        engage.add_argument("--agent", help="the agent's name, for kind `agent`")
        engage.add_argument("--reason", required=True)
        lift = verbs.add_parser("lift", help="go on")
        lift.add_argument("switch", type=UUID, help="its id, as listed")
        lift.add_argument("--reason", required=True)
        lift.add_argument("--first", required=True, metavar="EMAIL", help="who wants it lifted")
        lift.add_argument("--second", required=True, metavar="EMAIL", help="who agrees: another person")
        verbs.add_parser("list", help="what is in force")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"there is no workspace `{options['workspace']}`")
        try:
            getattr(self, f"_{options['verb']}")(workspace, options)
        except (SwitchError, NotAllowedError, LedgerUnavailableError) as error:
            raise CommandError(str(error)) from error

    def _engage(self, workspace: Workspace, options: dict[str, Any]) -> None:
        agent_id = self._agent_id(workspace, options["agent"]) if options["agent"] else None
        switch_id = stop(
            workspace_id=workspace.pk,
            kind=options["kind"],
            agent_id=agent_id,
            reason=options["reason"],
            actor=_ACTOR,
            now=get_now(),
        )
        self.stdout.write(f"in force: {options['kind']} {options['agent'] or ''} {switch_id}".replace("  ", " "))

    def _lift(self, workspace: Workspace, options: dict[str, Any]) -> None:
        if not list_switches_in_force(workspace.pk).filter(pk=options["switch"]).exists():
            raise CommandError("no such kill switch is in force in this workspace")
        lift_switch(
            switch_id=options["switch"],
            reason=options["reason"],
            proposed_by=self._person_id(options["first"]),
            countersigned_by=self._person_id(options["second"]),
            actor=_ACTOR,
            now=get_now(),
        )
        self.stdout.write(f"lifted: {options['switch']}")

    def _list(self, workspace: Workspace, options: dict[str, Any]) -> None:  # noqa: ARG002  # one shape for all verbs
        rows = list_switches_in_force(workspace.pk)
        for row in rows:
            name = f" {row.agent.name}" if row.agent is not None else ""
            self.stdout.write(f"{row.pk} {row.kind}{name} since {row.engaged_at:%Y-%m-%d %H:%M:%S} UTC: {row.reason}")
        if not rows:
            self.stdout.write("nothing is stopped")

    def _person_id(self, email: str) -> UUID:
        person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(f"there is no active person with the address `{email}`")
        return person.pk

    def _agent_id(self, workspace: Workspace, name: str) -> UUID:
        agent = Agent.objects.filter(workspace=workspace, name=name).first()
        if agent is None:
            raise CommandError(f"there is no agent `{name}` in this workspace")
        return agent.pk
