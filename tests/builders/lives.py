"""What becomes of proposals when everything is asked anew: the agent by its token, the person, the claim."""

from typing import Any

from approvals.models import AgentActionRequest
from approvals.services.claim import claim_request
from approvals.services.intake import submit_request
from approvals.services.intake_errors import IntakeError
from approvals.services.review_errors import ReviewError
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import Person
from governance.selectors.principal import find_principal
from tests.builders.api import Site
from tests.builders.approvals import execute, get, make_proposed, vote


def asked(site: Site, **proposal: Any) -> list[Any]:
    """From the token to a person's word: how it was decided, and what the world's approver could do."""
    request = proposed(site, **proposal)
    return [request] if isinstance(request, str) else [*decided(request), voted(site, request)]


def lived(site: Site, **proposal: Any) -> list[Any]:
    """The same, and what a worker made of it."""
    request = proposed(site, **proposal)
    return [request] if isinstance(request, str) else [*decided(request), *carried_out(site, request)]


def proposed(site: Site, **proposal: Any) -> AgentActionRequest | str:
    """The request as it was decided, or why there is none."""
    principal = find_principal(site.world.token)
    if principal is None:
        return "nobody"
    try:
        submission = submit_request(
            principal=principal,
            proposal=make_proposed(site, **proposal),
            idempotency_key=str(new_id()),
            now=get_now(),
        )
    except IntakeError as error:
        return error.code
    return get(submission.request_id)


def decided(request: AgentActionRequest) -> list[Any]:
    """Outcome, and every check with what it said; without words, which may name times."""
    checks = [(check["check"], check["field"], check["code"]) for check in request.decision["checks"]]
    return [request.status, request.status_code, sorted(checks), request.decision["requirement"]]


def carried_out(site: Site, request: AgentActionRequest, person: Person | None = None) -> list[Any]:
    """What the approver's vote and a worker make of a request as it stands."""
    said = voted(site, request, person)
    execute(request.pk)
    request = get(request.pk)
    return [said, request.status, request.status_code]


def claimed(request: AgentActionRequest) -> tuple[bool, str, str]:
    """Whether a worker may take it now, and where it lies then."""
    is_taken = claim_request(request_id=request.pk, worker="test") is not None
    request = get(request.pk)
    return is_taken, request.status, request.status_code


def voted(site: Site, request: AgentActionRequest, person: Person | None = None) -> str:
    """What the world's approver, or this person, gets for saying yes; nothing where nobody is asked."""
    if request.status != "pending":
        return ""
    try:
        user = person.users.get() if person is not None else None
        return vote(site, request, person=person, user=user).status
    except ReviewError as error:
        return error.code
