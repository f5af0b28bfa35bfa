"""REG-01: the schema review in the console, with who may and who may not."""

import pytest
from django.urls import reverse

from governance.models import RegisteredField, SchemaSync
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_field, make_world

pytestmark = pytest.mark.django_db
PAGE = "admin:governance_schemasync_changelist"


@pytest.fixture
def world():
    world = make_world()
    for number in range(3):
        make_field(world.connection, f"fresh{number}", review_state="unreviewed", label="<b>fresh</b>")
    return world


def post(client, world, **form):
    return client.post(reverse("admin:governance_schemasync_review", args=[world.workspace.pk]), form)


def test_fields_are_reviewed_together_and_the_matrix_opens_with_the_drafts(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    ids = [str(pk) for pk in RegisteredField.objects.filter(name__startswith="fresh").values_list("pk", flat=True)]
    answer = post(client, world, field=ids[:2], answer="write")
    assert answer.url.startswith(reverse("admin:governance_fieldownership_changelist"))
    sheet = client.get(answer.url)
    assert set(sheet.context["drafts"]) == set(ids[:2])
    assert client.get(answer.url).context["drafts"] == {}, "they are filled in once"
    assert RegisteredField.objects.filter(review_state="unreviewed").count() == 1


def test_all_that_match_are_reviewed_and_then_nothing_waits(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    answer = post(client, world, all="1", text="fresh", answer="never")
    assert answer.url.startswith(reverse(PAGE))
    text = text_of(client.get(answer.url))
    assert "3 fields are reviewed." in text
    text = text_of(client.get(reverse(PAGE)))
    assert "Everything is reviewed" in text


def test_nothing_chosen_or_no_answer_is_told(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    for form in ({"answer": "never"}, {"all": "1"}, {"field": "no-id", "answer": "never"}):
        answer = post(client, world, **form)
        assert "Nothing changed" in text_of(client.get(answer.url))
    assert RegisteredField.objects.filter(review_state="unreviewed").count() == 3


def test_an_auditor_looks_and_changes_nothing_and_a_stranger_does_not_look(world):
    auditor = log_in(make_login(world.workspace, "view_ledger", name="Ada Auditor"))
    page = auditor.get(reverse(PAGE))
    assert "fresh1" in text_of(page)
    assert "&lt;b&gt;fresh" in page.content.decode()
    assert find_acting_nodes(page.content) == []
    assert post(auditor, world, all="1", answer="never").status_code == 403
    start = reverse("admin:governance_schemasync_start", args=[world.connection.pk])
    assert auditor.post(start).status_code == 403
    stranger = log_in(make_login(None, name="Stray Stranger"))
    assert stranger.get(reverse(PAGE)).status_code == 403
    other = log_in(
        make_login(make_world("other", agent_name="agent.other").workspace, "edit_policy", name="Otto Other")
    )
    assert post(other, world, all="1", answer="never").status_code == 403
    assert other.post(start).status_code == 403
    assert not SchemaSync.objects.exists()


def test_sync_now_queues_one_job_and_shows_how_far_it_is(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    start = reverse("admin:governance_schemasync_start", args=[world.connection.pk])
    assert client.get(start).status_code == 405
    client.post(start)
    row = SchemaSync.objects.get()
    state = reverse("admin:governance_schemasync_state", args=[row.pk])
    assert client.get(state).json() == {"state": "waiting", "is_open": True}
    assert "A worker takes it up in a moment." in text_of(client.get(reverse(PAGE)))
    client.post(start)
    assert SchemaSync.objects.count() == 1
    SchemaSync.objects.update(state="failed", problem_code="connector_auth", problem="the key expired")
    text = text_of(client.get(reverse(PAGE)))
    assert "connector_auth" in text
    assert "the key expired" in text
