"""`manage.py seed_starter`: Revenue 20, matrix, tiers, agents, people and a first policy. Safe to repeat."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from approvals.services.starter_quality import load_quality
from audit.selectors.clock import get_now
from config.migrating import bring_up_to_date
from crm_connectors.services.embedded_schema import install_embedded_schema
from crm_connectors.services.schema_sync import sync_schema
from governance.services.publish import PublishError
from governance.services.starter.agents import load_agents
from governance.services.starter.frequency import load_frequency_caps
from governance.services.starter.golden import load_golden
from governance.services.starter.inventory import load_inventory
from governance.services.starter.limits import load_limits
from governance.services.starter.matrix import load_matrix
from governance.services.starter.people import load_people, set_demo_passwords
from governance.services.starter.policy import publish_starter
from governance.services.starter.rules import load_rules
from governance.services.starter.workspace import load_workspace


class Command(BaseCommand):
    help = "Load the starter pack. Adds what is missing, leaves what people edited, publishes the policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo-logins", action="store_true", help="give the starter's logins new passwords and print them once"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        bring_up_to_date()
        try:
            counts, is_published = _load()
        except PublishError as error:
            raise CommandError(f"the rows are loaded, the policy cannot be published: {error}") from error
        logins = set_demo_passwords(now=get_now()) if options["demo_logins"] else {}
        if options["json"]:
            self.stdout.write(json.dumps({"added": counts, "is_published": is_published, "logins": logins}))
            return
        for kind, count in counts.items():
            self.stdout.write(f"{kind.replace('_', ' ')}: {f'{count} added' if count else 'as they are'}")
        self.stdout.write("policy: published" if is_published else "policy: as it is")
        for login, password in logins.items():
            self.stdout.write(f"login {login} password {password}")


def _load() -> tuple[dict[str, int], bool]:
    """Each step commits by itself and adds only what is missing: a second run goes on where the first one broke off."""
    workspace_id, connection_id, counts = load_workspace(now=get_now())
    counts["embedded_fields"] = install_embedded_schema(connection_id=connection_id, now=get_now())
    sync_schema(connection_id=connection_id, now=get_now())
    counts |= load_people(workspace_id=workspace_id, now=get_now())
    counts |= load_matrix(connection_id=connection_id, now=get_now())
    counts |= load_agents(connection_id=connection_id, now=get_now())
    counts |= load_limits(workspace_id=workspace_id, now=get_now())
    counts |= load_frequency_caps(workspace_id=workspace_id, now=get_now())
    counts |= load_rules(workspace_id=workspace_id, now=get_now())
    is_changed = any(counts.values())
    counts |= load_inventory(connection_id=connection_id, now=get_now())
    counts |= load_golden(workspace_id=workspace_id, now=get_now())
    counts |= load_quality(workspace_id=workspace_id, now=get_now())
    is_published = publish_starter(workspace_id=workspace_id, is_changed=is_changed, now=get_now())
    return counts, is_published
