"""How rules compare: values as texts, numbers and dates read strictly, domains as a resolver reads them (POL-04)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from governance.domain.rule import NamedList
from governance.domain.rule_lists import entries_with_includes, ready_lists
from governance.domain.rule_values import UnreadableError, days_ago, domain_of, is_below, is_number, number_of, texts_of

NOW = datetime(2031, 5, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, ()),
        ("", ()),
        ("  ", ()),
        (" a b ", ("a b",)),
        ("XXXX", ("XXXX",)),
        (0, ("0",)),
        (7.0, ("7",)),
        (7.5, ("7.5",)),
        (True, ("true",)),
        (False, ("false",)),
        (["a", None, ["b", 7.0]], ("a", "b", "7")),
        (("a",), ("a",)),
        ([], ()),
    ],
)
def test_a_value_is_a_few_texts(value, texts):
    assert texts_of(value) == texts


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7.0), ("-7.5", -7.5), ("+1e3", 1000.0), ("0", 0.0), ("1" * 40, float("1" * 40)), ("1E-2", 0.01)],
)
def test_numbers_are_read_strictly(text, number):
    assert is_number(text)
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", "x", "1,5", "1 000", "٧", "inf", "nan", "1e999", "1" * 41, ".5", "5."])
def test_what_is_no_number_is_not_taken_for_one(text):
    assert not is_number(text)
    with pytest.raises(UnreadableError):
        number_of(text)


def test_a_day_without_a_zone_is_one_of_utc():
    assert days_ago("2031-05-16", NOW) == 1.5
    assert days_ago("2031-05-17T06:00:00", NOW) == 0.25
    assert days_ago("2031-05-17T14:00:00+02:00", NOW) == 0
    assert days_ago("2031-05-18T12:00:00Z", NOW) == -1
    assert days_ago("2031-05-16", NOW.astimezone(timezone(timedelta(hours=9)))) == 1.5
    with pytest.raises(UnreadableError):
        days_ago("yesterday", NOW)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        (" WWW.Acme.COM. ", "acme.com"),
        ("ann@mail.acme.com", "mail.acme.com"),
        ("ann@evil.example@acme.com", "acme.com"),
        ("https://acme.com", "acme.com"),
        ("https://user:pw@acme.com:8443/a?b#c", "acme.com"),
        ("https://acme.com?x@evil.example", "acme.com"),
        ("https://acme.com#x@evil.example", "acme.com"),
        ("https://acme.com\\@evil.example", "acme.com"),
        ("acme.com/about", "acme.com"),
        ("acme.com:80", "acme.com"),
        ("ann@acme.com?subject=x", "acme.com"),
        ("ａｃｍｅ.com", "acme.com"),
        ("аcme.com", "аcme.com"),
        ("www.localhost", "localhost"),
        ("localhost", ""),
        ("https://localhost/", ""),
        ("", ""),
    ],
)
def test_a_domain_is_read_as_a_resolver_reads_it(text, domain):
    assert domain_of(text) == domain


def test_a_domain_lies_below_itself_and_those_above_it():
    listed = {"acme.com", "co.uk"}
    assert [is_below(name, listed) for name in ("acme.com", "eu.mail.acme.com", "x.co.uk")] == [True] * 3
    assert [is_below(name, listed) for name in ("notacme.com", "acme.com.evil.example", "com", "")] == [False] * 4


# lists

VIP = NamedList(name="vip", kind="domains", entries=("https://www.Acme.com/", "no domain"), includes=("more",))
MORE = NamedList(name="more", kind="domains", entries=("rival.com",), includes=("vip", "gone"))
TERMS = NamedList(name="terms", kind="terms", entries=("Free Trial", "free", "risk free offer", "---"))
NAMES = NamedList(name="names", kind="values", entries=(" Ｎorway ", "New  York"))


def test_a_list_holds_what_the_lists_it_includes_hold():
    """A circle ends where it began, and a list that is gone adds nothing."""
    ready = ready_lists((VIP, MORE, TERMS))
    assert ready["vip"].entries == ready["more"].entries == {"acme.com", "rival.com"}
    by_name = {"vip": VIP, "more": MORE}
    assert entries_with_includes(VIP, by_name) == {"https://www.Acme.com/", "no domain", "rival.com"}
    assert entries_with_includes(TERMS, {}) == set(TERMS.entries)
    assert [ready[name].kind for name in ("vip", "terms")] == ["domains", "terms"]


@pytest.mark.parametrize(
    ("name", "text", "is_held"),
    [
        ("vip", "ann@mail.acme.com", True),
        ("vip", "notacme.com", False),
        ("vip", "", False),
        ("names", "norway", True),
        ("names", "new york", True),
        ("names", "new", False),
        ("terms", "FREE  trial", True),
        ("terms", "a free lunch", True),
        ("terms", "freedom", False),
        ("terms", "risk offer", False),
        ("terms", "a risk free offer today", True),
    ],
)
def test_each_kind_of_list_compares_in_its_own_way(name, text, is_held):
    assert ready_lists((VIP, MORE, TERMS, NAMES))[name].holds(text) is is_held


def test_a_term_is_found_where_all_its_words_follow_each_other():
    ready = ready_lists((NamedList(name="t", kind="terms", entries=("no risk", "no")),))["t"]
    assert ready.phrases == {"no": ((), ("risk",))}
    alone = ready_lists((NamedList(name="t", kind="terms", entries=("no risk", "no fee")),))["t"]
    assert alone.is_mentioned(["there", "is", "no", "fee"])
    assert alone.is_mentioned(["no", "way", "no", "risk", "here"])
    assert not alone.is_mentioned(["risk", "no"])
    assert not alone.is_mentioned(["no"])
    assert not alone.is_mentioned([])


def test_an_address_within_an_address_is_not_where_it_leads():
    assert domain_of("https://a.example/go?to=https://b.example") == "a.example"
