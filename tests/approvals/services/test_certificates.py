"""Certificates of non-contact: what they show, what they refuse to, and what a stranger accepts (DNC-07)."""

import base64
import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from approvals.domain.certificate import write_certificate
from approvals.models import ContactCertificate, ContactDay, ContactPart
from approvals.services.certificate_content import CertificateError
from approvals.services.certificates import read_certificate
from approvals.services.contact_rooting import root_contacts
from approvals.services.followers import follow_ledger
from audit.domain.event import Subject
from audit.domain.note import sign_note
from audit.domain.sorted_map import Entry, map_root, part_head
from audit.models import LedgerEvent
from audit.services.export import export_ledger
from audit.services.maintain import maintain_ledger
from audit.services.signing_key import get_origin, get_signing_key, get_verifier_key
from audit.verifier.noncontact import RefusedError, read_export, recheck_certificate, verify_certificate
from governance.selectors.access import NotAllowedError
from governance.selectors.contact_keys import get_contact_key
from tests.builders.approvals import submit
from tests.builders.audit import append, new_event
from tests.builders.console import make_login
from tests.builders.contacts import after, certify, end_day, make_compliance, map_label, send_to, sent_late, today
from tests.builders.dnc import list_entry
from tests.builders.outward import email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)


def check(row, map_key=None):
    return verify_certificate(bytes(row.content), get_verifier_key(), map_key)


def refusal(site, *typed, **changes):
    with pytest.raises(CertificateError) as refused:
        certify(site, *typed, **changes)
    assert ContactCertificate.objects.count() == 0
    return refused.value.code


def test_who_was_not_contacted_is_shown_not_to_be():
    """DNC-07: among people who were, with a proof for every day; without any key of ours but the pinned one."""
    site = make_sending_site()
    for number in range(3):
        send_to(site, make_contact(site, email=f"other{number}@acme.example", phone=""))
    end_day(after(2))
    row = certify(site, "Never@Acme.example", last=today() + timedelta(days=1), now=after(2))
    found = check(row)
    assert (found.sends, found.attempts, found.days) == ((), 0, 2)
    assert found.names == ("email:never@acme.example",)
    assert not found.is_name_proven
    assert check(row, get_contact_key(site.world.workspace.pk)).is_name_proven
    assert "other0@acme.example" not in bytes(row.content).decode()


def test_a_contact_is_found_under_every_address_of_the_person():
    """DNC-07: asked about by the phone number, the e-mail that left shows itself; and the person's other addresses."""
    site = make_sending_site()
    contact = make_contact(site, additional_emails="j@old.example")
    request = send_to(site, contact)
    end_day()
    for typed in ("+1 (202) 555-0123", "J@OLD.example", f"embedded/contacts/{contact}"):
        row = certify(site, typed)
        assert check(row).sends == (str(request.pk),)
        assert {"email:jane@acme.example", "email:j@old.example", "phone:+12025550123"} <= set(row.names)
        assert (row.sends, row.attempts) == (1, 1)


def test_what_was_stopped_is_told_as_an_attempt_with_the_list_that_stopped_it():
    """DNC-05, DNC-07: a denied request is an attempt and no send; list version and entry are named."""
    site = make_sending_site()
    contact = make_contact(site)
    entry = list_entry(site.world.workspace, "jane@acme.example")
    denied = submit(site, **email_to(contact))
    assert denied.status_code == "dnc_blocked"
    end_day()
    row = certify(site, "jane@acme.example")
    assert (check(row).sends, check(row).attempts) == ((), 1)
    told = json.loads(bytes(row.content))["certificate"]
    [attempt] = told["requests"]
    [decided] = [json.loads(event["body"]) for event in attempt["events"]]
    assert decided["data"]["code"] == "dnc_blocked"
    added = LedgerEvent.objects.filter(type="dnc.added").order_by("-id")[0]
    assert attempt["list"]["event"] == str(added.pk)
    assert [item["entry"] for item in told["listed"]] == [str(entry)]


class TestRefused:
    """DNC-07: fails closed, by name."""

    def test_a_day_without_a_map_is_named_and_nothing_is_given(self):
        site = make_sending_site()
        end_day()
        code = refusal(site, "a@acme.example", first=today() - timedelta(days=1), last=today())
        assert code == "day_missing"
        with pytest.raises(CertificateError, match=(today() - timedelta(days=1)).isoformat()):
            certify(site, "a@acme.example", first=today() - timedelta(days=1), last=today())

    def test_a_day_that_is_not_over(self):
        site = make_sending_site()
        end_day()
        assert refusal(site, "a@acme.example", now=after(0)) == "period_wrong"

    @pytest.mark.parametrize(
        ("typed", "days", "code"),
        [
            ((), 0, "no_address"),
            (("no address",), 0, "invalid_recipient"),
            (("a@acme.example",), -1, "period_wrong"),
            (("a@acme.example",), -5_000, "period_wrong"),
        ],
    )
    def test_what_cannot_be_asked(self, typed, days, code):
        site = make_sending_site()
        end_day()
        first = today() + timedelta(days=days) if days < -1 else today()
        last = today() + timedelta(days=days) if days == -1 else today()
        assert refusal(site, *typed, first=first, last=last) == code

    def test_while_the_map_is_under_no_signed_checkpoint(self):
        site = make_sending_site()
        maintain_ledger(now=after())
        follow_ledger()
        root_contacts(now=after())
        assert refusal(site, "a@acme.example") == "not_yet_proven"

    def test_while_requests_are_not_all_looked_through(self):
        site = make_sending_site()
        maintain_ledger(now=after())
        root_contacts(now=after())
        maintain_ledger(now=after())
        assert refusal(site, "a@acme.example") == "not_indexed"

    def test_where_a_map_was_bent_in_the_database(self):
        """Somebody is taken out of the kept map: the root in the ledger says otherwise, and none is given."""
        site = make_sending_site()
        send_to(site, make_contact(site))
        end_day()
        part, day = ContactPart.objects.get(), ContactDay.objects.get()
        kept = bytes(part.entries)
        entries = [Entry(kept[at : at + 32], kept[at + 32 : at + 64]) for at in range(0, len(kept), 64)][1:]
        head = part_head(entries)
        ContactPart.objects.filter(pk=part.pk).update(entries=b"".join(entry.bytes for entry in entries))
        ContactDay.objects.filter(pk=day.pk).update(
            size=len(entries), heads=head.first + head.root, root=map_root([head])
        )
        assert refusal(site, "never@acme.example") == "does_not_hold"

    def test_to_whom_the_list_is_not_entrusted(self):
        site = make_sending_site()
        end_day()
        stranger = make_login(site.world.workspace, "view_requests", "view_ledger", "add_dnc", name="Sam Stranger")
        with pytest.raises(NotAllowedError):
            certify(site, "a@acme.example", user=stranger)
        assert ContactCertificate.objects.count() == 0


def test_giving_and_downloading_are_on_record_without_an_address():
    """DNC-07, AUD-01: who was given what, by digest; the names are values that can be erased."""
    site = make_sending_site()
    end_day()
    user = make_compliance(site.world.workspace)
    row = certify(site, "jane@acme.example", user=user)
    assert read_certificate(row=row, person_id=user.person_id, user_id=user.pk, now=after()) == bytes(row.content)
    events = LedgerEvent.objects.filter(type__startswith="certificate.").order_by("id")
    assert [event.type for event in events] == ["certificate.issued", "certificate.downloaded"]
    for event in events:
        assert event.actor_id == str(user.person_id)
        assert row.sha256 in bytes(event.body).decode()
        assert "jane" not in bytes(event.body).decode()


def test_nobody_else_downloads_one():
    """DNC-07: whoever neither keeps the list nor reads the ledger is refused, and nothing is recorded."""
    site = make_sending_site()
    end_day()
    row = certify(site, "jane@acme.example")
    stranger = make_login(site.world.workspace, "view_requests", "review_requests", name="Rita Reviewer")
    with pytest.raises(NotAllowedError):
        read_certificate(row=row, person_id=stranger.person_id, user_id=stranger.pk, now=after())
    assert not LedgerEvent.objects.filter(type="certificate.downloaded").exists()


def test_a_late_send_shows_itself_in_a_certificate_over_its_own_day():
    """DNC-07: told by a later map, found all the same."""
    site = make_sending_site()
    request = send_to(site, make_contact(site))
    end_day()
    sent_late(today(), map_label(site, "email:jane@acme.example"), subject=str(request.pk))
    end_day(after(2))
    row = certify(site, "jane@acme.example", now=after(2))
    assert row.sends == 2
    assert len(check(row).sends) == 2
    assert len(json.loads(bytes(row.content))["certificate"]["late"]) == 1


def sign_again(row, **changes):
    """The certificate as an issuer who lies would sign it."""
    told = json.loads(bytes(row.content))["certificate"] | changes
    told.pop("format")
    return write_certificate(told, lambda text: sign_note(text, origin=get_origin(), key=get_signing_key()))


def make_late():
    """A certificate over a day of which a later map tells a send, with a quiet day behind it."""
    site = make_sending_site()
    request = send_to(site, make_contact(site))
    end_day()
    sent_late(today(), map_label(site, "email:jane@acme.example"), subject=str(request.pk))
    end_day(after(2))
    end_day(after(3))
    return certify(site, "jane@acme.example", now=after(3))


class TestLateSendsCannotBeHidden:
    """DNC-07: an issuer who signs anything still has to show every later root that it says it looked at."""

    def test_every_later_day_is_there(self):
        found = check(make_late())
        assert (len(found.sends), found.known_until) == (2, (today() + timedelta(days=2)).isoformat())

    @pytest.mark.parametrize("kept", [slice(0), slice(1), slice(1, 2), slice(None, None, -1)])
    def test_a_later_day_left_out(self, kept):
        row = make_late()
        late = json.loads(bytes(row.content))["certificate"]["late"]
        with pytest.raises(RefusedError, match="is missing"):
            verify_certificate(sign_again(row, late=late[kept]), get_verifier_key())

    def test_a_day_in_the_future(self):
        future = (today() + timedelta(days=400)).isoformat()
        with pytest.raises(RefusedError, match="is missing"):
            verify_certificate(sign_again(make_late(), known_until=future), get_verifier_key())

    def test_a_later_day_without_its_proofs(self):
        row = make_late()
        late = json.loads(bytes(row.content))["certificate"]["late"]
        late[0]["proofs"] = []
        with pytest.raises(RefusedError, match="not one proof"):
            verify_certificate(sign_again(row, late=late), get_verifier_key())

    def test_a_send_that_became_known_afterwards_is_found_in_a_newer_export(self, tmp_path):
        site = make_sending_site()
        end_day()
        row = certify(site, "jane@acme.example")
        sent_late(today(), map_label(site, "email:jane@acme.example"))
        end_day(after(2))
        export_ledger(path=tmp_path / "export", now=after(2))
        [problem] = recheck_certificate(check(row), read_export(tmp_path / "export"))
        assert "does not show" in problem

    def test_a_send_that_does_not_say_whom_it_reached_is_found_in_a_newer_export(self, tmp_path):
        """DNC-07: it may have been the person; whether its day has been told anew or not."""
        site = make_sending_site()
        request = send_to(site, make_contact(site))
        end_day()
        row = certify(site, "never@acme.example")
        append(
            new_event(type="request.sent", subject=Subject("request", str(request.pk))),
            now=after() - timedelta(hours=2),
        )
        maintain_ledger(now=after(1))
        for number in range(2):
            export_ledger(path=tmp_path / f"export{number}", now=after(2))
            [problem] = recheck_certificate(check(row), read_export(tmp_path / f"export{number}"))
            assert "does not say whom it reached" in problem
            end_day(after(2))


def run_verifier(*words):
    """The file alone, as a stranger runs it: exit code and what it says."""
    program = Path("audit/verifier/noncontact.py")
    done = subprocess.run([sys.executable, "-I", program, *words], capture_output=True, timeout=60, check=False)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode()


class TestTheProgram:
    """DNC-07: what a stranger sees."""

    def run(self, tmp_path, content, *words):
        (tmp_path / "certificate.json").write_bytes(content)
        return run_verifier(tmp_path / "certificate.json", get_verifier_key(), *words)

    def test_only_an_export_of_the_same_ledger_and_not_an_older_one_will_do(self, tmp_path):
        site = make_sending_site()
        end_day()
        export_ledger(path=tmp_path / "older", now=after())
        send_to(site, make_contact(site))
        end_day(after(2))
        row = certify(site, "jane@acme.example", now=after(2))
        export_ledger(path=tmp_path / "same", now=after(2))
        content = bytes(row.content)
        (tmp_path / "empty").mkdir()
        (tmp_path / "empty" / "checkpoint").write_text("countersign\n0\n\n")
        assert self.run(tmp_path, content, "--export", tmp_path / "same")[0] == 0
        for name in ("older", "empty"):
            code, said = self.run(tmp_path, content, "--export", tmp_path / name)
            assert (code, "not of the ledger" in said) == (1, True)

    @pytest.mark.parametrize("bent", [lambda _: b"", lambda packed: packed[:-1], lambda packed: packed + b"\0\0"])
    def test_a_torn_bundle_cannot_be_checked_and_ends(self, tmp_path, bent):
        site = make_sending_site()
        end_day()
        row = certify(site, "jane@acme.example")
        export_ledger(path=tmp_path / "export", now=after())
        [bundle] = [item for item in (tmp_path / "export" / "tile" / "entries").rglob("*") if item.is_file()]
        bundle.write_bytes(bent(bundle.read_bytes()))
        code, said = self.run(tmp_path, bytes(row.content), "--export", tmp_path / "export")
        assert (code, said.startswith("CANNOT BE CHECKED")) == (2, True)

    def test_a_missing_file_is_told_in_words(self, tmp_path):
        code, said = run_verifier(tmp_path / "none.json", get_verifier_key())
        assert (code, said.startswith("CANNOT BE CHECKED")) == (2, True)

    def test_a_name_cannot_write_lines_of_its_own(self, tmp_path):
        site = make_sending_site()
        end_day()
        row = certify(site, "jane@acme.example")
        [name] = json.loads(bytes(row.content))["certificate"]["names"]
        lying = {**name, "name": "a@acme.example\r\nhanded over: none\n\x1b[8m\u202e"}
        code, said = self.run(tmp_path, sign_again(row, names=[lying]))
        assert (code, len(said.splitlines())) == (0, 4)
        assert said.replace("\n", "").isprintable()


def bend(whole, chance):
    """The certificate as JSON with one value somewhere changed, dropped or doubled."""
    places = []

    def walk(node):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in list(items):
            places.append((node, key))
            if isinstance(value, dict | list):
                walk(value)

    walk(whole)
    node, key = chance.choice(places)
    value = node[key]
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        node[key] = value[:at] + chance.choice("0123456789abcdefXYZ=") + value[at + 1 :]
    elif isinstance(value, int):
        node[key] = value + chance.choice((-1, 1))
    elif chance.random() < 0.5:
        node[key] = None
    else:
        del node[key]
    return whole


def count_accepted(content, rounds):
    chance, accepted = random.Random(5), 0  # noqa: S311  # the same examples every time
    for _ in range(rounds):
        bent = bend(json.loads(content), chance)
        if bent == json.loads(content):
            continue
        try:
            verify_certificate(json.dumps(bent).encode(), get_verifier_key())
            accepted += 1
        except RefusedError:
            pass
    return accepted


def test_a_bent_certificate_is_refused():
    """DNC-07: 200 random changes anywhere, none accepted, and none breaks the verifier."""
    site = make_sending_site()
    send_to(site, make_contact(site))
    end_day()
    row = certify(site, "jane@acme.example")
    assert count_accepted(bytes(row.content), 200) == 0
    other = get_verifier_key().split("+")
    forged = base64.b64encode(b"\x01" + bytes(32)).decode()
    with pytest.raises(RefusedError):
        verify_certificate(bytes(row.content), "+".join((other[0], other[1], forged)))
