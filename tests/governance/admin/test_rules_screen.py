"""The rule builder and the lists in the console: who may, what is refused, what comes in and out (POL-04, CNT-03)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.models import Rule, RuleList
from tests.builders.api import make_site
from tests.builders.approvals import submit
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.rules import as_body, make_draft, make_rule, when

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def editor(site):
    user = make_login(site.world.workspace, "edit_policy", "view_requests", name="Rita")
    user.is_staff = True
    user.save()
    return log_in(user)


@pytest.fixture
def viewer(site):
    user = make_login(site.world.workspace, "view_ledger", name="Aldo")
    user.is_staff = True
    user.save()
    return log_in(user)


def post(client, address, draft):
    return client.post(address, data=as_body(draft), content_type="application/json")


def test_a_rule_is_written_read_and_changed(editor, site):
    add = reverse("admin:governance_rule_add")
    page = editor.get(add)
    assert page.status_code == 200
    assert find_acting_nodes(page.content.replace(b'type="application/json"', b'src="/static/"')) == []
    draft = make_draft(site.world, when("confidence", "less", "0.8"), name="Low confidence")
    assert post(editor, add, draft).json() == {"next": reverse("admin:governance_rule_changelist")}
    row = Rule.objects.get()
    page = text_of(editor.get(reverse("admin:governance_rule_change", args=[row.pk])))
    assert "Low confidence" in page
    listed = text_of(editor.get(reverse("admin:governance_rule_changelist")))
    assert "When an agent does anything with any object and confidence is below 0.8 → refuse it" in listed


def test_an_unsound_rule_comes_back_in_words(editor, site):
    answer = post(editor, reverse("admin:governance_rule_add"), make_draft(site.world, fields=("ghost",)))
    assert answer.status_code == 422
    assert answer.json()["errors"] == ["the field `ghost` is not registered there"]


def test_the_sentence_and_the_mistakes_are_told_while_writing(editor, site):
    check = reverse("admin:governance_rule_check", args=[site.world.workspace.pk])
    said = post(editor, check, make_draft(site.world, when("confidence", "less", "low"))).json()
    assert said["sentence"].endswith("confidence is below low → refuse it")
    assert said["errors"] == ["“low” is no number"]
    assert post(editor, check, make_draft(site.world)).json()["warnings"][0].startswith("This matches everything")


def test_a_trial_lists_what_would_have_matched(editor, site):
    submit(site)
    address = reverse("approvals:rule_trial", args=[site.world.workspace.pk])
    said = post(editor, address, make_draft(site.world, when("confidence", "less", "0.95"))).json()
    assert said["summary"] == "It would have matched 1 of the last 1 requests."
    assert len(said["matches"]) == 1
    said = post(editor, address, make_draft(site.world, fields=("ghost",))).json()
    assert said["summary"].startswith("Mend this first")


def test_who_may_only_look_changes_nothing(viewer, site):
    row = make_rule(site.world)
    add, change = reverse("admin:governance_rule_add"), reverse("admin:governance_rule_change", args=[row.pk])
    assert viewer.get(change).status_code == 200
    assert viewer.get(add).status_code == 403
    draft = make_draft(site.world, name="Mine")
    assert post(viewer, change, draft).status_code == 403
    assert post(viewer, add, draft).status_code == 403
    assert post(viewer, reverse("approvals:rule_trial", args=[site.world.workspace.pk]), draft).status_code == 403
    assert Rule.objects.get().name == "Test rule"


def test_another_workspace_does_not_exist(editor):
    other = make_site("other", agent_name="agent.other")
    row = make_rule(other.world)
    assert editor.get(reverse("admin:governance_rule_change", args=[row.pk])).status_code in (302, 404)
    draft = make_draft(other.world)
    assert (
        post(editor, reverse("admin:governance_rule_check", args=[other.world.workspace.pk]), draft).status_code == 403
    )
    assert post(editor, reverse("approvals:rule_trial", args=[other.world.workspace.pk]), draft).status_code == 403
    assert (
        post(editor, f"{reverse('admin:governance_rule_add')}?workspace={other.world.workspace.pk}", draft).status_code
        == 403
    )


def test_hostile_names_stay_text(editor, site):
    """Case 88."""
    make_rule(site.world, name="</script><img src=x onerror=alert(1)>", reason="{{ 7*7 }}")
    for address in (
        reverse("admin:governance_rule_changelist"),
        reverse("admin:governance_rule_change", args=[Rule.objects.get().pk]),
    ):
        page = editor.get(address).content.replace(b'type="application/json"', b'src="/static/"')
        assert [node for node in find_acting_nodes(page) if "jsi18n" not in node] == []
        assert b"<img src=x" not in page


class TestLists:
    def save(self, client, site, lines, *, upload=None, **changes):
        values = {
            "workspace": site.world.workspace.pk,
            "slug": "vip",
            "title": "VIP",
            "kind": "domains",
            "lines": lines,
        }
        data = {**values, **changes, **({"upload": upload} if upload else {})}
        row = RuleList.objects.first()
        address = (
            reverse("admin:governance_rulelist_change", args=[row.pk])
            if row
            else reverse("admin:governance_rulelist_add")
        )
        return client.post(address, data)

    def test_lines_and_file_come_together_without_repetition(self, editor, site):
        upload = SimpleUploadedFile("more.csv", "﻿globex.com,Globex\nACME.com,again\n".encode())
        assert (
            self.save(editor, site, "https://www.acme.com/about\n\n initech.com \n", upload=upload).status_code == 302
        )
        assert RuleList.objects.get().entries == ["acme.com", "globex.com", "initech.com"]

    def test_every_bad_line_is_named_and_nothing_is_saved(self, editor, site):
        page = text_of(self.save(editor, site, "acme.com\nnot a domain\nglobex.com\nnonsense"))
        assert "Entry 2 cannot stand on this list: not a domain" in page
        assert "Entry 4 cannot stand on this list: nonsense" in page
        assert not RuleList.objects.exists()

    def test_what_goes_out_comes_in_again_and_runs_nowhere(self, editor, site):
        """Case 86."""
        self.save(editor, site, "=cmd()\n+1\nplain", kind="terms")
        row = RuleList.objects.get()
        out = editor.get(reverse("admin:governance_rulelist_export", args=[row.pk]))
        assert out.content.decode().splitlines() == ["'+1", "'=cmd()", "plain"]
        self.save(editor, site, "", kind="terms", upload=SimpleUploadedFile("vip.csv", out.content))
        row.refresh_from_db()
        assert row.entries == ["+1", "=cmd()", "plain"]

    def test_a_viewer_cannot_change_a_list(self, viewer, site):
        assert self.save(viewer, site, "acme.com").status_code == 403


def test_the_builder_s_choices_are_the_registry_s(editor):
    page = text_of(editor.get(reverse("admin:governance_rule_add")))
    desk = json.loads(page.split('id="rule-desk" type="application/json">')[1].split("</script>")[0])
    assert desk["choices"]["fields"]["companies"]["industry"]["options"] == ["IT Services", "Retail", "Software"]
    assert {name for name, _ in desk["choices"]["groups"]} == {"revops"}
