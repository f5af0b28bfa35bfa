"""APR-03, APR-06: which requests stand together in the inbox, and which of them stand apart."""

from itertools import count

from approvals.domain.diff_shape import DiffShape, Member, cluster, values_key
from approvals.domain.outlier import find_outliers

_numbers = count()
SHAPE = DiffShape("agent", "update", "companies", ("industry",), "gated", "{}")


def member(after="Software", *, shape=SHAPE, confidence=0.9, **changes):
    return Member(key=f"r{next(_numbers)}", shape=shape, after={"Industry": after}, confidence=confidence, **changes)


def keys(parts):
    return [[item.key for item in part.members] for part in parts]


def reasons(*members):
    (part,) = cluster(members)
    found = find_outliers(part)
    return [found.get(item.key, ()) for item in members]


def test_another_shape_is_another_group():
    shapes = [
        SHAPE,
        DiffShape("other", "update", "companies", ("industry",), "gated", "{}"),
        DiffShape("agent", "create", "companies", ("industry",), "gated", "{}"),
        DiffShape("agent", "update", "deals", ("industry",), "gated", "{}"),
        DiffShape("agent", "update", "companies", ("industry", "name"), "gated", "{}"),
        DiffShape("agent", "update", "companies", ("industry",), "approval", "{}"),
        DiffShape("agent", "update", "companies", ("industry",), "gated", '{"count": 2}'),
    ]
    assert len(cluster([member(shape=shape) for shape in shapes for _ in range(2)])) == len(shapes)


def test_groups_stand_where_their_oldest_stands():
    one, other = SHAPE, DiffShape("other", "update", "companies", ("industry",), "gated", "{}")
    members = [member(shape=other), member(shape=one), member(shape=other), member(shape=one)]
    names = [item.key for item in members]
    assert keys(cluster(members)) == [[names[0], names[2]], [names[1], names[3]]]


def test_what_needs_an_own_look_is_alone():
    members = [member(), member(own_look="it reaches a person"), member()]
    assert [len(part.members) for part in cluster(members)] == [2, 1]


def test_values_that_several_share_make_groups_of_their_own():
    members = [member("Software") for _ in range(3)] + [member("Retail") for _ in range(4)] + [member("Mining")]
    parts = cluster(members)
    assert [(len(part.members), part.is_same_value) for part in parts] == [(3, True), (4, True), (1, False)]


def test_one_that_writes_another_value_than_all_others_stays_with_them_apart():
    assert reasons(*[member() for _ in range(9)], member("Gambling"))[-1] == ("another value than the others",)


def test_equal_values_are_equal_whatever_their_type():
    assert values_key({"a": [1, None]}) == values_key({"a": [1, None]})
    assert values_key({"a": 1}) != values_key({"a": "1"})


def test_low_confidence_stands_apart():
    assert reasons(member(), member(), member(confidence=0.72)) == [
        (),
        (),
        ("confidence 0.72, the others about 0.90",),
    ]
    assert reasons(member(), member(), member(confidence=0.81)) == [(), (), ()]


def test_two_are_not_compared():
    assert reasons(member(), member(confidence=0.1)) == [(), ()]


def test_a_drifted_record_and_hidden_characters_speak_for_themselves():
    assert reasons(member(is_drifted=True)) == [("the record changed since",)]
    assert reasons(member(), member(has_hidden=True)) == [(), ("characters that cannot be seen",)]


def test_the_other_environment_stands_apart():
    members = [member(environment="sandbox"), member(environment="sandbox"), member(environment="production")]
    assert reasons(*members)[-1] == ("in production, the others in sandbox",)


def test_rare_flags_and_checks_stand_apart_and_common_ones_do_not():
    flag, check = frozenset({"persona_ambiguous"}), frozenset({"high_value"})
    rare = [member(), member(), member(risk_flags=flag), member(asked_by=check)]
    assert reasons(*rare)[2:] == [("flagged persona ambiguous",), ("also asked about by high value",)]
    assert reasons(*[member(risk_flags=flag, asked_by=check) for _ in range(3)]) == [(), (), ()]


def test_numbers_far_away_stand_apart():
    """Ten times as much or as little; the rest is what numbers do."""
    sizes = (100, 220, 90, 1_500, 5, -100)
    assert reasons(*[member(size) for size in sizes]) == [
        (),
        (),
        (),
        ("Industry is far from the others",),
        ("Industry is far from the others",),
        ("Industry is far from the others",),
    ]


def test_truth_values_and_nothing_are_no_numbers():
    assert reasons(member(True), member(False), member(True)) == [(), (), ()]
    assert reasons(*[member(value) for value in (0, 0.5, -1, 7)]) != []


def test_emptying_a_field_stands_apart():
    assert reasons(member("a"), member("b"), member(None))[-1] == ("empties Industry",)
    assert reasons(member(None), member(None), member(None)) == [(), (), ()]


def test_a_much_longer_text_stands_apart():
    assert reasons(member("short"), member("brief"), member("x" * 400))[-1] == (
        "Industry is much longer than the others",
    )
