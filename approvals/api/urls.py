"""Every path of the agent API. Whatever is not here is a problem with 404, also where a slash is missing."""

from django.urls import URLPattern, path, re_path

from approvals.api.bad_action import BadActionView
from approvals.api.dnc import DncCheckView, DncEntriesView
from approvals.api.documents import DocsView, SchemaView
from approvals.api.ledger import BundleView, CheckpointView, InclusionProofView, ReceiptView
from approvals.api.ledger_search import LedgerSearchView
from approvals.api.me import MeView
from approvals.api.missing import no_such_path
from approvals.api.proposals import BatchView, OneBatchView, PreviewView
from approvals.api.records import RecordSearchView, RecordView
from approvals.api.reports import DeliveryView
from approvals.api.requests import CancelView, RequestsView, RequestView, TraceView

urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view()),
    path("action-requests/", RequestsView.as_view()),
    path("action-requests/preview/", PreviewView.as_view()),
    path("action-requests/batch/", BatchView.as_view()),
    path("action-requests/batch/<uuid:batch_id>/", OneBatchView.as_view()),
    path("action-requests/<uuid:request_id>/", RequestView.as_view()),
    path("action-requests/<uuid:request_id>/cancel/", CancelView.as_view()),
    path("action-requests/<uuid:request_id>/trace/", TraceView.as_view()),
    path("action-requests/<uuid:request_id>/receipt/", ReceiptView.as_view()),
    path("action-requests/<uuid:request_id>/bundle/", BundleView.as_view()),
    path("records/<str:connection>/<str:object_type>/search/", RecordSearchView.as_view()),
    path("records/<str:connection>/<str:object_type>/<str:record_id>/", RecordView.as_view()),
    path("dnc/check/", DncCheckView.as_view()),
    path("dnc/entries/", DncEntriesView.as_view()),
    path("reports/bad-action/", BadActionView.as_view()),
    path("reports/delivery/", DeliveryView.as_view()),
    path("ledger/search/", LedgerSearchView.as_view()),
    path("ledger/checkpoint/", CheckpointView.as_view()),
    path("ledger/proof/<uuid:event_id>/", InclusionProofView.as_view()),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
    re_path(r"^.*$", no_such_path),
]
