"""Draws quality against query time as an SVG: one labelled dot a system, time on a log axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 730, 50, 380
LETTER, LINE = 7.4, 17
"""How wide a letter and how high a line of a label is, at most."""
STEPS = (0.02, 0.05, 0.1, 0.2)
OURS, THEIRS = "#c2410c", "#1d4ed8"


@dataclass(frozen=True, slots=True)
class Dot:
    """A system: milliseconds of a question, its quality from 0 to 1, and whether it is ours."""

    name: str
    milliseconds: float
    quality: float
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values laid on a range of pixels, with the values to mark."""

    marks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value; the marks are the ends of the axis."""
        return self.start + (value - self.marks[0]) / (self.marks[-1] - self.marks[0]) * (self.end - self.start)


def scatter(dots: Sequence[Dot], title: str, up_title: str = "nDCG@10", of: str = "question") -> str:
    """Return the drawing; there must be a dot, and every time must be above zero."""
    across, up = times([dot.milliseconds for dot in dots]), qualities([dot.quality for dot in dots])
    places = [(across.at(math.log10(dot.milliseconds)), up.at(dot.quality)) for dot in dots]
    parts = [
        text((LEFT + RIGHT) / 2, 26, title, 'font-size="16" font-weight="bold" text-anchor="middle"'),
        *(upright(across.at(mark), f"{10**mark:g}") for mark in across.marks),
        *(level(up.at(mark), f"{mark:.2f}") for mark in up.marks),
        text((LEFT + RIGHT) / 2, HEIGHT - 18, f"time of one {of}, p50, ms (log)", 'text-anchor="middle"'),
        text(20, (TOP + BOTTOM) / 2, up_title, f'text-anchor="middle" transform="rotate(-90 20 {(TOP + BOTTOM) / 2})"'),
    ]
    for dot, (x, y), (label_x, label_y) in zip(dots, places, labels(dots, places), strict=True):
        colour = OURS if dot.ours else THEIRS
        if abs(label_y - y) > 1:
            parts.append(line(x, y, label_x - 2, label_y, colour))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}" stroke="white"/>')
        parts.append(text(label_x, label_y + 5, dot.name, f'fill="{colour}"' + ' font-weight="bold"' * dot.ours))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' font-family="sans-serif" font-size="13" fill="#1f2937">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def times(values: Sequence[float]) -> Axis:
    """Return an axis of whole powers of ten, with room for the longest label beside the slowest dot."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return Axis(tuple(map(float, range(low, high + 2))), LEFT, RIGHT)


def qualities(values: Sequence[float]) -> Axis:
    """Return an axis of seven marks at most, from below the worst to above the best, and not above 1."""
    for step in STEPS:
        low, high = math.floor(min(values) / step - 0.5), min(math.ceil(max(values) / step + 0.5), round(1 / step))
        if high - low < 7:
            break
    return Axis(tuple(mark * step for mark in range(low, high + 1)), BOTTOM, TOP)


def labels(dots: Sequence[Dot], places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where each label begins: right of its dot, or as few lines above or below as keep it off all else."""
    taken = [(x - 8, x + 8, y) for x, y in places]
    found = []
    for dot, (x, y) in zip(dots, places, strict=True):
        width = len(dot.name) * LETTER
        rooms = [(x + 12, y), *((x + 22, y + shift * LINE) for shift in sorted({*range(-9, 10)} - {0}, key=abs))]
        free = next(((left, at) for left, at in rooms if clear(left, left + width, at, taken)), rooms[0])
        taken.append((free[0], free[0] + width, free[1]))
        found.append(free)
    return found


def clear(left: float, right: float, middle: float, taken: Sequence[tuple[float, float, float]]) -> bool:
    """Tell whether a label there lies inside the drawing and on nothing (left, right, middle) that is taken."""
    inside = TOP < middle < BOTTOM and right < WIDTH
    return inside and all(abs(middle - at) >= LINE or right < start or end < left for start, end, at in taken)


def upright(x: float, label: str) -> str:
    """Return a grid line of the time axis with its number."""
    return line(x, TOP, x, BOTTOM, "#e5e7eb") + text(x, BOTTOM + 20, label, 'text-anchor="middle"')


def level(y: float, label: str) -> str:
    """Return a grid line of the quality axis with its number."""
    return line(LEFT, y, RIGHT, y, "#e5e7eb") + text(LEFT - 8, y + 4, label, 'text-anchor="end"')


def line(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    """Return a thin line."""
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}"/>'


def text(x: float, y: float, words: str, rest: str) -> str:
    """Return words whose baseline begins there, unless the attributes say otherwise."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {rest}>{escape(words)}</text>'


@dataclass(frozen=True, slots=True)
class Spot:
    """A row: its share along the bottom and up the side, both from 0 to 1, and whether it is drawn in our colour."""

    name: str
    across: float
    up: float
    ours: bool = False


def square(spots: Sequence[Spot], across: str, up: str) -> str:
    """Return the drawing of two shares against each other; each dot has a number, told below."""
    marks = tuple(n / 5 for n in range(6))
    right, high = Axis(marks, LEFT, RIGHT), Axis(marks, BOTTOM, TOP)
    foot = HEIGHT + LINE * (len(spots) + 1)
    parts = [
        *(upright(right.at(mark), f"{mark:g}") for mark in marks),
        *(level(high.at(mark), f"{mark:g}") for mark in marks),
        text((LEFT + RIGHT) / 2, HEIGHT - 18, across, 'text-anchor="middle"'),
        text(20, (TOP + BOTTOM) / 2, up, f'text-anchor="middle" transform="rotate(-90 20 {(TOP + BOTTOM) / 2})"'),
    ]
    for n, spot in enumerate(spots, 1):
        colour = OURS if spot.ours else THEIRS
        x, y = right.at(spot.across), high.at(spot.up)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{colour}" stroke="white"/>')
        parts.append(text(x, y + 4, str(n), 'fill="white" font-size="11" text-anchor="middle"'))
        parts.append(text(LEFT, HEIGHT + LINE * n, f"{n}  {spot.name}", f'fill="{colour}"'))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {foot}" width="{WIDTH}" height="{foot}"'
        f' font-family="sans-serif" font-size="13" fill="#1f2937">\n'
        f'<rect width="{WIDTH}" height="{foot}" fill="white"/>\n{body}\n</svg>\n'
    )
