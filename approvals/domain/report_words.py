"""Figures in words, the same on the page and in every file; and what cannot be measured yet."""

from datetime import timedelta

from approvals.domain.report import Figure, Unit
from approvals.domain.statistics import Share
from approvals.domain.wording import duration_words

NOTHING = "nothing to measure"

NOT_MEASURED: tuple[tuple[str, str], ...] = (
    ("Pipeline created", "needs the amounts of deals over time, which the CRM keeps and nothing here reads yet."),
    ("Stage churn", "needs each deal's history of stages from the CRM."),
    (
        "Duplicate rate",
        "what a rule refuses as a duplicate is refused; how many slipped through nobody has counted yet.",
    ),
    (
        "Enrichment error rate",
        "needs people who check samples of what was executed. The share taken back is a first hint.",
    ),
    ("Accuracy and drift per enrichment provider", "requests do not name the provider of a value."),
)
"""Measure and what is missing for it."""


def value_words(value: float | None, unit: Unit) -> str:
    if value is None:
        return NOTHING
    match unit:
        case Unit.COUNT:
            return f"{int(value):,}"
        case Unit.SHARE:
            return percent_words(value)
        case Unit.PER_HUNDRED:
            return f"{value:.1f}"
        case Unit.SECONDS:
            return duration_words(timedelta(seconds=value))


def percent_words(value: float) -> str:
    """`84.2 %`; only all is `100 %` and only none is `0 %`."""
    shown = round(value * 100, 1)
    if value < 1 and shown == 100:
        return "> 99.9 %"
    if value > 0 and shown == 0:
        return "< 0.1 %"
    return f"{shown:g} %"


def change_words(figure: Figure) -> str:
    """`+12`, `−3.1 points`, empty where one of the weeks has nothing or nothing changed."""
    if figure.value is None or figure.before is None:
        return ""
    difference = figure.value - figure.before
    sign = "+" if difference > 0 else "−"
    text = ""
    match figure.unit:
        case Unit.COUNT:
            text = f"{abs(int(difference)):,}"
        case Unit.SHARE:
            text = f"{abs(difference) * 100:.1f} points"
        case Unit.PER_HUNDRED:
            text = f"{abs(difference):.1f}"
        case Unit.SECONDS:
            text = duration_words(timedelta(seconds=abs(difference)))
    return f"{sign}{text}" if text.strip("0.s point") else "as before"


def share_words(share: Share | None) -> str:
    """`27 of 32, 95 % sure: 68–93 %`."""
    if share is None:
        return ""
    return f"{share.count:,} of {share.total:,}; 95 % interval {share.low * 100:.0f}–{share.high * 100:.0f} %"
