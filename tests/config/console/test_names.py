"""The sidebar and the pages call one thing by one name."""

from django.apps import apps

from config.console.navigation import GROUPS, REVIEW

UNDER_ITS_GROUP = {"governance.DncEntry": "do not contact"}
"""“The list” stands under “Do not contact” in the sidebar; its page has no such roof."""


def test_every_screen_is_titled_as_the_sidebar_calls_it() -> None:
    screens = [*REVIEW, *(screen for _, group in GROUPS for screen in group)]
    titles = {screen.model: UNDER_ITS_GROUP.get(screen.model, screen.title.lower()) for screen in screens}
    models = {label: apps.get_model(label) for label in titles}
    assert {label: str(model._meta.verbose_name_plural).lower() for label, model in models.items()} == titles
