"""What Tryton is known for, on a real server: its stamp, its log, its sessions (CON-04)."""

import threading

import pytest

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import Receipt
from crm_connectors.port import AmbiguousError, AuthError, ConflictError, NotFoundError, RejectedError
from crm_connectors.wiring import OpenGate
from tests.builders.crm_connectors import make_operation
from tests.builders.tryton import PASSWORD, connect
from tests.doubles.kept_secrets import KeptSecrets

PARTY = "party.party"


@pytest.fixture
def party(person):
    return str(person.call(f"model.{PARTY}.create", [{"name": "Umicore"}], {})[0])


@pytest.fixture(scope="session")
def colleague(person):
    return person.become_another()


def read(record_id, *fields):
    return connect(PARTY).read(object_type=PARTY, record_id=record_id, fields=fields or ("name",))


def renaming(record_id, name, **changes):
    return make_operation(record_id, object_type=PARTY, values={"name": name}, **changes)


def test_of_many_writers_on_one_version_one_wins(party):
    """Class A: two cannot both pass, whoever they are. PostgreSQL beneath Tryton decides it."""
    version = read(party).version
    secrets = KeptSecrets(password=PASSWORD)
    connect(PARTY, secrets=secrets).health()
    outcomes = []

    def write(number):
        try:
            connect(PARTY, secrets=secrets).send(renaming(party, f"Writer {number}", version=version))
            outcomes.append(number)
        except ConflictError:
            outcomes.append(None)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [number for number in outcomes if number is not None]
    assert (len(outcomes), len(winners)) == (8, 1)
    assert read(party).values == {"name": f"Writer {winners[0]}"}


def test_a_repeat_on_a_version_is_known_by_the_stamp_it_left(party):
    operation = renaming(party, "Renamed", version=read(party).version)
    assert connect(PARTY).guarantee(operation) is Guarantee.EXACTLY_ONCE
    first = connect(PARTY).send(operation)
    again = connect(PARTY).send(operation)
    assert again == Receipt(record_id=party, version=first.version, is_repeat=True)


def test_the_same_value_by_another_hand_is_no_repeat_of_ours(party, colleague):
    operation = renaming(party, "Renamed", version=read(party).version)
    colleague.call(f"model.{PARTY}.write", [int(party)], {"name": "Renamed"}, {})
    with pytest.raises(ConflictError):
        connect(PARTY).send(operation)


def test_a_later_word_of_a_person_stands_and_makes_the_outcome_unknown(party, colleague):
    operation = renaming(party, "Renamed", version=read(party).version)
    connect(PARTY).send(operation)
    colleague.call(f"model.{PARTY}.write", [int(party)], {"name": "Theirs"}, {})
    with pytest.raises(ConflictError):
        connect(PARTY).send(operation)
    with pytest.raises(AmbiguousError):
        connect(PARTY).find_operation(operation)
    assert read(party).values == {"name": "Theirs"}


def test_a_create_is_at_most_once_and_nobody_can_tell_afterwards(person):
    operation = make_operation(None, "create", PARTY, values={"name": "Only once"})
    connector = connect(PARTY)
    assert connector.guarantee(operation) is Guarantee.AT_MOST_ONCE
    receipt = connector.send(operation)
    assert read(receipt.record_id).version == receipt.version
    with pytest.raises(AmbiguousError):
        connector.find_operation(operation)


def test_the_log_names_who_wrote_a_field_last_and_keeps_no_values(party, colleague):
    connect(PARTY).send(renaming(party, "Renamed"))
    colleague.call(f"model.{PARTY}.write", [int(party)], {"name": "Theirs"}, {})
    connector = connect(PARTY)
    found = connector.last_changes(object_type=PARTY, record_ids=[party, "999999999"], fields=["name", "lang"])
    (entry,) = found[party]
    assert (entry.field, entry.before, entry.after, entry.operation_key) == ("name", None, "Theirs", "")
    assert entry.actor.startswith("maya-")
    assert list(found) == [party]
    assert connector.history(object_type=PARTY, record_id=party, fields=["name"]) == (entry,)


def test_of_its_own_models_it_keeps_no_log(person):
    with pytest.raises(RejectedError, match="no log"):
        connect("ir.ui.menu").last_changes(object_type="ir.ui.menu", record_ids=["1"], fields=["name"])


def test_an_ended_session_is_renewed_once(party):
    secrets = KeptSecrets(password=PASSWORD, session="YWRtaW46MTpub3BlCg==")
    found = connect(PARTY, secrets=secrets).read(object_type=PARTY, record_id=party, fields=["name"])
    assert found.values == {"name": "Umicore"}
    assert secrets.open("session").reveal() != "YWRtaW46MTpub3BlCg=="


class Noting(OpenGate):
    def __init__(self):
        self.seen = []

    def passing(self):
        return self

    def __enter__(self):
        pass

    def __exit__(self, kind, *_):
        self.seen.append(kind)


def test_a_wrong_password_is_our_own_fault_and_the_gate_hears_of_it(person):
    """F40: the breaker opens, so that nobody tries until the user is locked out."""
    gate = Noting()
    with pytest.raises(AuthError):
        connect(PARTY, secrets=KeptSecrets(password="wrong"), login="nobody-here", gate=gate).health()
    assert gate.seen == [AuthError]


@pytest.mark.parametrize("values", [{"lang": "many"}, {"active": "yes"}, {"id": 7}, {"name": 5}])
def test_a_value_of_another_type_is_refused_by_name(party, values):
    with pytest.raises(RejectedError) as caught:
        connect(PARTY).send(make_operation(party, object_type=PARTY, values=values))
    assert set(caught.value.errors) == set(values)


def test_what_the_settings_do_not_name_is_not_there(party):
    with pytest.raises(NotFoundError):
        connect("party.address").read(object_type=PARTY, record_id=party, fields=["name"])
