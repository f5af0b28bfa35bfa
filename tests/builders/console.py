"""People at the console: logins of every kind, and the nodes of a page that could do something."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from guardian.shortcuts import assign_perm

from governance.models import Agent, User, Workspace
from tests.builders.governance import allow, make_person, make_user

ACTIVE_SCHEMES = ("javascript:", "data:", "vbscript:")


def log_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")
    return client


def make_login(workspace: Workspace | None, *permissions: str, name: str = "Vera Viewer") -> User:
    """A login with exactly these permissions in the workspace."""
    user = make_user(make_person(name))
    if workspace is not None:
        allow(user, workspace, *permissions)
    return user


def make_agents_login(agent: Agent, *rights: str, name: str = "Ann Alone") -> User:
    """A login with exactly these rights for the agent, and none in its workspace."""
    user = make_user(make_person(name))
    for right in rights:
        assign_perm(right, user, agent)
    return user


class _Acting(HTMLParser):
    """Collects what a browser would execute although it is not ours."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script" and not values.get("src", "").startswith("/static/"):
            self.found.append(f"<script {values}>")
        if tag in {"iframe", "object", "embed", "svg", "style", "base"} or (
            tag == "img" and "/static/" not in values["src"]
        ):
            self.found.append(f"<{tag} {values}>")
        self.found += [f"{tag} {name}" for name in values if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if values.get(name, "").strip().lower().startswith(ACTIVE_SCHEMES):
                self.found.append(f"{tag} {name}={values[name]}")


def find_acting_nodes(page: bytes) -> list[str]:
    """Inline scripts and styles, event handlers, frames, foreign images, acting addresses."""
    parser = _Acting()
    parser.feed(page.decode())
    return parser.found


def text_of(answer: Any) -> str:
    return str(answer.content.decode())
