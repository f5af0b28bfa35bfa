"""`manage.py simulate KIND`: a CRM's API on this machine, in memory, filled with the demonstration's companies."""

import contextlib
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from crm_connectors.simulators.certificate import make_tls
from crm_connectors.simulators.registry import SIMULATORS
from crm_connectors.simulators.serving import Simulator


class Command(BaseCommand):
    help = "Serve a simulated CRM until interrupted. Its pages are at the same address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(SIMULATORS))
        parser.add_argument("--port", type=int, default=0, help="0: a free one")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--companies", type=int, default=300)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--file", type=Path, help="HubSpot: records are read from it, and kept in it at the end")
        parser.add_argument("--tls", action="store_true", help="https, by a throw-away authority whose file is told")

    def handle(self, *_args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as directory:
            tls, authority = make_tls(Path(directory)) if options["tls"] else (None, None)
            started = SIMULATORS[options["kind"]](options["companies"], options["seed"], options["file"])
            simulator = Simulator(started.answer, host=options["host"], port=options["port"], tls=tls)
            told = {"url": simulator.url, **started.told, **({"authority": str(authority)} if authority else {})}
            for label, value in told.items():
                print(f"{label}: {value}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                simulator.run()
            if options["file"] and started.save:
                started.save(options["file"])
