"""`manage.py demo`: the whole governed loop on real data, then the console."""

import subprocess
import time
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from config.demo import story
from config.demo.chapters import tell_story
from config.demo.counts import Counts, count_story
from config.demo.far_crm import KINDS, FarCrm, running_server_beside
from config.demo.office import Office
from config.demo.opening import OpeningError
from config.demo.server import ServerError
from config.demo.telling import tell_counts, tell_logins


class Command(BaseCommand):
    help = (
        "Load real companies, let three agents work under governance, and tell what happened; then serve the console."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--exit", action="store_true", help="end after the story instead of serving the console")
        parser.add_argument("--json", action="store_true", help="print one JSON object last")
        parser.add_argument("--companies", type=int, default=300, help="how many real companies to load")
        parser.add_argument("--seed", type=int, default=7, help="which neglected CRM to load")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--crm", choices=["embedded", *sorted(KINDS)], default="embedded", help="which CRM the story plays at"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        say = self.stdout.write
        logins = story.prepare(companies=options["companies"], seed=options["seed"], say=say)
        try:
            with running_server_beside(options["crm"], port=options["port"], companies=options["companies"]) as (
                url,
                process,
                crm,
            ):
                counts = self._tell(url, logins, options["companies"], crm)
                if options["json"]:
                    say(msgspec.json.encode(counts).decode())
                if not counts.requests or not counts.ledger_verified:
                    raise CommandError("the story failed: see the server's log")
                if not options["exit"]:
                    self._serve(url, logins, process)
        except (ServerError, OpeningError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            say("\nStopped. `make demo` goes on with the same data.")

    def _serve(self, url: str, logins: dict[str, str], process: "subprocess.Popen[bytes]") -> None:
        tell_logins(url, logins, self.stdout.write)
        self.stdout.flush()
        process.wait()

    def _tell(self, url: str, logins: dict[str, str], companies: int, crm: FarCrm | None) -> Counts:
        say, since, started = self.stdout.write, get_now(), time.monotonic()
        office = Office(url, logins)
        tell_story(url=url, office=office, companies=companies, since=since, crm=crm, say=say)
        maintain_ledger(now=get_now())
        counts = count_story(since=since, report=verify_ledger(), seconds=time.monotonic() - started)
        tell_counts(counts, say)
        return counts
