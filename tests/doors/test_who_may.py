"""Every path of the project asked by every role, by nobody, and by who may do everything elsewhere (IDN-07).

Two tables say who may: `paths.txt` (path, who may GET, who may POST), and `screens.txt` for the six paths that every
admin screen has (who may view, add, change, delete a row of the owner's workspace). What is in neither fails, so that
whoever makes a page says whom it is for.
"""

from pathlib import Path

import pytest
from django.contrib import admin

from tests.doors.walking import VERBS, let_in, list_doors, make_house, screen_rights

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent
LETTERS = """Letters: o nobody signed in, x a login without a role, P rep, A auditor, M manager, C compliance,
S sales ops, R RevOps, F who may do all in another workspace, G who holds every right for the agent alone that is asked
about, B for another agent of the workspace; - for nobody. Whoever is not named must be refused."""
PATHS = f"""Say in tests/doors/paths.txt whom the page is for: its path, who may GET it, who may POST to it, with two
spaces or more between. {LETTERS}"""
SCREENS = f"""Say in tests/doors/screens.txt whom the screen is for: its model, who may view, add, change and
delete. {LETTERS}"""


def read(name: str) -> dict[str, tuple[str, ...]]:
    lines = [line for line in (FOLDER / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    parts = [[part.strip() for part in line.split("  ") if part.strip()] for line in lines]
    return {key: tuple("".join(sorted(who.strip("-"))) for who in letters) for key, *letters in parts}


def test_every_path_is_in_the_table_and_the_table_names_no_other():
    paths, named = {door.route or "/" for door in list_doors() if not door.is_standard}, set(read("paths.txt"))
    assert (sorted(paths - named), sorted(named - paths)) == ([], []), PATHS


def test_every_screen_lets_do_what_the_table_says_and_nothing_else():
    house, wrong = make_house(), {}
    for model, screen in admin.site._registry.items():
        rights = {verb: "".join(sorted(letters)) for verb, letters in screen_rights(screen, house).items()}
        wrong[model._meta.label_lower] = tuple(rights[verb] for verb in VERBS)
    assert wrong == read("screens.txt"), SCREENS


@pytest.mark.parametrize("part", ["admin/", ""])
def test_each_path_lets_in_whom_the_table_names_and_nobody_else(part):
    """Asked with a row of the owner's workspace wherever there is one; the foreigner sees nothing of the owner's, and
    who holds rights for one agent alone nothing of the other."""
    table, house = read("paths.txt"), make_house()
    wrong, leaks = [], []
    for door in list_doors():
        if door.is_standard or door.route.startswith("admin/") is not bool(part):
            continue
        for method, named in zip(("GET", "POST"), table[door.route or "/"], strict=True):
            letters, shown = let_in(door, house, method)
            leaks += shown
            if sorted(letters) != list(named):
                wrong.append(f"{method} {door.route}: table `{named}`, let in `{letters}`")
    assert (wrong, leaks) == ([], []), PATHS
