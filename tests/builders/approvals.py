"""Requests in any state, made through the services that make them in the product."""

from typing import Any
from uuid import UUID

from approvals.domain.proposal_parsing import parse_proposal
from approvals.domain.proposed import Proposed
from approvals.models import AgentActionRequest
from approvals.services.correction import Edit, correct_request, seen_digest
from approvals.services.execution import execute_request
from approvals.services.intake import Submission, submit_request
from approvals.services.review import VoteResult, cast_vote
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from crm_connectors.models import CrmFieldChange, CrmRecord
from governance.domain.principal import Principal
from governance.models import Membership, Person, User
from tests.builders.api import Site, make_body
from tests.builders.governance import World, allow, make_person, make_user

NAME_CHANGE = {"changes": {"name": "Umicore NV"}, "expected": None}
"""Needs approval in the world of the builders; `make_body` alone is allowed at once."""


def make_principal(world: World) -> Principal:
    return Principal(
        agent_id=world.agent.pk,
        agent_name=world.agent.name,
        workspace_id=world.workspace.pk,
        workspace_slug=world.workspace.slug,
        lifecycle=world.agent.lifecycle,
        autonomy_level=world.agent.autonomy_level,
        credential_id=world.credential.pk,
        is_credential_active=True,
        scopes=frozenset({"requests:write"}),
        now=get_now(),
    )


def make_proposed(site: Site, **changes: Any) -> Proposed:
    """A proposal as the API hands it over."""
    return parse_proposal(make_body(site, **changes))


def submit(site: Site, *, key: str = "", **changes: Any) -> Submission:
    """Propose through intake; allowed at once unless changed."""
    return submit_request(
        principal=make_principal(site.world),
        proposal=make_proposed(site, **changes),
        idempotency_key=key or str(new_id()),
        now=get_now(),
    )


def submit_pending(site: Site, **changes: Any) -> AgentActionRequest:
    """A request that waits for a person of `revops`."""
    submission = submit(site, **{**NAME_CHANGE, **changes})
    assert submission.status == "pending", submission
    return get(submission.request_id)


def vote(
    site: Site,
    request: AgentActionRequest,
    *,
    verdict: str = "approve",
    person: Person | None = None,
    user: User | None = None,
    digest: str = "",
    reason: str = "",
) -> VoteResult:
    """A vote of the world's approver, unless said otherwise."""
    return cast_vote(
        request_id=request.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        digest=digest or request.digest,
        verdict=verdict,
        reason=reason,
        now=get_now(),
    )


def execute(request_id: UUID) -> str:
    return execute_request(request_id=request_id, worker="test")


def submit_executed(site: Site, **changes: Any) -> AgentActionRequest:
    """A request that was allowed and written."""
    submission = submit(site, **changes)
    assert execute(submission.request_id) == "executed", get(submission.request_id).status_code
    return get(submission.request_id)


def make_approver(site: Site, name: str) -> tuple[Person, User]:
    """One more person of `revops` who may review and revert."""
    person = make_person(name)
    user = make_user(person)
    allow(user, site.world.workspace, "view_requests", "review_requests", "revert_requests")
    Membership.objects.create(group=site.world.group, person=person)
    return person, user


def get(request_id: UUID) -> AgentActionRequest:
    return AgentActionRequest.objects.select_related("workspace", "connection", "agent").get(pk=request_id)


def crm_value(site: Site, field: str, *, record: str = "", object_type: str = "companies") -> Any:
    """What the embedded CRM holds now."""
    row = CrmRecord.objects.get(
        crm_object__connection_id=site.connection_id,
        crm_object__name=object_type,
        number=int(record or site.company),
    )
    return row.values.get(field)


def count_writes(request_id: UUID) -> int:
    """How many field changes the CRM's own history credits to this request: the count that must never double."""
    return CrmFieldChange.objects.filter(operation_key=f"request:{request_id}").count()


def correct(
    site: Site,
    request: AgentActionRequest,
    *,
    left_out: tuple[str, ...] = (),
    seen: dict[str, str] | None = None,
    person: Person | None = None,
    user: User | None = None,
    digest: str = "",
    reason: str = "",
    **typed: str,
) -> VoteResult:
    """A correction by the world's approver, who saw what the request says that the record holds."""
    shown = {item["field"]: seen_digest(item["before"]) for item in request.patch}
    edit = Edit(
        digest=digest or request.digest,
        typed=typed,
        left_out=left_out,
        seen=shown if seen is None else seen,
        reason=reason,
    )
    return correct_request(
        request_id=request.pk,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        edit=edit,
        now=get_now(),
    )
