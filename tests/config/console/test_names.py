"""The sidebar and the pages call one thing by one name."""

from django.apps import apps

from config.console.navigation import list_screens

UNDER_ITS_GROUP = {"governance.DncEntry": "do not contact"}
"""“The list” stands under “Do not contact” in the sidebar; its page has no such roof."""


def test_every_screen_is_titled_as_the_sidebar_calls_it() -> None:
    titles = {screen.model: UNDER_ITS_GROUP.get(screen.model, screen.title.lower()) for screen in list_screens()}
    models = {label: apps.get_model(label) for label in titles}
    assert {label: str(model._meta.verbose_name_plural).lower() for label, model in models.items()} == titles
