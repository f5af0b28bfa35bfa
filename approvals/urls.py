"""Paths of the reviewers' pages."""

from django.urls import path

from approvals.views.access_review import access_review, access_reviews, begin, decide, export_access_review
from approvals.views.all_requests import all_requests
from approvals.views.attachments import attachment
from approvals.views.catalog import catalog, mine
from approvals.views.delegations import delegate, revoke_own
from approvals.views.draft import ask_draft
from approvals.views.drills import drills, run_drill
from approvals.views.inbox import inbox
from approvals.views.revert import revert
from approvals.views.review import approve, deny, review
from approvals.views.rule_trial import rule_trial
from approvals.views.standing import revoke, standing
from approvals.views.stops import engage, quarantine, stops
from approvals.views.suggestions import settle_suggestions, suggestions
from approvals.views.trace import cancel, keep_golden, settle, stop_agent, trace

app_name = "approvals"

urlpatterns = [
    path("access-reviews/", access_reviews, name="access_reviews"),
    path("access-reviews/start/", begin, name="start_access_review"),
    path("access-reviews/rows/<uuid:row_id>/", decide, name="decide_access"),
    path("access-reviews/<uuid:review_id>/", access_review, name="access_review"),
    path("access-reviews/<uuid:review_id>/<str:kind>/", export_access_review, name="export_access_review"),
    path("catalog/", catalog, name="catalog"),
    path("mine/", mine, name="mine"),
    path("mine/delegations/", delegate, name="delegate"),
    path("mine/delegations/<uuid:delegation_id>/revoke/", revoke_own, name="revoke_delegation"),
    path("review/", inbox, name="inbox"),
    path("review/<uuid:request_id>/", review, name="review"),
    path("review/<uuid:request_id>/approve/", approve, name="approve"),
    path("review/<uuid:request_id>/deny/", deny, name="deny"),
    path("standing/", standing, name="standing"),
    path("standing/<uuid:standing_id>/revoke/", revoke, name="standing_revoke"),
    path("rules/<uuid:workspace_id>/try/", rule_trial, name="rule_trial"),
    path("drills/", drills, name="drills"),
    path("drills/run/", run_drill, name="run_drill"),
    path("stops/", stops, name="stops"),
    path("stops/engage/", engage, name="engage"),
    path("stops/quarantine/", quarantine, name="quarantine"),
    path("suggestions/", suggestions, name="suggestions"),
    path("suggestions/settle/", settle_suggestions, name="settle_suggestions"),
    path("requests/", all_requests, name="requests"),
    path("requests/<uuid:request_id>/", trace, name="trace"),
    path("requests/<uuid:request_id>/attachments/<int:number>/", attachment, name="attachment"),
    path("requests/<uuid:request_id>/draft/", ask_draft, name="ask_draft"),
    path("requests/<uuid:request_id>/stop/", stop_agent, name="stop"),
    path("requests/<uuid:request_id>/cancel/", cancel, name="cancel"),
    path("requests/<uuid:request_id>/settle/", settle, name="settle"),
    path("requests/<uuid:request_id>/golden/", keep_golden, name="keep_golden"),
    path("requests/<uuid:request_id>/revert/", revert, name="revert"),
]
