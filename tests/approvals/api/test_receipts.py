"""Receipts and bundles: what an agent takes away of its own requests proves itself elsewhere (AUD-06)."""

import json

import pytest

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from audit.services.signing_key import get_verifier_key
from tests.audit.verifier_program import run
from tests.builders.api import get, make_site, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def taken(site, request_id, kind, place):
    answer = get(f"/action-requests/{request_id}/{kind}/", token=site.world.token)
    assert answer.status_code == 200
    file = place / "taken"
    file.write_bytes(answer.content)
    return file


def test_a_receipt_proves_the_newest_signed_step_of_a_request(site, tmp_path):
    """AUD-06: C2SP tlog-proof."""
    request_id = propose(site)["id"]
    path = f"/action-requests/{request_id}/receipt/"
    assert get(path, token=site.world.token).json()["code"] == "not_yet_proven"
    maintain_ledger(now=get_now())
    file = taken(site, request_id, "receipt", tmp_path)
    assert file.read_text().startswith("c2sp.org/tlog-proof@v1\nextra ")
    verdict = run(tmp_path, "proof", file, "--pin", get_verifier_key())
    assert verdict.is_verified, verdict
    assert "request.decided by system policy" in verdict.out
    assert run(tmp_path, "proof", file).code == 3


def test_a_receipt_holds_for_its_own_event_place_and_tree_alone(site, tmp_path):
    """AUD-06: attacks 80 and 84."""
    request_id = propose(site)["id"]
    maintain_ledger(now=get_now())
    file = taken(site, request_id, "receipt", tmp_path)
    good = file.read_bytes()
    lines = good.split(b"\n")
    index = next(at for at, line in enumerate(lines) if line.startswith(b"index "))
    for at, other in (
        (index, b"index 0"), (index, b"index 99999"), (index, b"index 01"), (index, b"index -1"),
        (index + 1, lines[index + 1][::-1]), (index + 1, b"AAAA"), (1, b"extra AAAA"), (1, b"extra ="),
        (0, b"c2sp.org/tlog-proof@v2"),
    ):  # fmt: skip
        file.write_bytes(b"\n".join([*lines[:at], other, *lines[at + 1 :]]))
        assert run(tmp_path, "proof", file, "--pin", get_verifier_key()).code == 1, other
    for raw in (b"", b"\xff", good[:-1], good[:100], good.replace(b"\n\n", b"\n")):
        file.write_bytes(raw)
        assert run(tmp_path, "proof", file, "--pin", get_verifier_key()).code == 1, raw


def test_a_bundle_proves_every_signed_step_and_holds_no_values(site, tmp_path):
    """AUD-06, AUD-07."""
    request_id = propose(site)["id"]
    maintain_ledger(now=get_now())
    file = taken(site, request_id, "bundle", tmp_path)
    bundle = json.loads(file.read_bytes())
    assert [json.loads(item["body"])["type"] for item in bundle["events"]] == ["request.received", "request.decided"]
    assert [item["values"] for item in bundle["events"]] == [{}, {}]
    assert run(tmp_path, "bundle", file, "--pin", get_verifier_key()).is_verified


def test_an_edited_bundle_is_refused(site, tmp_path):
    """AUD-06: attack 83."""
    request_id = propose(site)["id"]
    maintain_ledger(now=get_now())
    file = taken(site, request_id, "bundle", tmp_path)
    good = json.loads(file.read_bytes())

    def verdict(**changes):
        file.write_text(json.dumps(good | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        return run(tmp_path, "bundle", file, "--pin", get_verifier_key()).code

    first, second = good["events"]
    assert verdict() == 0
    assert verdict(events=[second, first]) == 1
    assert verdict(events=[first, first]) == 1
    assert verdict(events=[first | {"index": second["index"]}]) == 1
    assert verdict(events=[first | {"body": first["body"].replace("agent", "human", 1)}]) == 1
    assert verdict(events=[first | {"values": {"changes": {"salt": "0" * 32, "text": "{}"}}}]) == 1
    assert verdict(subject={"type": "request", "id": "other"}) == 1
    assert verdict(events=[]) == 1
    assert verdict(countersign_bundle=2) == 1
    assert verdict(countersign_bundle=True) == 1
    for raw in (b"", b"[]", b"[" * 100_000, b'{"events":1}', json.dumps(good).encode()):
        file.write_bytes(raw)
        assert run(tmp_path, "bundle", file, "--pin", get_verifier_key()).code == 1


@pytest.mark.parametrize("kind", ["receipt", "bundle"])
def test_another_agents_request_is_not_there(site, kind):
    """AUD-06: attack 95."""
    other = make_site("other", agent_name="agent.other")
    request_id = propose(site)["id"]
    maintain_ledger(now=get_now())
    assert get(f"/action-requests/{request_id}/{kind}/", token=other.world.token).status_code == 404
    assert not LedgerEvent.objects.filter(type="bundle.downloaded").exists()
