"""`manage.py issue_credential AGENT --json`: client id and secret, shown once."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.models import Agent
from governance.services.credentials import CredentialError, issue_credential


class Command(BaseCommand):
    help = "Issue client credentials to an agent. The secret is shown once and cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agent", help="its name, like agent.enrichment")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        agent = Agent.objects.filter(name=options["agent"]).first()
        if agent is None:
            raise CommandError(f"there is no agent `{options['agent']}`")
        try:
            issued = issue_credential(agent_id=agent.pk, actor=Actor("system", "command_line"), now=get_now())
        except CredentialError as error:
            raise CommandError(str(error)) from error
        pair = {"client_id": issued.client_id, "client_secret": issued.client_secret}
        self.stdout.write(json.dumps(pair) if options["json"] else "\n".join(f"{k}: {v}" for k, v in pair.items()))
