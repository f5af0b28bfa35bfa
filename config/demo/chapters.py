"""The chapters of the story, in the order in which they are told."""

from collections.abc import Callable
from datetime import datetime

from config.demo import (
    breaking,
    elsewhere,
    glass,
    governing,
    holding,
    keeping,
    learning,
    listing,
    raising,
    reaching,
    releasing,
    schema,
    shadowing,
    standing,
    story,
)
from config.demo.browser import Browser
from config.demo.far_crm import FarCrm
from config.demo.office import Office
from config.demo.opening import names_file, open_scene
from config.demo.scene import THE_HOUSE, Scene
from config.demo.suggesting import settle_suggestions

Say = Callable[[str], None]


def tell_story(*, url: str, office: Office, companies: int, since: datetime, crm: FarCrm | None, say: Say) -> None:
    """From the agents' first yes to a policy in production. Raises OpeningError."""
    manager = office.browser_of(story.MANAGER)
    scene = THE_HOUSE if crm is None else open_scene(office=office, crm=crm, say=say)
    with names_file(scene) as names:
        raising.raise_agents(url=url, browser=manager, scene=scene, say=say)
        story.run_agents(url=url, companies=companies, scene=scene, names=names, say=say)
    story.review(browser=manager, since=since, scene=scene, say=say)
    settle_suggestions(browser=manager, say=say)
    _govern(url=url, office=office, since=since, scene=scene, say=say)
    _keep_in_order(url=url, office=office, scene=_with_tasks(scene), say=say)
    story.settle(since=since, seconds=60)
    story.take_one_back(browser=manager, since=since, scene=scene, say=say)
    if crm is not None:
        _lose_and_take_back(url=url, manager=manager, scene=scene, crm=crm, say=say)
    _release(url=url, office=office, scene=_with_tasks(scene), say=say)


def _with_tasks(scene: Scene) -> Scene:
    """Where the chapters with tasks play: at the house's own CRM, if this one takes none of ours."""
    return scene if scene.takes("leads", "create_task") else THE_HOUSE


def _lose_and_take_back(*, url: str, manager: Browser, scene: Scene, crm: FarCrm, say: Say) -> None:
    caller = governing.connect(url, elsewhere.AGENT, scene=scene)
    elsewhere.lose_an_answer(caller=caller, crm=crm, say=say)
    elsewhere.take_many_back(caller=caller, manager=manager, crm=crm, say=say)


def _govern(*, url: str, office: Office, since: datetime, scene: Scene, say: Say) -> None:
    """What people set, and that it holds. Chapters that wait for a window or a worker are told later than begun."""
    caller, manager = governing.connect(url), office.browser_of(story.MANAGER)
    there = caller if scene is THE_HOUSE else governing.connect(url, scene=scene)
    with_tasks = there if scene.takes("leads", "create_task") else caller
    shadowing.begin(revops=office.browser_of(story.REVOPS), say=say)
    unsure = shadowing.propose_unsure(caller=with_tasks)
    corrected = learning.correct_silently(since=since, scene=scene, say=say)
    governing.show_rules_and_sends(caller=caller, browser=manager, say=say)
    breaking.bounce(url=url, caller=caller, say=say)
    reached = reaching.reach_people(caller=caller, office=office)
    standing.approve_beforehand(caller=there, manager=manager, say=say)
    listing.import_and_ask(caller=caller, compliance=office.browser_of(story.COMPLIANCE), say=say)
    glass.break_glass(caller=caller, office=office, say=say)
    reaching.tell_reached(url=url, caller=caller, asked=reached, say=say)
    shadowing.tell(expected=unsure, say=say)
    governing.stop_and_lift(caller=caller, say=say)
    governing.delegate(caller=with_tasks, say=say)
    governing.drill(say)
    learning.tell_corrected(corrected, say)


def _keep_in_order(*, url: str, office: Office, scene: Scene, say: Say) -> None:
    """Tables, rights, the schema, and an agent that is shut out and let in again."""
    keeping.keep_up(say)
    story.let_go(story.HYGIENE, say)
    holding.quarantine(url=url, office=office, scene=scene, say=say)
    holding.review_access(compliance=office.browser_of(story.COMPLIANCE), say=say)
    schema.review_schema(revops=office.browser_of(story.REVOPS), say=say)
    learning.make_rule_of_case(say)


def _release(*, url: str, office: Office, scene: Scene, say: Say) -> None:
    """The draft reaches production; then one goes back, and forth again."""
    releasing.release(say)
    caller = governing.connect(url, scene=scene)
    releasing.go_back(revops=office.browser_of(story.REVOPS), caller=caller, say=say)
