"""`python -m tests.config.production_check`: Django's deployment checks under production settings."""

import os
import secrets
import subprocess
import sys

PRODUCTION = {
    "DATABASE_URL": "postgresql://countersign@database.internal/countersign",
    "REDIS_URL": "redis://redis.internal/0",
    "ALLOWED_HOSTS": "countersign.example.com",
}


def run_check(**changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy`, failing on warnings, in a process that sees only production's environment."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "DATA_DIR") if name in os.environ}
    environment |= PRODUCTION | {"SECRET_KEY": secrets.token_urlsafe(64)} | changes
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    result = run_check()
    sys.stderr.write(result.stderr)
    sys.stdout.write(result.stdout)
    sys.exit(result.returncode)
