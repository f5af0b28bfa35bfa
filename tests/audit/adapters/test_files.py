"""Files beside the database: whole lines or none, one writer at a time."""

import threading

import pytest

from audit.adapters.files import append_line, create_once, last_line, ledger_dir


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", b""),
        (b"torn", b""),
        (b"one\n", b"one"),
        (b"one\ntwo\n", b"two"),
        (b"one\ntorn", b"one"),
        (b"x" * 200_000 + b"\nlast\n", b"last"),
    ],
)
def test_the_last_whole_line(tmp_path, content, line):
    (tmp_path / "file").write_bytes(content)
    assert last_line(tmp_path / "file") == line


def test_a_missing_file_has_no_line(tmp_path):
    assert last_line(tmp_path / "none") == b""


def test_a_torn_line_is_closed_and_does_not_spoil_the_next(tmp_path):
    (tmp_path / "file").write_bytes(b"one\nto")
    append_line(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one\nto\ntwo\n"


def test_what_exists_is_never_overwritten(tmp_path):
    assert create_once(tmp_path / "key", b"first") == b"first"
    assert create_once(tmp_path / "key", b"second") == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_many_that_start_at_once_agree_on_one_file():
    found = []
    path = ledger_dir() / "key"
    threads = [threading.Thread(target=lambda at=at: found.append(create_once(path, b"%d" % at))) for at in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_lines_of_many_writers_do_not_mix(tmp_path):
    def write(text):
        for _ in range(20):
            append_line(tmp_path / "file", text * 1_000)

    threads = [threading.Thread(target=write, args=[text]) for text in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "file").read_bytes().splitlines()
    assert sorted(lines) == [text * 1_000 for text in (b"a", b"b", b"c") for _ in range(20)]
