"""Certificates that were given, newest first (DNC-07)."""

from uuid import UUID

from approvals.models import ContactCertificate

SHOWN = 100


def list_certificates(workspace_id: UUID) -> list[ContactCertificate]:
    """The newest hundred, without their content, with who gave them. One query."""
    rows = ContactCertificate.objects.filter(workspace_id=workspace_id).select_related("issued_by").defer("content")
    return list(rows.order_by("-id")[:SHOWN])


def find_certificate(certificate_id: UUID, workspace_id: UUID) -> ContactCertificate | None:
    """One of this workspace; None for any other and for none."""
    rows = ContactCertificate.objects.filter(pk=certificate_id, workspace=workspace_id)
    return rows.select_related("workspace").first()
