"""What a text holds or lacks, however it is written, and in how little time (CNT-02, APR-08, cases 101 and 104)."""

import time

import pytest

from governance.domain.facts import MessageFacts, RecordFacts
from governance.domain.plain_text import fold, fold_body, fold_value
from governance.domain.rule import NamedList
from governance.domain.text_findings import find_in, find_lacking
from tests.builders.policy import FIELDS, RECORD, field, make_document, make_facts, make_index, make_request
from tests.governance.domain.test_rules import EASY, judged, matches, rule, says, when

HONEST = "Hello Ann,\nour spring event.\nAcme Inc, 12 Main Street, 0150 Oslo\nUnsubscribe: reply STOP"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Only $ 40 a month", "pricing"),
        ("40€ for you", "pricing"),
        ("we take 20 % off", "pricing"),
        ("a DISCOUNT for you", "pricing"),
        ("we guarantee results", "legal"),
        ("our SLA covers it", "legal"),
        ("SOC 2 certified", "security"),
        ("ISO 27001 audited", "security"),
        ("SSN 123-45-6789", "pii"),
        ("card 4111 1111 1111 1111", "pii"),
        ("iban NO93 8601 1117 947 and GB82 WEST 1234 5698 7654 32", "pii"),
        ("see https://example.com", "links"),
        ("see example.com today", "links"),
        ("see www.example.test", "links"),
    ],
)
def test_what_is_found(text, finding):
    assert finding in find_in(fold_body(text))


@pytest.mark.parametrize(
    "text", ["We met in Oslo last week.", "Order 1234 5678 9012 3456 7", "Mail ann@acme.com", "pricey", "encore"]
)
def test_what_is_not_found(text):
    assert find_in(fold_body(text)) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "ｄｉｓｃｏｕｎｔ",  # full width
        "dіscоunt",
        "dis\u00adcount",
        "dis\u200bcount",
        "d\u0336i\u0336s\u0336c\u0336o\u0336u\u0336n\u0336t",
        "d&#105;scount",
        "d&amp;#105;scount",
        "dis<b></b>count",
        "dis<!-- x -->count",
        "<td>discount</td><td>now</td>",
        "<p>a</p>discount<p>b</p>",
        "< discount >",
        "<discount now>",
        "𝐝𝐢𝐬𝐜𝐨𝐮𝐧𝐭",
        "díscöunt",
        "DISCOUNT",
    ],
)
def test_writing_it_oddly_hides_nothing(text):
    assert "pricing" in find_in(fold_body(f"A {text} for you"))


@pytest.mark.parametrize(
    ("value", "folded"),
    [("  New   York ", "new york"), ("ＩＴ", "it"), ("Straße", "strasse"), ("Ρаypal", "paypal"), ("ﬁn", "fin")],
)
def test_values_are_folded_before_they_are_compared(value, folded):
    assert fold_value(value) == folded


def test_folding_twice_is_folding_once():
    for text in (HONEST, "Ρаypal ﬁn Straße", "дом", "ＩＴ", "e\u0301"):
        assert fold(fold(text)) == fold(text)


class TestMessages:
    def found(self, wanted, **message):
        request = make_request(message=MessageFacts(**message))
        return matches(when("finding", "one_of", wanted), request=request)

    def test_an_honest_message_lacks_nothing(self):
        for finding in ("no_opt_out", "no_postal_address", "dishonest_subject", "attachments", "links"):
            assert not self.found(finding, subject="Spring event", body=HONEST)

    def test_what_the_law_asks_for(self):
        """CNT-02."""
        assert self.found("no_opt_out", body="Acme Inc, 12 Main Street, 0150 Oslo")
        assert self.found("no_postal_address", body="Unsubscribe here")
        for subject in ("Re: our talk", "FW: offer", "re : x", "ＲＥ: x", "R\u200be: x", "Re[2]: x"):
            assert self.found("dishonest_subject", subject=subject, body=HONEST)
        assert not self.found("dishonest_subject", subject="Regarding our talk", body=HONEST)

    def test_attachments_and_links_are_told_apart_from_the_text(self):
        assert self.found("attachments", body=HONEST, attachments=("offer.pdf",))
        assert self.found("links", body=HONEST, links=("https://example.com",))

    def test_what_an_attached_text_says_is_said(self):
        """CNT-02: prices, promises and personal data do not hide in a file."""
        said = {"attachments": ("a.csv",), "attached_text": "seat,price\n1,40 EUR\nGlobex,SSN 123-45-6789"}
        assert self.found("pricing", body=HONEST, **said)
        assert self.found("pii", body=HONEST, **said)
        assert not self.found("legal", body=HONEST, **said)
        request = make_request(message=MessageFacts(body=HONEST, **said))
        assert matches(when("text", "contains", "globex"), request=request)

    def test_a_file_does_not_make_the_message_honest(self):
        """CNT-02: the way to opt out and the postal address stand where people read them."""
        said = {"attachments": ("a.txt",), "attached_text": HONEST}
        assert self.found("no_opt_out", body="Hello", **said)
        assert self.found("no_postal_address", body="Hello", **said)

    def test_names_of_files_are_read(self):
        assert self.found("pricing", body=HONEST, attachments=("pricing 2031.pdf",))

    def test_more_attached_text_than_is_looked_through_is_refused(self):
        asked = rule(when("finding", "one_of", "pricing"), effect="approval")
        message = MessageFacts(body=HONEST, attachments=("a.txt",), attached_text="x" * 65_537)
        assert says(judged(asked, request=make_request(message=message))) == {"rule:r": "text_too_long"}

    @pytest.mark.parametrize(
        ("effect", "outcome"), [("deny", "deny"), ("approval", "require_approval"), ("raise_tier", "require_approval")]
    )
    def test_every_effect_follows_from_an_attachment(self, effect, outcome):
        """APR-08: refuse, ask, or raise the tier; and nothing of it without a file."""
        more = {"tier": "approval"} if effect == "raise_tier" else {}
        asked = rule(when("finding", "one_of", "attachments"), effect=effect, **more)
        for files, expected in ((("a.pdf",), outcome), ((), "allow")):
            request = make_request(message=MessageFacts(body=HONEST, attachments=files))
            assert judged(asked, request=request).outcome == expected

    def test_the_company_s_own_addresses_are_asked_for_when_they_are_known(self):
        lists = (NamedList(name="postal-addresses", kind="terms", entries=("Storgata 1, 0155 Oslo",)),)
        condition = when("finding", "one_of", "no_postal_address")
        request = make_request(message=MessageFacts(body=HONEST))
        assert matches(condition, request=request, lists=lists)
        request = make_request(message=MessageFacts(body="Acme\nStorgata 1,  0155 OSLO"))
        assert not matches(condition, request=request, lists=lists)

    def test_no_message_lacks_nothing(self):
        assert not matches(when("finding", "one_of", "no_opt_out", "no_postal_address"))

    def test_words_and_lists_of_terms(self):
        terms = (NamedList(name="rivals", kind="terms", entries=("Globex", "Umbrella Corp")),)
        for body, is_there in (
            ("better than Globex!", True),
            ("umbrella   corp", True),
            ("Umbrella\u200b Cоrp", True),
            ("umbrella corporation", False),
            ("globexes", False),
        ):
            request = make_request(message=MessageFacts(body=body))
            assert matches(when("text", "on_list", "rivals"), request=request, lists=terms) is is_there
            assert matches(when("text", "contains", "globex", "umbrella corp"), request=request) is is_there


class TestConfidential:
    """Case 101: the value of a sensitive field in what goes out."""

    def decide(self, body, value="Project Nightingale"):
        from governance.domain.engine import decide

        secret = field("secret_note", is_sensitive=True)
        document = make_document(fields=(*FIELDS, secret), actions=EASY)
        leak = rule(when("finding", "one_of", "confidential"))
        index = make_index(fields=document.fields, actions=EASY, rules=(leak,))
        record = RecordFacts(exists=True, version="7", values={**RECORD.values, "secret_note": value})
        return says(decide(index, make_facts(make_request(message=MessageFacts(body=body)), record=record)))

    def test_it_is_found_however_it_is_written(self):
        for body in ("about project nightingale.", "Project\nNightingale", "Prоject Night\u00adingale"):
            assert self.decide(body) == {"rule:r": "rule_denied"}

    def test_other_texts_pass(self):
        assert self.decide("about the nightingale") == {"rules": "ok"}

    def test_short_values_turn_up_anywhere_and_do_not_count(self):
        assert self.decide("yes we can", value="yes") == {"rules": "ok"}


ADVERSARIAL = (
    "a" * 65_000,
    "<" * 65_000,
    "<p" * 32_000,
    "1 " * 32_000,
    "1-" * 32_000,
    "12 main " * 8_000,
    "rue " * 16_000,
    "via a" * 13_000,
    "http" * 16_000,
    "a." * 32_000,
    "a-" * 32_000,
    "&amp;" * 13_000,
    "&" * 65_000,
    "e\u0301" * 32_000,
    "\u200b" * 65_000,
    "gb12" * 16_000,
    "gb12 abcd" * 7_000,
    " " * 65_000,
    "\n" * 65_000,
    "iso" * 21_000,
    "per " * 16_000,
    "1 a b c d e f " * 4_000,
    "p o p o " * 8_000,
)


@pytest.mark.parametrize("text", ADVERSARIAL, ids=lambda text: text[:9])
def test_no_text_takes_long(text):
    """Case 104: time grows with the length and no faster: twice the text takes about twice the time."""

    def seconds(part):
        started = time.process_time()
        folded = fold_body(part)
        find_in(folded)
        find_lacking("", folded, addresses=(), is_answer=False)
        return time.process_time() - started

    half, whole = min(seconds(text[: len(text) // 2]) for _ in range(2)), min(seconds(text) for _ in range(2))
    assert whole < max(3.2 * half, 0.15)


def test_long_lists_and_texts_do_not_multiply():
    terms = NamedList(name="t", kind="terms", entries=tuple(f"word{number} two three" for number in range(5_000)))
    request = make_request(message=MessageFacts(body="word1 two " * 6_000))
    started = time.process_time()
    assert says(judged(rule(when("text", "on_list", "t")), request=request, lists=(terms,))) == {"rules": "ok"}
    assert time.process_time() - started < 1.0
