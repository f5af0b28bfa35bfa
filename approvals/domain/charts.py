"""Charts as geometry: numbers in, rectangles and points in a drawing's own units out. Pages draw them as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 640
BASE = 160
TOP = 12
LEFT = 44
LABEL_LINE = 178
_GAP = 0.28


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `tone` names its colour."""

    x: str
    y: str
    width: str
    height: str
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the drawing at `y` with its label, or a label under the drawing at `x`."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars, one a label."""

    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A share with its interval, `low` and `high` as heights."""

    x: str
    y: str
    low: str
    high: str
    title: str


@dataclass(frozen=True, slots=True)
class Dots:
    """Shares over time. `lines` join neighbours: the points of one polyline each."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a bar: how much, and what it is."""

    count: int
    tone: str
    name: str


def stacked_bars(bars: Sequence[tuple[str, Sequence[Part]]]) -> Bars:
    """One bar for each label, its parts from the bottom up."""
    top = nice_top(max((sum(part.count for part in parts) for _, parts in bars), default=0))
    step = (WIDTH - LEFT) / max(1, len(bars))
    boxes: list[Box] = []
    for number, (label, parts) in enumerate(bars):
        y = float(BASE)
        for part in parts:
            height = part.count / top * (BASE - TOP)
            y -= height
            if part.count:
                x = LEFT + step * (number + _GAP / 2)
                title = f"{label}: {part.count:,} {part.name}"
                boxes.append(Box(_f(x), _f(y), _f(step * (1 - _GAP)), _f(height), part.tone, title))
    ticks = tuple(Tick(_f(_height(value / top)), f"{value:,}") for value in sorted({0, top // 2, top}))
    return Bars(tuple(boxes), ticks, _labels([label for label, _ in bars], step))


def share_dots(points: Sequence[tuple[str, tuple[float, float, float] | None]]) -> Dots:
    """(label, (share, low, high)) from 0 to 1, left to right; None where there is nothing, which breaks the line."""
    step = (WIDTH - LEFT) / max(1, len(points))
    dots: list[Dot] = []
    lines: list[list[str]] = [[]]
    for number, (label, point) in enumerate(points):
        if point is None:
            lines.append([])
            continue
        x, (share, low, high) = _f(LEFT + step * (number + 0.5)), point
        title = f"{label}: {share * 100:.0f} %, 95 % interval {low * 100:.0f}–{high * 100:.0f} %"
        dots.append(Dot(x, _f(_height(share)), _f(_height(low)), _f(_height(high)), title))
        lines[-1].append(f"{x},{_f(_height(share))}")
    ticks = tuple(Tick(_f(_height(value / 100)), f"{value} %") for value in (0, 50, 100))
    joined = tuple(" ".join(line) for line in lines if len(line) > 1)
    return Dots(tuple(dots), joined, ticks, _labels([label for label, _ in points], step))


def nice_top(most: int) -> int:
    """The smallest of 2, 4, 10, 20, 40, 100 … that is not below `most`: halves of it are whole."""
    scale = 1
    while True:
        for step in (2, 4, 10):
            if step * scale >= most:
                return step * scale
        scale *= 10


def _height(share: float) -> float:
    return BASE - share * (BASE - TOP)


def _labels(texts: Sequence[str], step: float) -> tuple[Tick, ...]:
    return tuple(Tick(_f(LEFT + step * (number + 0.5)), text) for number, text in enumerate(texts))


def _f(value: float) -> str:
    """For an attribute: no locale may change it."""
    return f"{value:.1f}"
