"""Reading policy: cached by digest, one query when warm, and what is not published yet."""

import threading
from types import SimpleNamespace

import pytest
from django.db import connection

from governance.domain.document import PolicyDocument
from governance.domain.engine import decide
from governance.domain.index import compile_index
from governance.models import PolicyRelease, PolicyVersion
from governance.selectors import policy
from governance.selectors.compilation import compile_policy
from governance.selectors.policy import (
    PolicyCorruptError,
    get_policy_index,
    get_policy_index_by_digest,
    get_unpublished_changes,
)
from governance.services.publish import publish_policy
from tests.builders.policy import make_agent, make_facts, make_request
from tests.builders.policy_rows import NOW, PolicyRows


@pytest.fixture(autouse=True)
def cold_cache():
    policy._indexes.clear()


def publish(rows, reason="first policy"):
    return publish_policy(workspace_id=rows.workspace.pk, person_id=rows.owner.pk, reason=reason, now=NOW)


@pytest.mark.django_db
def test_nothing_published_is_no_index():
    assert get_policy_index(PolicyRows().workspace.pk, "sandbox") is None
    assert get_policy_index_by_digest("sha256:none") is None


@pytest.mark.django_db
def test_warm_it_costs_one_query(django_assert_num_queries):
    rows = PolicyRows()
    rows.simple_policy()
    publish(rows)
    policy._indexes.clear()  # another process published
    with django_assert_num_queries(2):
        first = get_policy_index(rows.workspace.pk, "sandbox")
    with django_assert_num_queries(1):
        assert get_policy_index(rows.workspace.pk, "sandbox") is first


@pytest.mark.django_db
def test_published_rows_decide_and_unpublished_ones_do_not():
    """The engine evaluates published documents only."""
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    publish(rows)
    ownership.permission_level = "blocked"
    ownership.save()
    facts = make_facts(make_request(changes={"country": "Norway"}), agent=make_agent(name="agent.acme"))
    assert decide(get_policy_index(rows.workspace.pk, "sandbox"), facts).outcome == "allow"
    publish(rows, reason="block it")
    assert decide(get_policy_index(rows.workspace.pk, "sandbox"), facts).outcome == "deny"


@pytest.mark.django_db
def test_one_workspace_never_gets_the_policy_of_another():
    ours, theirs = PolicyRows("acme"), PolicyRows("rival")
    for rows in (ours, theirs):
        rows.simple_policy()
    publish(ours)
    assert get_policy_index(theirs.workspace.pk, "sandbox") is None
    publish(theirs)
    assert get_policy_index(theirs.workspace.pk, "sandbox").workspace == "rival"


@pytest.mark.django_db
def test_bytes_that_do_not_hash_to_their_digest_decide_nothing():
    rows = PolicyRows()
    rows.simple_policy()
    document = b'{"format":1,"workspace":"acme"}'
    version = PolicyVersion.objects.create(
        workspace=rows.workspace,
        number=1,
        digest="sha256:" + "0" * 64,
        document=document,
        published_by=rows.owner,
        reason="forged",
        created_at=NOW,
    )
    PolicyRelease.objects.create(
        workspace=rows.workspace,
        environment="sandbox",
        number=1,
        version=version,
        released_by=rows.owner,
        reason="forged",
        created_at=NOW,
    )
    with pytest.raises(PolicyCorruptError):
        get_policy_index(rows.workspace.pk, "sandbox")


@pytest.mark.django_db
def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(policy, "_CACHE_SIZE", 2)
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    for level in ("safe_write", "approval", "blocked"):
        ownership.permission_level = level
        ownership.save()
        published = publish(rows, reason=level)
        get_policy_index(rows.workspace.pk, "sandbox")
    assert len(policy._indexes) == 2
    assert published.digest in policy._indexes


@pytest.mark.django_db
def test_unpublished_changes_are_told_in_words_until_they_are_published():
    rows = PolicyRows()
    ownership, _ = rows.simple_policy()
    assert {change.kind for change in get_unpublished_changes(rows.workspace.pk).changes} == {"added"}
    publish(rows)
    assert get_unpublished_changes(rows.workspace.pk).changes == ()
    ownership.permission_level = "blocked"
    ownership.save()
    changes = get_unpublished_changes(rows.workspace.pk).changes
    assert [change.row for change in changes] == ["field `companies.country` of `embedded`"]
    publish(rows, reason="done")
    assert get_unpublished_changes(rows.workspace.pk).changes == ()


@pytest.mark.django_db
def test_unpublished_errors_are_told_too():
    rows = PolicyRows()
    rows.simple_policy()
    rows.grant("nowhere", action="create")
    assert [error.code for error in get_unpublished_changes(rows.workspace.pk).errors] == ["unknown_field"]


@pytest.mark.django_db
def test_compiling_takes_as_many_queries_for_many_rows_as_for_few(django_assert_num_queries):
    rows = PolicyRows()
    rows.simple_policy()
    with django_assert_num_queries(QUERIES):
        compile_policy(workspace_id=rows.workspace.pk)
    for number in range(15):
        rows.own(rows.field(f"more_{number}", revenue_field=f"R{number}"))
    rows.grant("more_1", action="create")
    rows.tier("create", "approval", groups=[rows.group])
    with django_assert_num_queries(QUERIES):
        compile_policy(workspace_id=rows.workspace.pk)


# workspace, fields, grants, agents, tiers and their groups, stages, transitions, provenance, memberships, budgets,
# breakers, frequency caps, anomaly stops, rules and their lists, bases
QUERIES = 17


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_threads_share_one_index():
    rows = PolicyRows()
    rows.simple_policy()
    publish(rows)
    found = []

    def look():
        found.append(get_policy_index(rows.workspace.pk, "sandbox").version)
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(policy._indexes) == 1


@pytest.fixture
def reading(monkeypatch):
    """The reading of a document, held up until `release` is set; `read` are the digests that were read."""
    reading = SimpleNamespace(read=[], begun=threading.Event(), release=threading.Event(), error=None)

    def load(digest):
        reading.read.append(digest)
        reading.begun.set()
        reading.release.wait(10)
        if reading.error is not None:
            raise reading.error
        index = compile_index(PolicyDocument(workspace="acme"), version=digest)
        policy.keep_policy_index(index)
        return index

    monkeypatch.setattr(policy, "_load", load)
    return reading


def ask_together(digests):
    """Threads that ask for one digest each; what each of them got, once they are joined."""
    got = []

    def ask(digest):
        try:
            got.append((digest, get_policy_index_by_digest(digest).version))
        except PolicyCorruptError:
            got.append((digest, "denied"))

    threads = [threading.Thread(target=ask, args=(digest,)) for digest in digests]
    for thread in threads:
        thread.start()
    return threads, got


def join(threads):
    for thread in threads:
        thread.join(10)


def test_eight_threads_that_meet_a_new_version_read_it_once(reading):
    """POL-03: publishing never stalls decisions."""
    threads, got = ask_together(["sha256:new"] * 8)
    assert reading.begun.wait(10)
    reading.release.set()
    join(threads)
    assert got == [("sha256:new", "sha256:new")] * 8
    assert reading.read == ["sha256:new"]
    assert policy._turns == {}


def test_while_a_new_version_is_read_the_one_before_decides_and_nobody_gets_it_for_the_new_one(reading):
    """POL-03: a decision is made under the version that its own statement saw, however long that takes."""
    policy.keep_policy_index(compile_index(PolicyDocument(workspace="acme"), version="sha256:old"))
    threads, got = ask_together(["sha256:new", "sha256:new"])
    assert reading.begun.wait(10)
    others, at_once = ask_together(["sha256:old"])
    join(others)
    assert at_once == [("sha256:old", "sha256:old")]
    assert got == []
    reading.release.set()
    join(threads)
    assert got == [("sha256:new", "sha256:new")] * 2


def test_of_a_version_that_cannot_be_read_nobody_gets_an_index(reading):
    """POL-01: whoever waited for it is denied too."""
    reading.error = PolicyCorruptError("forged")
    threads, got = ask_together(["sha256:new"] * 3)
    assert reading.begun.wait(10)
    reading.release.set()
    join(threads)
    assert got == [("sha256:new", "denied")] * 3
    assert policy._turns == {}


@pytest.mark.django_db
def test_who_published_has_read_it_already(django_assert_num_queries):
    rows = PolicyRows()
    rows.simple_policy()
    published = publish(rows)
    with django_assert_num_queries(0):
        kept = get_policy_index_by_digest(published.digest)
    policy._indexes.clear()
    with django_assert_num_queries(1):
        assert get_policy_index_by_digest(published.digest) == kept
