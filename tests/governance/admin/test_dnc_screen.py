"""The pages of the do-not-contact list: who may look and add, what is asked and answered, how an entry ends."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.adapters.dnc_files import keep_proof
from governance.models import ChangeProposal, DncEntry, DncProof
from governance.services.change_proposals import countersign_change
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.dnc import list_entry
from tests.builders.governance import make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
LIST = reverse("admin:governance_dncentry_changelist")
ADD = reverse("admin:governance_dncentry_add")
LOOK = reverse("admin:governance_dncentry_look")
HOSTILE = "<script>alert(1)</script> asked"
PDF = b"%PDF-1.7\n<script>alert(1)</script>"


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def compliance(workspace):
    return make_login(workspace, "add_dnc", "manage_dnc", name="Cora Compliance")


def page_of(entry_id):
    return reverse("admin:governance_dncentry_change", args=[entry_id])


def propose(entry_id):
    return reverse("admin:governance_dncentry_propose", args=[entry_id])


def fill(**changes):
    return {"kind": "email", "value": "jane@example.com", "reason": HOSTILE, "source": "complaint", **changes}


def test_whoever_may_only_look_adds_and_ends_nothing(workspace):
    """DNC-02/06: RevOps without the permissions reads; every other door refuses."""
    entry_id = list_entry(workspace, "jane@example.com")
    reader = log_in(make_login(workspace, "edit_policy"))
    assert "jane@example.com" in text_of(reader.get(LIST))
    assert "Add an entry" not in text_of(reader.get(LIST))
    assert "Propose to take it off" not in text_of(reader.get(page_of(entry_id)))
    for answer in (
        reader.get(ADD),
        reader.post(ADD, fill(value="new@example.com")),
        reader.post(LOOK, {"kind": "email", "value": "jane@example.com"}),
        reader.post(propose(entry_id), {"reason": "x"}),
    ):
        assert answer.status_code == 403
    assert DncEntry.objects.count() == 1
    assert not ChangeProposal.objects.exists()


@pytest.mark.parametrize("permissions", [(), ("view_own_requests",), ("view_requests",)])
def test_reps_and_strangers_see_nothing(workspace, permissions):
    """DNC-02."""
    entry_id = list_entry(workspace, "jane@example.com")
    rep = log_in(make_login(workspace, *permissions))
    for address in (LIST, ADD, page_of(entry_id), propose(entry_id)):
        assert rep.get(address).status_code in (302, 403)


def test_another_workspace_stays_closed(workspace):
    entry_id = list_entry(make_workspace("other"), "jane@example.com")
    manager = log_in(make_login(workspace, "add_dnc", "manage_dnc"))
    assert "jane@example.com" not in text_of(manager.get(LIST))
    assert manager.get(page_of(entry_id)).status_code == 403
    assert manager.post(propose(entry_id), {"reason": "x"}).status_code == 403
    assert "Not listed" in text_of(manager.post(LIST, {"asked": "jane@example.com"}))


def test_the_list_pages_newest_first_without_counting(workspace, compliance):
    """DNC-04: keyset pages; the same statements for one page as for many."""
    for number in range(55):
        list_entry(workspace, f"p{number}@example.com")
    client = log_in(compliance)
    with captured_statements() as statements:
        first = text_of(client.get(LIST))
    assert not [text for text in statements if "COUNT(" in text.upper()]
    assert "p54@" in first
    assert "p4@example.com" not in first
    older = first.split('href="?workspace=acme&amp;before=')[1].split('"')[0]
    second = text_of(client.get(LIST, {"before": older}))
    assert "p4@example.com" in second
    assert "p5@example.com" not in second


def test_filters_show_kind_brand_and_state(workspace, compliance):
    now = get_now()
    list_entry(workspace, "+1 415 555 2671", kind="phone", brand="north")
    list_entry(workspace, "later@example.com", effective_from=now + timedelta(days=2))
    list_entry(workspace, "over@example.com", now=now - timedelta(days=9), effective_until=now - timedelta(days=1))
    client = log_in(compliance)

    def shown(**wanted):
        page = text_of(client.get(LIST, wanted))
        return [name for name in ("555 2671", "later@", "over@") if name in page]

    assert shown(kind="phone") == ["555 2671"]
    assert shown(brand="north") == ["555 2671"]
    assert shown(state="in_force") == ["555 2671"]
    assert shown(state="later") == ["later@"]
    assert shown(state="ran_out") == ["over@"]
    assert shown(state="removed") == []


def test_is_this_listed_says_which_entry_why_and_since_when(workspace, compliance):
    """DNC-03."""
    entry_id = list_entry(workspace, "jane.doe@gmail.com", reason=HOSTILE)
    client = log_in(compliance)
    answer = client.post(LIST, {"asked": "JаneDoe+news@googlemail.com"})  # a Cyrillic letter
    page = text_of(answer)
    for expected in ("Listed:", page_of(entry_id), "capital letters", "look the same", "a +tag", "same provider"):
        assert expected in page
    assert not [node for node in find_acting_nodes(answer.content) if "alert" in node]
    before = text_of(client.post(LIST, {"asked": "janedoe@gmail.com", "at": "2020-01-01T00:00"}))
    assert "Not listed:" in before
    assert "not listed then" in before
    assert "Not listed:" in text_of(client.post(LIST, {"asked": "john@gmail.com"}))
    assert "is not a plain e-mail address" in text_of(client.post(LIST, {"asked": "a b@c d"}))


def test_everyone_below_a_domain_is_found_by_it(workspace, compliance):
    list_entry(workspace, "corp.example", kind="domain")
    assert "everyone at this domain and below it" in text_of(
        log_in(compliance).post(LIST, {"asked": "jane@mail.corp.example"})
    )
    list_entry(workspace, "+1 (415) 555-2671", kind="phone")
    assert "another way to write the number" in text_of(log_in(compliance).post(LIST, {"asked": "+1 415 555 2671"}))


def test_a_look_says_how_it_will_match_and_what_is_listed_already(workspace, compliance):
    list_entry(workspace, "jane@example.com")
    client = log_in(compliance)
    page = text_of(client.post(LOOK, {"kind": "email", "value": "Jane+x@Example.com"}))
    for expected in ("<bdi>jane@example.com</bdi>", "capital letters", "Listed already"):
        assert expected in page
    assert "strangers register theirs" in text_of(client.post(LOOK, {"kind": "domain", "value": "co.uk"}))
    assert DncEntry.objects.count() == 1


def test_an_entry_with_its_proof_is_added_and_the_proof_is_only_ever_downloaded(workspace, compliance):
    """DNC-02: the document's hash is in the ledger, and no browser opens it."""
    client = log_in(compliance)
    upload = SimpleUploadedFile('let/ter"\r\nX-Evil: 1.html', PDF, content_type="text/html")
    answer = client.post(ADD, fill(proof=upload, brand="north", effective_until="2099-01-01T00:00"))
    entry = DncEntry.objects.select_related("proof").get()
    assert answer.url == page_of(entry.pk)
    assert (entry.brand, entry.effective_until.year) == ("north", 2099)
    assert entry.proof.sha256 in bytes(LedgerEvent.objects.get(type="dnc.added").body).decode()
    document = client.get(reverse("admin:governance_dncentry_proof", args=[entry.proof.pk]))
    assert document.content == PDF
    assert document["Content-Type"] == "application/octet-stream"
    assert document["X-Content-Type-Options"] == "nosniff"
    assert document["Content-Disposition"].startswith("attachment")
    assert "sandbox" in document["Content-Security-Policy"]
    assert "X-Evil" not in document.headers
    reader = log_in(make_login(workspace, "edit_policy"))
    assert reader.get(reverse("admin:governance_dncentry_proof", args=[entry.proof.pk])).status_code == 403


@pytest.mark.parametrize(
    ("content", "words"), [(b"\x7fELF\x02", "must be a PDF"), (b"%PDF-" + b"x" * 10 * 2**20, "larger than 10 MB")]
)
def test_other_files_are_no_proof(workspace, compliance, content, words):
    page = text_of(log_in(compliance).post(ADD, fill(proof=SimpleUploadedFile("a.pdf", content))))
    assert words in page
    assert not DncEntry.objects.exists()
    assert not DncProof.objects.exists()


def test_a_proof_that_was_changed_on_the_disk_is_not_served_until_it_is_kept_anew(
    workspace, compliance, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    client = log_in(compliance)
    client.post(ADD, fill(proof=SimpleUploadedFile("a.pdf", PDF)))
    proof = DncProof.objects.get()
    path = settings.DATA_DIR / "dnc" / "proofs" / proof.sha256
    path.write_bytes(b"%PDF-other")
    url = reverse("admin:governance_dncentry_proof", args=[proof.pk])
    assert "is not the one that was kept" in text_of(client.get(url))
    keep_proof(PDF)
    assert client.get(url).content == PDF


def test_a_company_is_added_with_its_addresses(workspace, compliance):
    covers = "corp.example\r\nboss@corp-mail.example\n\n+1 415 555 2671"
    log_in(compliance).post(ADD, fill(kind="company", value="Corp Ltd", covers=covers))
    company = DncEntry.objects.get(kind="company")
    assert list(DncEntry.objects.filter(parent=company).order_by("id").values_list("kind", flat=True)) == [
        "domain",
        "email",
        "phone",
    ]
    assert "boss@corp-mail.example" in text_of(log_in(compliance).get(page_of(company.pk)))


def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(workspace, compliance):
    page = text_of(log_in(compliance).post(ADD, fill(value="not an address")))
    assert "Nothing was added. It is not one e-mail address." in page
    assert 'value="not an address"' in page


def test_two_people_take_an_entry_off_and_it_stays_to_be_seen(workspace, compliance):
    """DNC-06."""
    entry_id = list_entry(workspace, "jane@example.com")
    client, other = log_in(compliance), make_login(workspace, "manage_dnc", "countersign_changes", name="Carl Second")
    client.post(propose(entry_id), {"reason": "she wrote to us again"})
    proposal = ChangeProposal.objects.get()
    assert "jane" not in f"{proposal.subject}{proposal.payload}"
    page = text_of(client.get(page_of(entry_id)))
    assert "Cora Compliance proposed" in page
    assert "Propose to take it off" not in page
    countersign_change(proposal_id=proposal.pk, person_id=other.person_id, user_id=other.pk, now=get_now())
    page = text_of(client.get(page_of(entry_id)))
    assert "Countersigned and taken off" in page
    assert "Carl Second" in page
    assert "jane@example.com" in text_of(client.get(LIST))
    assert "jane@example.com" in text_of(client.get(LIST, {"state": "removed"}))


def test_the_statements_of_each_page_do_not_grow_with_its_rows(workspace, compliance):
    client = log_in(compliance)
    entry_id = list_entry(workspace, "Corp", kind="company", covers=(("email", "a@corp.example"),))

    def counts():
        taken = []
        for address in (LIST, page_of(entry_id)):
            with captured_statements() as statements:
                client.get(address)
            taken.append(len(statements))
        return taken

    client.get(LIST)
    few = counts()
    for number in range(20):
        list_entry(workspace, f"p{number}@example.com", kind="email")
    assert counts() == few
