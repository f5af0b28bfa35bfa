"""The rows of change lists: the same words as unfold's own, in fewer cells' worth of text, and nothing executable."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.db.models import Model
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from unfold.templatetags.unfold_list import items_for_result, result_headers

from approvals.models import ExceptionCase
from config.console.rows import draw_rows
from governance.models import Agent, Person, User
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed, submit_pending, vote
from tests.builders.console import log_in, text_of
from tests.builders.exceptions import make_case
from tests.builders.governance import make_agent, make_person, make_user

pytestmark = pytest.mark.django_db

HOSTILE = '"><script>alert(1)</script>'
CELL = re.compile(r"<(t[hd])\b[^>]*>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def root():
    user = make_user(username="root@example.com")
    User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def site():
    site = make_site()
    submit_executed(site)
    vote(site, submit_pending(site))
    make_case(site.world.workspace, agent=site.world.agent.name)
    make_agent(site.world.workspace, name="agent.other")
    make_person("Zoë <b>")
    return site


def list_of(model: type[Model], user: User):
    request = RequestFactory().get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
    request.user = user
    screen = admin.site._registry[model]
    screen.request = request
    return screen.get_changelist_instance(request)


def words(html: str) -> list[tuple[str, str]]:
    """Each cell's kind and what a reader sees, with where its link leads."""
    return [
        (tag, " ".join(unescape(TAG.sub(" ", text)).split()), "".join(re.findall(r'href="([^"]*)"', text)))
        for tag, text in CELL.findall(html)
    ]


SCREENS = [model for model, screen in admin.site._registry.items() if not screen.list_editable]


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model.__name__)
def test_each_list_says_what_unfold_would_say(site, root, model):
    cl = list_of(model, root)
    drawn = draw_rows(cl, list(result_headers(cl)))
    usual = "".join("".join(items_for_result(cl, row, None)) for row in cl.result_list)
    assert words(drawn) == words(usual)


def test_some_lists_had_rows_to_compare(site, root):
    assert sum(len(list_of(model, root).result_list) > 0 for model in SCREENS) > 10


def test_what_agents_and_people_wrote_is_text(site, root):
    Agent.objects.filter(pk=site.world.agent.pk).update(name=HOSTILE)
    ExceptionCase.objects.update(field=HOSTILE)
    Person.objects.update(name=HOSTILE)
    for model in (ExceptionCase, Agent, Person):
        page = log_in(root).get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        text = page.content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_what_a_reader_would_not_see_is_spelled_out(site, root):
    """APR-03: of a list's cells too."""
    ExceptionCase.objects.update(field="gnp\u202eexe")
    page = text_of(log_in(root).get(reverse("admin:approvals_exceptioncase_changelist")))
    assert "gnp⟦U+202E⟧exe" in page
    assert "\u202e" not in page


def test_a_link_keeps_the_filters_of_its_list(site, root):
    page = log_in(root).get(reverse("admin:approvals_exceptioncase_changelist"), {"state__exact": "open"})
    case = ExceptionCase.objects.get()
    address = reverse("admin:approvals_exceptioncase_change", args=[case.pk])
    assert f'href="{address}?_changelist_filters=state__exact%3Dopen"' in page.content.decode()


def test_rows_to_tick_carry_their_keys_and_a_label(site, root):
    page = log_in(root).get(reverse("admin:governance_user_changelist")).content.decode()
    box = re.search(rf'<input[^>]*name="_selected_action"[^>]*value="{root.pk}"[^>]*>', page)
    assert box
    assert "action-select" in box[0]
    assert 'aria-label="Select record"' in box[0]
    assert 'id="action-toggle"' in page
    assert "Select all rows" in page


def test_a_popup_and_a_list_of_forms_stay_unfolds(site, root):
    client = log_in(root)
    popup = client.get(reverse("admin:governance_person_changelist"), {"_popup": "1"}).content.decode()
    assert "data-popup-opener" in popup
    assert "cs-cell" not in popup
    assert "cs-cell" not in client.get(reverse("admin:governance_registeredfield_changelist")).content.decode()


def test_a_heading_tells_how_it_is_sorted_and_turns_it_round(site, root):
    address = reverse("admin:approvals_exceptioncase_changelist")
    page = log_in(root).get(address, {"o": "-3.1"}).content.decode()
    head = page[page.index("<thead>") : page.index("</thead>")]
    assert 'class="toggle descending"' in head
    assert 'class="toggle ascending"' in head
    assert 'title="Sorting priority: 2"' in head
    assert 'href="?o=3.1"' in head


def test_a_list_reads_no_more_columns_than_it_shows(site, root):
    """What a request holds in full (body, facts, decision) is not fetched for a list."""
    for model in (ExceptionCase, site.world.agent.requests.model):
        for row in list_of(model, root).result_list:
            assert row.get_deferred_fields(), model


def test_a_filter_says_what_is_chosen(site, root):
    page = log_in(root).get(reverse("admin:approvals_exceptioncase_changelist"), {"state__exact": "open"})
    text = page.content.decode()
    assert '<li class="cs-choice cs-chosen"><a href="?state__exact=open" title="open">' in text
    assert text.count("cs-chosen") == 3
    assert (
        Template('{% load console %}{% filter_box spec "x" choices %}').render(Context({"choices": []})).count("<ul")
        == 1
    )
