"""A file that a spreadsheet takes as data and nothing else (attack case 86)."""

import csv
import io

import pytest

from crm_connectors.domain.csv_file import make_csv


def cell(value):
    return list(csv.reader(io.StringIO(make_csv(["a"], [{"a": value}]).decode(), newline="")))[1][0]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "＠x", "\u200b=1"]
)
def test_what_could_calculate_gets_an_apostrophe(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "shown"), [(-5, "-5"), (2.5, "2.5"), (None, ""), (True, "True"), ("Oslo", "Oslo")])
def test_other_values_stay_as_they_are(value, shown):
    assert cell(value) == shown


def test_quotes_commas_and_line_ends_stay_inside_their_cell():
    assert cell('a "b", c\r\nd') == 'a "b", c\r\nd'
