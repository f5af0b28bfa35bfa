"""`python -m tests.bench SECONDS NAME …`: the rows as JSON; for `manage.py bench`.

It migrates and fills the database of its environment, which is a scratch one. A process of its own, so that all that it
starts (servers, workers) reads the same environment.
"""

import json
import signal
import sys

import django
from django.core.management import call_command

from config.measuring import run_benchmarks


def main(seconds: str, *names: str) -> None:
    """Writes one line. Being terminated is like Ctrl-C: what was started is ended first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    sys.stdout.write(json.dumps(run_benchmarks(names, seconds=float(seconds))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
