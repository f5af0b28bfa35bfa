"""A file of somebody else's making, handed over so that a browser keeps it and never opens it as a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

NOT_RECORDED = "The ledger cannot be written, and no file leaves unrecorded. Try again."
OPAQUE = "application/octet-stream"
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def file_response(name: str, content: bytes, *, content_type: str = OPAQUE) -> HttpResponse:
    """The bytes under their name, in whatever script it is written. Nobody caches it, sniffs it or runs it."""
    return HttpResponse(content, content_type=content_type, headers=file_headers(name))


def file_headers(name: str) -> dict[str, str]:
    """What goes with such a file, however it is sent."""
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _SANDBOX,
        "Cache-Control": "no-store",
    }
