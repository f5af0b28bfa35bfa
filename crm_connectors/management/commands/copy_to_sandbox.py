"""`manage.py copy_to_sandbox WORKSPACE SOURCE TARGET OBJECT`: masked copies of chosen records (SBX-02)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.selectors.clock import get_now
from crm_connectors.models import SandboxCopy
from crm_connectors.models.sandbox_copy import OPEN
from crm_connectors.services.sandbox_copies import Chosen, SandboxCopyError, start_copy
from crm_connectors.services.sandbox_filling import work_on_copies
from governance.models import Connection, User
from governance.selectors.access import NotAllowedError


class Command(BaseCommand):
    help = "Copy chosen records into an embedded sandbox, without anybody's personal data. Waits until it is done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="its slug")
        parser.add_argument("source", help="the connection to read from, by name")
        parser.add_argument("target", help="the embedded sandbox, by name")
        parser.add_argument("object", help="like companies")
        parser.add_argument("--ids", default="", help="ids, parted by commas; without them all that the filter finds")
        parser.add_argument(
            "--filter", action="append", default=[], metavar="FIELD=VALUE", help="VALUE as JSON, or text"
        )
        parser.add_argument("--limit", type=int, default=100)
        parser.add_argument("--by", required=True, help="user name of who asks; takes the right manage_agents")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            copy_id = self._start(options)
        except (Connection.DoesNotExist, User.DoesNotExist, NotAllowedError, SandboxCopyError) as error:
            raise CommandError(str(error)) from error
        row = SandboxCopy.objects.get(pk=copy_id)
        while row.state in OPEN and work_on_copies():
            row.refresh_from_db()
        if row.state != "done":
            raise CommandError(f"{row.state}: {row.problem_code or 'a worker goes on with it'}")
        print(f"{row.copied_count} of {row.seen_count} records were copied.")

    def _start(self, options: dict[str, Any]) -> Any:
        rows = Connection.objects.filter(workspace__slug=options["workspace"])
        chosen = Chosen(
            object_type=options["object"],
            record_ids=[item.strip() for item in options["ids"].split(",") if item.strip()],
            filters=dict(_read_filter(text) for text in options["filter"]),
            most=options["limit"],
        )
        return start_copy(
            source_id=rows.get(name=options["source"]).pk,
            target_id=rows.get(name=options["target"]).pk,
            chosen=chosen,
            user_id=User.objects.get(username=options["by"]).pk,
            now=get_now(),
        )


def _read_filter(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise CommandError("a filter is FIELD=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
