"""DNC-03: one key for every way to write an address; what cannot be read is never "not listed" (attack cases 42–52)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.dnc_key import InvalidRecipientError, asked_keys, email_key, key_of, phone_key
from governance.domain.text_fold import folded, has_control, is_mixed_script

JANE = "jane.doe@example.com"
LOOKALIKES = {"a": "аɑα", "c": "с", "e": "е", "o": "оο", "p": "р", "x": "х", "i": "і", "j": "ј", "s": "ѕ", "n": "ｎ"}
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u202c\u2066\u034f\ufe0f\u180e"


@pytest.mark.parametrize(
    "disguise",
    [
        "Jane.Doe@Example.COM",
        "  jane.doe@example.com\t",
        "\u00a0jane.doe@example.com\u3000",
        "jane.doe+news@example.com",
        "jane.doe++@example.com",
        "ja\u200bne.doe@exam\u00adple.com",
        "\u202ejane.doe@example.com\u202c",
        "ｊａｎｅ．ｄｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "jаne.doe@example.com",
        "jane.doe@exаmple.com",
        "jane.doe@xn--exmple-4nf.com",
        "jane.doe@EXAMPLE。com",
        "jane．doe@example｡com",
        "𝐣𝐚𝐧𝐞.doe@example.com",
    ],
)
def test_a_disguised_address_has_the_key_of_the_plain_one(disguise):
    """DNC-03: cases 42, 43, 44, 45, 46, 48."""
    assert email_key(disguise) == email_key(JANE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane.doe@gmail.com", "J.a.n.e.D.o.e+x@googlemail.com"),
        ("jane_doe@pm.me", "janedoe@protonmail.com"),
        ("jane@me.com", "jane@icloud.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
        ("jane@BÜCHER.example", "jane@bu\u0308cher.example"),
    ],
)
def test_one_mailbox_one_key(one, other):
    """DNC-03: cases 43, 47."""
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane1@example.com", "janel@example.com"),
        ("jane.doe@example.com", "janedoe@example.com"),
        ("jane@example.com", "jane@example.org"),
        ("jané@example.com", "jane@example.com"),
        ("bem@example.com", "bern@example.com"),
    ],
)
def test_different_people_keep_different_keys(one, other):
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "jane@example.com.",
        "jane@.example.com",
        '"jane doe"@example.com',
        "jane(comment)@example.com",
        "Jane Doe <jane@example.com>",
        "jane@example.com, joe@example.com",
        "jane@example.com;joe@example.com",
        "jane@example.com\r\nBcc: joe@example.com",
        "jane@example.com\n",
        "mailto:jane@example.com",
        "jane%2e@example.com",
        "jane%joe@example.com",
        "jane..doe@example.com",
        ".jane@example.com",
        "+tag@example.com",
        "...@gmail.com",
        "jane@[127.0.0.1]",
        "jane@127.0.0.1",
        "jane@exa mple.com",
        "jane@xn--a.com",
        "jane@xn--.com",
        "jane\x00@example.com",
        "\ud800@example.com",
        "j" * 65 + "@example.com",
        "jane@" + "a" * 64 + ".com",
        "jane@" + "a." * 130 + "com",
        "x" * 5000,
    ],
)
def test_what_is_no_plain_address_is_refused(text):
    """DNC-03: case 49."""
    with pytest.raises(InvalidRecipientError):
        email_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "+1 (415) 555-2671",
        "415-555-2671",
        "tel:+1-415-555-2671",
        "+1 415 555 2671 ext. 12",
        "tel:+14155552671;ext=12",
        "(415) 555-2671 x9",
        "٤١٥٥٥٥٢٦٧١",
        "＋１４１５５５５２６７１",
        "415\u2011555\u20112671",
        "415\u200b5552671",
        "011 1 415 555 2671",
        "1 415 555 COS1",
    ],
)
def test_a_phone_number_has_one_key(text):
    """DNC-03: case 50."""
    assert phone_key(text, region="US") == "+14155552671"


@pytest.mark.parametrize(
    "text",
    [
        "I4155552671",
        "+1415555O671",
        "+1415555О671",
        "00114155552671",
        "+14155552671, +14155552672",
        "+14155552671/+14155552672",
        "+1 555",
        "",
        "call me",
        "tel:5552671;phone-context=+1415",
        "+14155552671\r\n",
        "+999123456789",
    ],
)
def test_what_is_no_phone_number_is_refused(text):
    """DNC-03: case 51."""
    with pytest.raises(InvalidRecipientError):
        phone_key(text, region="US")


def test_an_address_is_asked_about_with_every_domain_above_it():
    """DNC-02: case 52."""
    assert asked_keys("email", "jane@eu.mail.corp.co.uk", region="US") == (
        "email:jane@eu.mail.corp.co.uk",
        "domain:eu.mail.corp.co.uk",
        "domain:mail.corp.co.uk",
        "domain:corp.co.uk",
        "domain:co.uk",
    )
    assert key_of("domain", "@Corp.CO.UK", region="US") == "domain:corp.co.uk"


@pytest.mark.parametrize("suffix", ["com", "co.uk", "CO。UK", "", "-a.com", "a..com"])
def test_nobody_lists_a_whole_registry(suffix):
    with pytest.raises(InvalidRecipientError):
        key_of("domain", suffix, region="US")


def test_people_and_companies_are_records_or_names():
    assert key_of("person", "embedded/contacts/101", region="US") == "record:embedded/contacts/101"
    assert key_of("company", " ACME  Ｃorp ", region="US") == "company:acme corp"
    for text in ("", " ", "a\nb", "x" * 301):
        with pytest.raises(InvalidRecipientError):
            key_of("person", text, region="US")
    with pytest.raises(InvalidRecipientError):
        key_of("planet", "x", region="US")


@pytest.mark.parametrize("script", ["а", "α", "ա", "Ꭰ", "ⲁ", "ꓐ"])  # Cyrillic, Greek, Armenian, Cherokee, Coptic, Lisu
def test_scripts_that_look_alike_are_noticed_in_one_word(script):
    assert is_mixed_script(f"p{script}ypal@example.com")
    assert not is_mixed_script(f"{script}{script}@example.com")


@pytest.mark.parametrize(
    "text", ["анна@пример.example", "bücher@example.com", "佐藤あ@例え.example", "中あ", "\U0003347f\u4e2d"]
)
def test_words_of_one_script_are_not_mixed(text):
    assert not is_mixed_script(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ja\u00adne", "jane"),
        ("a\u2013b", "a-b"),
        ("a\u2014b", "a-b"),
        ("\u0280", "r"),  # its capital alone looks like ours
        ("a\u0080b", "a\u0080b"),
        ("\u04c0\u04cf", "ll"),
        ("\u0405\u0406", "si"),
        ("\uab7a", "a"),  # the small letter of a script whose capitals look like ours
        ("٣", "3"),
        ("ß", "ss"),
        ("\u4e2d", "\u4e2d"),
        ("Δ", "δ"),
    ],
)
def test_one_spelling_for_what_looks_the_same(text, plain):
    assert folded(text) == plain


def test_controls_and_halves_of_characters_are_no_part_of_an_address():
    assert [has_control(text) for text in ("a\x7f", "a\ud800", "a\u200b", "a b", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40))
def test_every_text_has_a_key_or_is_refused(text):
    """A key of a key is itself: what was stored matches when it is shown again."""
    for kind in ("email", "domain", "phone"):
        try:
            key = key_of(kind, text, region="US").partition(":")[2]
        except InvalidRecipientError:
            continue
        assert key_of(kind, key, region="US").partition(":")[2] == key


NAMES = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,6})?", fullmatch=True)
ADDRESSES = st.builds("{}@{}.{}".format, NAMES, st.from_regex(r"[a-z]{2,9}", fullmatch=True), st.just("example.com"))


@st.composite
def disguised(draw):
    """An address and the same one after a few evasions, in any order."""
    address = draw(st.one_of(ADDRESSES, st.builds("{}@gmail.com".format, NAMES)))
    text = address
    for evasion in draw(st.lists(st.sampled_from(EVASIONS), min_size=1, max_size=5)):
        text = evasion(draw, text)
    return address, text


def case(draw, text):
    return "".join(char.upper() if draw(st.booleans()) and len(char.upper()) == 1 else char for char in text)


def invisible(draw, text):
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(INVISIBLE)) + text[at:]


def lookalike(draw, text):
    return "".join(
        draw(st.sampled_from(LOOKALIKES[char])) if char in LOOKALIKES and draw(st.booleans()) else char for char in text
    )


def fullwidth(draw, text):
    return "".join(chr(ord(char) + 0xFEE0) if "!" < char <= "~" and draw(st.booleans()) else char for char in text)


def tag(draw, text):
    local, at, domain = text.replace("＠", "@").partition("@")
    return f"{local}+{draw(st.sampled_from(['x', 'news', '1']))}{at}{domain}"


def dot(draw, text):
    local, at, domain = text.replace("＠", "@").partition("@")
    return local + at + domain.replace(".", draw(st.sampled_from("。｡．.")))


def space(draw, text):
    return draw(st.sampled_from([" ", "\t", "\u00a0", "\u3000"])) + text + " "


def composed(draw, text):
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKD"])), text)


EVASIONS = [case, invisible, lookalike, fullwidth, tag, dot, space, composed]


@given(disguised())
def test_no_chain_of_evasions_changes_the_key(pair):
    """DNC-03: closed under the evasion transforms."""
    address, disguise = pair
    assert email_key(disguise) == email_key(address)


@given(st.integers(0, 9999), st.sampled_from(["-", " ", ".", "\u2011", "\u2013", ""]), st.booleans())
def test_no_way_to_write_a_number_changes_the_key(number, dash, is_arabic):
    plain = f"+1415555{number:04d}"
    written = dash.join([plain[:2], plain[2:5], plain[5:8], plain[8:]])
    if is_arabic:
        written = "".join(chr(0x0660 + int(char)) if char.isdigit() else char for char in written)
    assert phone_key(written, region="US") == plain
