"""Trying a proposal that nobody made: what the policy in force says of it, and what the draft would; commits nothing.

For people who write policy (POL-07): the proposal is typed or pasted, in the words of the API.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.proposal_parsing import parse_object, parse_proposal
from approvals.domain.proposed import Proposed
from approvals.domain.strict_json import MalformedJsonError, UnacceptableJsonError
from approvals.services.intake_errors import IntakeError
from approvals.services.preview import Preview, preview_request
from audit.domain.identifier import new_id
from governance.domain.compile_error import CompileError
from governance.domain.index import PolicyIndex, compile_index
from governance.domain.principal import Principal
from governance.models import Agent
from governance.selectors.compilation import compile_policy
from governance.selectors.principal import stand_in_principal

MAX_BYTES = 256 * 1024


class TrialRefusedError(ValueError):
    """What was typed is no proposal of this workspace. `pointer` is the JSON pointer of what is wrong, if known."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Both answers to one proposal. `draft` is None when `errors` keep the rows from being asked."""

    proposal: Proposed
    live: Preview
    draft: Preview | None
    errors: tuple[CompileError, ...]

    @property
    def is_same(self) -> bool:
        """Whether publishing the rows would change nothing for this proposal."""
        return self.draft is not None and (self.draft.status, self.draft.decision.patch) == (
            self.live.status,
            self.live.decision.patch,
        )


def try_proposal(*, workspace_id: UUID, agent_id: UUID, body: bytes, now: datetime) -> Trial:
    """Judge `body` as this agent's proposal, by the policy in force and by the rows as they are edited now.

    The facts are those of this moment: the CRM's record, do-not-contact, budgets and switches are looked up. No request
    comes of it, no budget is touched, nothing is recorded. Raises TrialRefusedError.
    """
    agent = Agent.objects.select_related("workspace").filter(pk=agent_id, workspace_id=workspace_id).first()
    if agent is None:
        raise TrialRefusedError("unknown_agent", "choose an agent of this workspace")
    principal, proposal = stand_in_principal(agent, now=now), _read(body, now)
    compilation = compile_policy(workspace_id=workspace_id)
    request_id = new_id()  # one for both: it is part of what would be written
    live = _ask(principal, proposal, now, request_id)
    draft = None
    if not compilation.errors:
        index = compile_index(compilation.document, version="draft")
        draft = _ask(principal, proposal, now, request_id, index)
    return Trial(proposal=proposal, live=live, draft=draft, errors=compilation.errors)


def _ask(
    principal: Principal, proposal: Proposed, now: datetime, request_id: UUID, index: PolicyIndex | None = None
) -> Preview:
    try:
        return preview_request(principal=principal, proposal=proposal, now=now, index=index, request_id=request_id)
    except IntakeError as error:
        raise TrialRefusedError(error.code, str(error)) from error


def _read(body: bytes, now: datetime) -> Proposed:
    if len(body) > MAX_BYTES:
        raise TrialRefusedError("too_large", f"a proposal has at most {MAX_BYTES // 1024} KiB")
    try:
        return parse_proposal(parse_object(body), now=now)
    except (MalformedJsonError, UnacceptableJsonError) as error:
        raise TrialRefusedError(error.code, str(error), getattr(error, "pointer", "")) from error
