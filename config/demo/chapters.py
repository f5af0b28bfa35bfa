"""The chapters of the story, in the order in which they are told."""

from collections.abc import Callable
from datetime import datetime

from config.demo import (
    breaking,
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
from config.demo.office import Office
from config.demo.suggesting import settle_suggestions

Say = Callable[[str], None]


def tell_story(*, url: str, office: Office, companies: int, since: datetime, say: Say) -> None:
    """From the agents' first yes to a policy in production."""
    manager = office.browser_of(story.MANAGER)
    raising.raise_agents(url=url, browser=manager, say=say)
    story.run_agents(url=url, companies=companies, say=say)
    story.review(browser=manager, since=since, say=say)
    settle_suggestions(browser=manager, say=say)
    _govern(url=url, office=office, since=since, say=say)
    _keep_in_order(url=url, office=office, say=say)
    story.settle(since=since, seconds=60)
    story.take_one_back(browser=manager, since=since, say=say)
    _release(url=url, office=office, say=say)


def _govern(*, url: str, office: Office, since: datetime, say: Say) -> None:
    """What people set, and that it holds. Chapters that wait for a window or a worker are told later than begun."""
    caller, manager = governing.connect(url), office.browser_of(story.MANAGER)
    shadowing.begin(revops=office.browser_of(story.REVOPS), say=say)
    unsure = shadowing.propose_unsure(caller=caller)
    corrected = learning.correct_silently(since=since, say=say)
    governing.show_rules_and_sends(caller=caller, browser=manager, say=say)
    breaking.bounce(url=url, caller=caller, say=say)
    reached = reaching.reach_people(caller=caller, office=office)
    standing.approve_beforehand(caller=caller, manager=manager, say=say)
    listing.import_and_ask(caller=caller, compliance=office.browser_of(story.COMPLIANCE), say=say)
    glass.break_glass(caller=caller, office=office, say=say)
    reaching.tell_reached(url=url, caller=caller, asked=reached, say=say)
    shadowing.tell(expected=unsure, say=say)
    governing.stop_and_lift(caller=caller, say=say)
    governing.delegate(caller=caller, say=say)
    governing.drill(say)
    learning.tell_corrected(corrected, say)


def _keep_in_order(*, url: str, office: Office, say: Say) -> None:
    """Tables, rights, the schema, and an agent that is shut out and let in again."""
    keeping.keep_up(say)
    story.let_go(story.HYGIENE, say)
    holding.quarantine(url=url, office=office, say=say)
    holding.review_access(compliance=office.browser_of(story.COMPLIANCE), say=say)
    schema.review_schema(revops=office.browser_of(story.REVOPS), say=say)
    learning.make_rule_of_case(say)


def _release(*, url: str, office: Office, say: Say) -> None:
    """The draft reaches production; then one goes back, and forth again."""
    releasing.release(say)
    caller = governing.connect(url)
    releasing.go_back(revops=office.browser_of(story.REVOPS), caller=caller, say=say)
