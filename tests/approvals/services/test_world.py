"""Sources of facts: asked once for all, only where needed, and silent when they break (POL-01)."""

import pytest

from approvals.services import world
from approvals.services.world import Asked, Source, with_world, with_worlds
from audit.domain.identifier import new_id
from tests.builders.policy import NOW, make_facts, make_index, make_request


def make_asked(**request):
    return Asked(
        facts=make_facts(make_request(**request)),
        index=make_index(),
        workspace_id=new_id(),
        agent_id=new_id(),
        request_id=new_id(),
    )


class Numbers:
    """Counts how often it is asked; answers the given values."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = []

    def __call__(self, asked, _now):
        self.calls.append(len(asked))
        return self.answer(asked)

    def source(self, *, is_needed=lambda _: True):
        return Source(fact="human_roles", is_needed=is_needed, ask=self)


@pytest.fixture
def use(monkeypatch):
    return lambda *sources: monkeypatch.setattr(world, "SOURCES", sources)


def broken(asked):
    raise RuntimeError("the table is gone")


def test_a_source_is_asked_once_for_all_requests_that_need_it(use):
    source = Numbers(lambda asked: [(item.facts.request.record_id,) for item in asked])
    use(source.source(is_needed=lambda asked: asked.facts.request.record_id != "2"))
    facts = with_worlds([make_asked(record_id=str(number)) for number in range(4)], now=NOW)
    assert source.calls == [3]
    assert [item.human_roles for item in facts] == [("0",), ("1",), (), ("3",)]


def test_a_source_that_nobody_needs_is_not_asked(use):
    source = Numbers(broken)
    use(source.source(is_needed=lambda _: False))
    with_worlds([make_asked()], now=NOW)
    assert source.calls == []


@pytest.mark.parametrize("answer", [broken, lambda _: [], lambda _: [1, 2, 3]])
def test_a_source_that_breaks_or_forgets_one_answers_none(use, answer):
    use(Numbers(answer).source())
    asked = make_asked()
    facts = with_world(
        asked.facts,
        asked.index,
        workspace_id=asked.workspace_id,
        agent_id=asked.agent_id,
        request_id=asked.request_id,
        now=NOW,
    )
    assert facts.human_roles is None


def test_a_source_that_cannot_say_whether_it_is_needed_is_asked(use):
    source = Numbers(lambda _: [("seen",)])
    use(source.source(is_needed=broken))
    assert with_worlds([make_asked()], now=NOW)[0].human_roles == ("seen",)
