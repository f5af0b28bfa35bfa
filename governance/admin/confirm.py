"""One page for every deed that needs a reason or a second look: what will happen, why, then a POST."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget


class ReasonForm(forms.Form):
    """Why. It is recorded."""

    reason = forms.CharField(
        max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Recorded in the ledger"
    )


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says. `lines` are the particulars, `blockers` what must be mended first; at `look` stands what
    it is about."""

    title: str
    intro: str
    submit: str
    back: str
    lines: Sequence[str] = ()
    blockers: Sequence[str] = ()
    look: str = ""
    needs_reason: bool = True
    is_dangerous: bool = False


def confirm(
    request: HttpRequest, deed: Deed, act: Callable[[str], HttpResponse | str], errors: tuple[type[Exception], ...]
) -> HttpResponse:
    """Show the page; on a valid POST `act(reason)`, whose answer is a response, or a message to go back with."""
    form = ReasonForm(request.POST or None) if deed.needs_reason else forms.Form(request.POST or None)
    if request.method == "POST" and not deed.blockers and (form.is_valid() or not deed.needs_reason):
        try:
            answer = act(form.cleaned_data["reason"] if deed.needs_reason else "")
        except errors as error:
            messages.error(request, str(error)[:1].upper() + str(error)[1:])
        else:
            if isinstance(answer, HttpResponse):
                return answer
            messages.success(request, answer)
            return HttpResponseRedirect(deed.back)
    context: dict[str, Any] = {**admin.site.each_context(request), "title": deed.title, "deed": deed, "form": form}
    return TemplateResponse(request, "governance/confirm.html", context)


def ask(
    request: HttpRequest,
    deed: Deed,
    form: forms.Form,
    act: Callable[[dict[str, Any]], HttpResponse | str],
    errors: tuple[type[Exception], ...],
) -> HttpResponse:
    """The same page for a deed that needs more than a reason: `act(cleaned data)` answers as there."""
    if request.method == "POST" and form.is_valid():
        try:
            answer = act(form.cleaned_data)
        except errors as error:
            messages.error(request, str(error)[:1].upper() + str(error)[1:])
        else:
            if isinstance(answer, HttpResponse):
                return answer
            messages.success(request, answer)
            return HttpResponseRedirect(deed.back)
    context: dict[str, Any] = {**admin.site.each_context(request), "title": deed.title, "deed": deed, "form": form}
    return TemplateResponse(request, "governance/confirm.html", context)
