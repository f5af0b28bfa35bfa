"""`manage.py demo`: the whole governed loop on real data, then the console."""

import subprocess
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from config.demo import breaking, governing, keeping, learning, raising, releasing, story
from config.demo.browser import Browser
from config.demo.counts import Counts, count_story
from config.demo.server import ServerError, find_port, running_server
from config.demo.suggesting import settle_suggestions
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

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # the signature is Django's
        say = self.stdout.write
        logins = story.prepare(companies=options["companies"], seed=options["seed"], say=say)
        try:
            with running_server(find_port(options["port"])) as (url, process):
                counts = self._tell(url, logins, options["companies"])
                if options["json"]:
                    say(msgspec.json.encode(counts).decode())
                if not counts.requests or not counts.ledger_verified:
                    raise CommandError("the story failed: see the server's log")
                if not options["exit"]:
                    self._serve(url, logins, process)
        except ServerError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            say("\nStopped. `make demo` goes on with the same data.")

    def _serve(self, url: str, logins: dict[str, str], process: "subprocess.Popen[bytes]") -> None:
        tell_logins(url, logins, self.stdout.write)
        self.stdout.flush()
        process.wait()

    def _govern(self, url: str, browser: Browser, since: datetime) -> None:
        say, caller = self.stdout.write, governing.connect(url)
        corrected = learning.correct_silently(since=since, say=say)
        governing.show_rules_and_sends(caller=caller, browser=browser, say=say)
        breaking.bounce(url=url, caller=caller, say=say)
        governing.stop_and_lift(caller=caller, say=say)
        governing.delegate(caller=caller, say=say)
        governing.drill(say)
        keeping.keep_up(say)
        story.let_go(story.HYGIENE, say)
        learning.make_rule_of_case(say)
        learning.tell_corrected(corrected, say)

    def _tell(self, url: str, logins: dict[str, str], companies: int) -> Counts:
        say, since, started = self.stdout.write, get_now(), time.monotonic()
        browser = Browser(url)
        browser.log_in(story.MANAGER, logins[story.MANAGER])
        raising.raise_agents(url=url, browser=browser, say=say)
        story.run_agents(url=url, companies=companies, say=say)
        story.review(browser=browser, since=since, say=say)
        settle_suggestions(browser=browser, say=say)
        self._govern(url, browser, since)
        story.settle(since=since, seconds=60)
        story.take_one_back(browser=browser, since=since, say=say)
        releasing.release(say)
        maintain_ledger(now=get_now())
        counts = count_story(since=since, report=verify_ledger(), seconds=time.monotonic() - started)
        tell_counts(counts, say)
        return counts
