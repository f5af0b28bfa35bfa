"""What `governance_plan` and `governance_apply` share: finding the file and the workspace, and telling a plan."""

from pathlib import Path
from typing import TextIO
from uuid import UUID

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from governance.domain.yaml_reading import MAX_BYTES, PolicyFileError
from governance.models import Workspace
from governance.services.policy_file.plan import PolicyPlan, plan_policy_file


def add_file_arguments(parser: CommandParser) -> None:
    parser.add_argument("file")
    parser.add_argument("--workspace", default="default", help="its slug (default: default)")


def planned(file: str, workspace: str) -> tuple[bytes, UUID, PolicyPlan]:
    """The file's content, the workspace's id, and the plan. Raises CommandError."""
    found = Workspace.objects.filter(slug=workspace).first()
    if found is None:
        raise CommandError(f"there is no workspace `{workspace}`")
    try:
        with Path(file).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        return content, found.pk, plan_policy_file(content, workspace_id=found.pk)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    except PolicyFileError as error:
        raise CommandError(f"{file}: {error}") from error


def tell(plan: PolicyPlan, out: TextIO | OutputWrapper) -> None:
    """The plan, a line a change."""
    for line in plan.lines:
        out.write(f"{line}\n")
    if plan.absent:
        out.write(f"not in the file, stays as it is: {', '.join(plan.absent)}\n")
    if plan.errors:
        out.write("the draft could then not be published:\n")
        for error in plan.errors:
            out.write(f"  {error.row}: {error.message}\n")
    out.write(f"{len(plan.lines)} changes\n" if plan.lines else "nothing to change\n")
