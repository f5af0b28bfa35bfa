"""Paths of the reviewers' pages."""

from django.urls import path

from approvals.views.access_review import access_review, access_reviews, begin, decide, export_access_review
from approvals.views.all_requests import all_requests
from approvals.views.attachments import attachment
from approvals.views.bad_actions import own_reports, report_action
from approvals.views.batch_decision import agent_batch, batch_confirm, batch_continue, batch_decide, batch_report
from approvals.views.bulk_reverts import ask_release, bulk_revert, bulk_reverts, move, plan, plan_again, start
from approvals.views.bulk_reverts import export as export_bulk_revert
from approvals.views.catalog import catalog, mine
from approvals.views.certificates import (
    certificate_file,
    certificate_pdf,
    certificate_verifier,
    certificates,
    give_certificate,
)
from approvals.views.delegations import delegate, revoke_own
from approvals.views.draft import ask_draft
from approvals.views.drift import drift
from approvals.views.drills import drills, run_drill
from approvals.views.edit import edit
from approvals.views.exceptions import close, comment, exception, exceptions, reopen, triage_exceptions
from approvals.views.exceptions import move as move_exception
from approvals.views.governance_document import governance_document, governance_file
from approvals.views.inbox import inbox
from approvals.views.incidents import change_incident, declare, incident, incidents
from approvals.views.leaving import leaving
from approvals.views.ledger_exports import (
    download_ledger_export,
    end_export_plan,
    export_ledger_search,
    ledger_exports,
)
from approvals.views.ledger_search import ledger_search
from approvals.views.ledger_sinks import add_ledger_sink, change_ledger_sink, ledger_sinks
from approvals.views.notifications import choose, notifications
from approvals.views.out_of_office import end_stand_in, leave, out_of_office
from approvals.views.palette import palette
from approvals.views.proofs import bundle, receipt, verifier
from approvals.views.quality import next_sample, quality, release, sample_page, score
from approvals.views.quality_results import canaries, judge_picked, ledger_reviews, quality_results, quality_rows
from approvals.views.replay import replay_lab
from approvals.views.reports import report_cases, weekly_report, weekly_report_file
from approvals.views.retention import lift_legal_hold, place_legal_hold, retention, set_retention_rule
from approvals.views.revert import revert
from approvals.views.review import approve, deny, review
from approvals.views.review_desk import bring_back, escalate, hold, look, neighbour, on_hold
from approvals.views.rollback_drills import begin_rollback_drill, rollback_drills, schedule_rollback
from approvals.views.rule_trial import rule_trial
from approvals.views.sandbox_copies import begin_sandbox_copy, sandbox_copies, stop_sandbox_copy
from approvals.views.sponsor import sponsor_file, sponsor_review
from approvals.views.standing import revoke, standing
from approvals.views.stops import engage, quarantine, stops
from approvals.views.stranded import stranded
from approvals.views.suggestions import settle_suggestions, suggestions
from approvals.views.trace import cancel, keep_golden, settle, stop_agent, trace
from approvals.views.trace_links import share_trace, shared_trace, unshare_trace
from approvals.views.trying import try_out

app_name = "approvals"

urlpatterns = [
    path("access-reviews/", access_reviews, name="access_reviews"),
    path("access-reviews/start/", begin, name="start_access_review"),
    path("access-reviews/rows/<uuid:row_id>/", decide, name="decide_access"),
    path("access-reviews/<uuid:review_id>/", access_review, name="access_review"),
    path("access-reviews/<uuid:review_id>/<str:kind>/", export_access_review, name="export_access_review"),
    path("batches/<uuid:batch_id>/", agent_batch, name="agent_batch"),
    path("bad-actions/", own_reports, name="own_reports"),
    path("bulk-reverts/", bulk_reverts, name="bulk_reverts"),
    path("bulk-reverts/plan/", plan, name="plan_bulk_revert"),
    path("bulk-reverts/<uuid:job_id>/", bulk_revert, name="bulk_revert"),
    path("bulk-reverts/<uuid:job_id>/again/", plan_again, name="plan_bulk_revert_again"),
    path("bulk-reverts/<uuid:job_id>/items.csv", export_bulk_revert, name="export_bulk_revert"),
    path("bulk-reverts/<uuid:job_id>/move/", move, name="move_bulk_revert"),
    path("bulk-reverts/<uuid:job_id>/release/", ask_release, name="release_bulk_revert"),
    path("bulk-reverts/<uuid:job_id>/start/", start, name="start_bulk_revert"),
    path("catalog/", catalog, name="catalog"),
    path("certificates/", certificates, name="certificates"),
    path("certificates/verifier/", certificate_verifier, name="certificate_verifier"),
    path("certificates/give/", give_certificate, name="give_certificate"),
    path("certificates/<uuid:certificate_id>/", certificate_file, name="certificate_file"),
    path("certificates/<uuid:certificate_id>/pdf/", certificate_pdf, name="certificate_pdf"),
    path("exceptions/", exceptions, name="exceptions"),
    path("exceptions/triage/", triage_exceptions, name="triage_exceptions"),
    path("exceptions/<uuid:case_id>/", exception, name="exception"),
    path("exceptions/<uuid:case_id>/close/", close, name="close_exception"),
    path("exceptions/<uuid:case_id>/comment/", comment, name="comment_exception"),
    path("exceptions/<uuid:case_id>/move/", move_exception, name="move_exception"),
    path("exceptions/<uuid:case_id>/reopen/", reopen, name="reopen_exception"),
    path("drift/", drift, name="drift"),
    path("governance/", governance_document, name="governance_document"),
    path("governance.md", governance_file, {"kind": "md"}, name="governance_file"),
    path("governance.pdf", governance_file, {"kind": "pdf"}, name="governance_file"),
    path("incidents/", incidents, name="incidents"),
    path("incidents/declare/", declare, name="declare_incident"),
    path("incidents/<uuid:incident_id>/", incident, name="incident"),
    path("incidents/<uuid:incident_id>/change/", change_incident, name="change_incident"),
    path("ledger/", ledger_search, name="ledger_search"),
    path("ledger/exports/", ledger_exports, name="ledger_exports"),
    path("ledger/exports/start/", export_ledger_search, name="export_ledger_search"),
    path("ledger/exports/plans/<uuid:plan_id>/end/", end_export_plan, name="end_export_plan"),
    path("ledger/exports/<uuid:export_id>/", download_ledger_export, name="download_ledger_export"),
    path("ledger/retention/", retention, name="retention"),
    path("ledger/retention/rules/", set_retention_rule, name="set_retention_rule"),
    path("ledger/retention/holds/", place_legal_hold, name="place_legal_hold"),
    path("ledger/retention/holds/<uuid:hold_id>/lift/", lift_legal_hold, name="lift_legal_hold"),
    path("ledger/sinks/", ledger_sinks, name="ledger_sinks"),
    path("ledger/sinks/add/", add_ledger_sink, name="add_ledger_sink"),
    path("ledger/sinks/<uuid:sink_id>/<str:name>/", change_ledger_sink, name="change_ledger_sink"),
    path("mine/", mine, name="mine"),
    path("mine/delegations/", delegate, name="delegate"),
    path("mine/delegations/<uuid:delegation_id>/revoke/", revoke_own, name="revoke_delegation"),
    path("notifications/", notifications, name="notifications"),
    path("notifications/choose/", choose, name="choose_notifications"),
    path("out-of-office/", out_of_office, name="out_of_office"),
    path("out-of-office/leave/", leave, name="leave"),
    path("out-of-office/<uuid:stand_in_id>/end/", end_stand_in, name="end_stand_in"),
    path("palette/", palette, name="palette"),
    path("quality/", quality, name="quality"),
    path("quality/canaries/", canaries, name="canaries"),
    path("quality/next/", next_sample, name="next_sample"),
    path("quality/records/", ledger_reviews, name="ledger_reviews"),
    path("quality/records/<uuid:item_id>/", judge_picked, name="judge_picked"),
    path("quality/results/", quality_results, name="quality_results"),
    path("quality/results/rows/", quality_rows, name="quality_rows"),
    path("quality/<uuid:sample_id>/", sample_page, name="sample"),
    path("quality/<uuid:sample_id>/release/", release, name="release_sample"),
    path("quality/<uuid:sample_id>/score/", score, name="score_sample"),
    path("review/", inbox, name="inbox"),
    path("review/together/", batch_confirm, name="batch_confirm"),
    path("review/together/decide/", batch_decide, name="batch_decide"),
    path("review/together/<uuid:decision_id>/", batch_report, name="batch_report"),
    path("review/together/<uuid:decision_id>/continue/", batch_continue, name="batch_continue"),
    path("review/leaving/", leaving, name="leaving"),
    path("review/on-hold/", on_hold, name="on_hold"),
    path("review/<uuid:request_id>/", review, name="review"),
    path("review/<uuid:request_id>/approve/", approve, name="approve"),
    path("review/<uuid:request_id>/deny/", deny, name="deny"),
    path("review/<uuid:request_id>/edit/", edit, name="edit"),
    path("review/<uuid:request_id>/escalate/", escalate, name="escalate"),
    path("review/<uuid:request_id>/hold/", hold, name="hold"),
    path("review/<uuid:request_id>/bring-back/", bring_back, name="bring_back"),
    path("review/<uuid:request_id>/look/", look, name="look"),
    path("review/<uuid:request_id>/next/", neighbour, {"step": "next"}, name="next"),
    path("review/<uuid:request_id>/previous/", neighbour, {"step": "previous"}, name="previous"),
    path("standing/", standing, name="standing"),
    path("standing/<uuid:standing_id>/revoke/", revoke, name="standing_revoke"),
    path("reports/", weekly_report, name="report"),
    path("reports/sponsor/", sponsor_review, name="sponsor"),
    path("reports/sponsor.pdf", sponsor_file, name="sponsor_file"),
    path("reports/behind/", report_cases, name="report_cases"),
    path("reports/week.<str:kind>", weekly_report_file, name="report_file"),
    path("rules/<uuid:workspace_id>/try/", rule_trial, name="rule_trial"),
    path("drills/", drills, name="drills"),
    path("drills/run/", run_drill, name="run_drill"),
    path("sandbox-copies/", sandbox_copies, name="sandbox_copies"),
    path("sandbox-copies/begin/", begin_sandbox_copy, name="begin_sandbox_copy"),
    path("sandbox-copies/<uuid:copy_id>/stop/", stop_sandbox_copy, name="stop_sandbox_copy"),
    path("rollback-drills/", rollback_drills, name="rollback_drills"),
    path("rollback-drills/begin/", begin_rollback_drill, name="begin_rollback_drill"),
    path("rollback-drills/schedule/", schedule_rollback, name="schedule_rollback"),
    path("shared/<str:token>/", shared_trace, name="shared_trace"),
    path("stops/", stops, name="stops"),
    path("stops/engage/", engage, name="engage"),
    path("stops/quarantine/", quarantine, name="quarantine"),
    path("try/", try_out, name="try_out"),
    path("nobody/", stranded, name="stranded"),
    path("suggestions/", suggestions, name="suggestions"),
    path("suggestions/settle/", settle_suggestions, name="settle_suggestions"),
    path("requests/", all_requests, name="requests"),
    path("requests/<uuid:request_id>/", trace, name="trace"),
    path("requests/<uuid:request_id>/receipt/", receipt, name="receipt"),
    path("requests/<uuid:request_id>/bundle/", bundle, name="bundle"),
    path("verifier/", verifier, name="verifier"),
    path("requests/<uuid:request_id>/attachments/<int:number>/", attachment, name="attachment"),
    path("requests/<uuid:request_id>/draft/", ask_draft, name="ask_draft"),
    path("requests/<uuid:request_id>/replay/", replay_lab, name="replay"),
    path("requests/<uuid:request_id>/report/", report_action, name="report_action"),
    path("requests/<uuid:request_id>/share/", share_trace, name="share_trace"),
    path("requests/<uuid:request_id>/share/<uuid:link_id>/revoke/", unshare_trace, name="unshare_trace"),
    path("requests/<uuid:request_id>/stop/", stop_agent, name="stop"),
    path("requests/<uuid:request_id>/cancel/", cancel, name="cancel"),
    path("requests/<uuid:request_id>/settle/", settle, name="settle"),
    path("requests/<uuid:request_id>/golden/", keep_golden, name="keep_golden"),
    path("requests/<uuid:request_id>/revert/", revert, name="revert"),
]
