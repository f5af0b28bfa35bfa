"""The story's people see and send only what a page offers: how a page is read (OPS-01)."""

import pytest

from config.demo.browser import Page, _PageParser

TEXT = """
<form action="/stops/engage/" method="post"><input name="reason"><input name="kind" type="submit" value="all"></form>
<form method="post"><input type="hidden" name="token" value="t"><textarea name="reason"></textarea>
<select name="agent"><option value="1">First <option value="2" selected>Second</option></select>
<select name="minutes"><option value="5">five</option><option value="9">nine</option></select>
<input type="checkbox" name="field" value="a"><input type="checkbox" name="field" value="b">
<input type="checkbox" name="all" value="1" checked></form><input name="outside">
"""


@pytest.fixture
def page() -> Page:
    parser = _PageParser()
    parser.feed(TEXT)
    return Page(url="http://127.0.0.1/x/", status=200, text=TEXT, forms=parser.forms, links=parser.links)


def test_a_select_stands_on_what_is_selected_else_on_its_first_option(page: Page) -> None:
    fields = page.forms[1].fields
    assert (fields["agent"], fields["minutes"], fields["all"]) == ("2", "5", "1")
    assert page.forms[1].options["minutes"] == {"five": "5", "nine": "9"}


def test_unticked_boxes_are_offered_and_not_sent(page: Page) -> None:
    assert page.forms[1].boxes == [("field", "a"), ("field", "b")]
    assert "field" not in page.forms[1].fields


def test_what_stands_outside_belongs_to_no_form(page: Page) -> None:
    assert not any("outside" in form.fields for form in page.forms)


def test_of_several_forms_the_page_s_own_is_taken(page: Page) -> None:
    """The console's header has a form that stops agents, with a reason too."""
    assert page.form_with("reason") is page.forms[1]
    with pytest.raises(LookupError):
        page.form_with("nothing")
