"""Creating many tables at once: each `CreateModel` alone lays out anew all that it is related to (quadratic)."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """As the `CreateModel` operations would one after the other, with the types laid out once.

    `models`: in an order in which each finds the tables that it refers to. Source: Django, "Writing your own" under
    "Migration operations".
    """

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add all, and let the types be laid out when they are next asked for."""
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002  # Django's signature
        to_state: ProjectState,
    ) -> None:
        """One table after the other, with its indexes and constraints."""
        for model in self.models:
            created = to_state.apps.get_model(app_label, model.name)
            if self.allow_migrate_model(schema_editor.connection.alias, created):
                schema_editor.create_model(created)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        """Last first."""
        for model in reversed(self.models):
            gone = from_state.apps.get_model(app_label, model.name)
            if self.allow_migrate_model(schema_editor.connection.alias, gone):
                schema_editor.delete_model(gone)

    def describe(self) -> str:
        """For `sqlmigrate` and the console."""
        return f"Create {len(self.models)} models"
