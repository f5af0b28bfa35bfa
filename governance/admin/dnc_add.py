"""Adding to the do-not-contact list in the console: a look at how it will match, and a proof (DNC-02/03)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.adapters.dnc_files import ProofDamagedError, read_proof
from governance.admin.actor import actor_of, user_of
from governance.admin.dnc_door import PROOF_READERS, chosen_workspace, dnc_page, ensure_any, in_words
from governance.admin.dnc_forms import KIND_WORDS, SOURCES, EntryForm
from governance.domain.dnc_key import InvalidRecipientError
from governance.domain.dnc_match import preview_entry
from governance.domain.proof_file import MAX_PROOF_BYTES, ProofFileError
from governance.models import Connection, DncProof
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_pages import ask_dnc_list
from governance.selectors.dnc_secret import DncUnavailableError, get_dnc_keys
from governance.services.dnc_entries import DncEntryError, add_dnc_entry
from governance.services.dnc_proofs import keep_dnc_proof

_ERRORS = (
    *(DncEntryError, InvalidRecipientError, ProofFileError, NotAllowedError, DncUnavailableError),
    *(LedgerUnavailableError, OSError),
)


def add(request: HttpRequest) -> HttpResponse:
    """The form; a POST adds, unless `look` was pressed (for browsers without scripts, the look is otherwise live)."""
    context = chosen_workspace(request, "add_dnc")
    form = EntryForm(request.POST or None, request.FILES or None, initial={"source": SOURCES[0]})
    if request.method == "POST" and "look" in request.POST:
        context |= _look(request, context["workspace"].pk)
    elif request.method == "POST" and form.is_valid():
        try:
            return _added(request, form, context["workspace"].pk)
        except _ERRORS as error:
            context["problem"] = in_words(error)
    brands = Connection.objects.filter(workspace=context["workspace"]).exclude(brand="").values_list("brand", flat=True)
    context |= {"form": form, "sources": SOURCES, "brands": sorted(set(brands)), "kinds": KIND_WORDS.items()}
    return dnc_page(request, "dnc_add", "Add to do not contact", context)


def look(request: HttpRequest) -> HttpResponse:
    """How it will match, as a piece of the page."""
    context = chosen_workspace(request, "add_dnc")
    return dnc_page(request, "_dnc_preview", "", _look(request, context["workspace"].pk))


def _added(request: HttpRequest, form: EntryForm, workspace_id: UUID) -> HttpResponse:
    upload, user, now = form.cleaned_data["proof"], user_of(request), get_now()
    proof_id = _kept(upload, workspace_id, user.pk) if upload is not None else None
    entry_id = add_dnc_entry(
        workspace_id=workspace_id,
        entry=form.entry(proof_id=proof_id),
        actor=actor_of(request),
        now=now,
        user_id=user.pk,
    )
    messages.success(request, "It is on the list.")
    return HttpResponseRedirect(reverse("admin:governance_dncentry_change", args=[entry_id]))


def _kept(upload: "UploadedFile[bytes]", workspace_id: UUID, user_id: int) -> UUID:
    content, name = upload.read(MAX_PROOF_BYTES + 1), upload.name or ""
    return keep_dnc_proof(workspace_id=workspace_id, name=name, content=content, user_id=user_id, now=get_now())


def _look(request: HttpRequest, workspace_id: UUID) -> dict[str, Any]:
    """What the preview shows; empty while there is nothing to read."""
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "").strip()[:300]
    if not value:
        return {}
    try:
        preview = preview_entry(kind, value, region=get_dnc_keys().region)
        answer = ask_dnc_list(workspace_id, value, at=get_now())
    except (InvalidRecipientError, DncUnavailableError) as error:
        return {"unreadable": f"It {error}."}
    return {"preview": preview, "answer": answer}


def proof(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """The document itself, as a download that no browser opens on its own."""
    row = get_object_or_404(DncProof, pk=proof_id)
    ensure_any(request, row.workspace_id, *PROOF_READERS)
    try:
        content = read_proof(row.sha256)
    except ProofDamagedError as error:
        return dnc_page(request, "dnc_refused", "Proof", {"refusal": in_words(error)})
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=row.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "no-store"
    return response
