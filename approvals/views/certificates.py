"""Certificates of non-contact: ask for one, read the list of those given, take a file along (DNC-07)."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.certificate import read_typed
from approvals.models import ContactCertificate
from approvals.selectors.certificates import find_certificate, list_certificates
from approvals.services.certificate_content import Asked, CertificateError
from approvals.services.certificates import READERS, RIGHT, issue_certificate, read_certificate
from approvals.services.pages.certificates import default_period, make_certificate_pdf
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.selectors.tree import DamagedTreeError
from audit.services.append import LedgerUnavailableError
from audit.services.signing_key import get_verifier_key
from audit.services.verifier_program import NONCONTACT, read_verifier_program
from governance.adapters.file_response import NOT_RECORDED, file_response
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_secret import DncUnavailableError

_REFUSED = (CertificateError, NotAllowedError, DncUnavailableError, DamagedTreeError, LedgerUnavailableError)


@require_safe
@workspace_view(*READERS)
def certificates(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "rows": list_certificates(desk.workspace.pk),
        "period": default_period(desk.now),
        "may_give": RIGHT in desk.permissions,
        "verifier_key": get_verifier_key(),
    }
    return render_page(request, desk, "certificates.html", context, title="Proof of non-contact")


@require_POST
@workspace_view(RIGHT)
def give_certificate(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        asked = Asked(
            workspace=desk.workspace,
            typed=read_typed(request.POST.get("typed", "").replace("\x00", "")[:5_000]),
            first_day=_day(request.POST.get("first", "")),
            last_day=_day(request.POST.get("last", "")),
        )
        issue_certificate(asked=asked, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now())
        messages.success(request, "The certificate is given. It stands first on the list.")
    except _REFUSED as error:
        messages.error(request, f"No certificate was given: {error}.")
    return redirect(f"{reverse('approvals:certificates')}?workspace={desk.workspace.slug}")


@require_safe
@workspace_view(*READERS)
def certificate_file(request: HttpRequest, desk: Desk, certificate_id: UUID) -> HttpResponse:
    """The signed file; every copy is on record."""
    return _hand_over(request, desk, certificate_id, "json", lambda _, content: content)


@require_safe
@workspace_view(*READERS)
def certificate_pdf(request: HttpRequest, desk: Desk, certificate_id: UUID) -> HttpResponse:
    """What the file says, for people; every copy is on record."""
    return _hand_over(request, desk, certificate_id, "pdf", make_certificate_pdf)


@require_safe
@login_required
def certificate_verifier(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the door's shape
    return file_response(NONCONTACT, read_verifier_program(NONCONTACT))


def _hand_over(
    request: HttpRequest,
    desk: Desk,
    certificate_id: UUID,
    kind: str,
    write: Callable[[ContactCertificate, bytes], bytes],
) -> HttpResponse:
    row = find_certificate(certificate_id, desk.workspace.pk)
    if row is None:
        raise Http404
    try:
        content = read_certificate(row=row, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now())
    except LedgerUnavailableError:
        messages.error(request, NOT_RECORDED)
        return redirect("approvals:certificates")
    name = f"non-contact-{row.workspace.slug}-{row.first_day}-{row.last_day}.{kind}"
    return file_response(name, write(row, content))


def _day(text: str) -> date:
    """Raises CertificateError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CertificateError("period_wrong", "a day is written like 2026-03-31") from error
