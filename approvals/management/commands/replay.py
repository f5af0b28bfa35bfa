"""`manage.py replay REQUEST [--policy VERSION] [--bundle PATH] [--json]`: decide again from what is on record."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.selectors.replay import Replay, find_policy, get_execution_bundle, replay
from approvals.selectors.requests import find_request


class Command(BaseCommand):
    help = "Make a request's decision again. Exit code 1 unless it is the one on record, byte for byte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("request", type=UUID)
        parser.add_argument("--policy", default="", help="number or digest of another version of the policy")
        parser.add_argument("--bundle", type=Path, help="write the execution bundle to this file")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        request = find_request(request_id=options["request"])
        if request is None:
            raise CommandError("no such request")
        policy = find_policy(request.workspace_id, options["policy"]) if options["policy"] else ""
        if options["policy"] and not policy:
            raise CommandError("no such policy version")
        result, bundle = replay(request, policy=policy), get_execution_bundle(request)
        address = bundle.address if bundle is not None else ""
        if options["bundle"] and bundle is not None:
            options["bundle"].write_bytes(bundle.content)
        differences = [{"part": d.part, "recorded": d.recorded, "again": d.again} for d in result.differences]
        told = {"state": result.state, "bundle": address, "policy": result.policy, "differences": differences}
        self.stdout.write(json.dumps(told) if options["json"] else _words(told))
        if result.state is not Replay.SAME:
            raise SystemExit(1)


def _words(told: dict[str, Any]) -> str:
    lines = [f"{told['state']} under {told['policy'] or 'no policy'}", f"bundle {told['bundle'] or 'none'}"]
    lines += [f"{item['part']}: {item['recorded']} -> {item['again']}" for item in told["differences"]]
    return "\n".join(lines)
