"""A curve as a picture: SVG, written by hand.

It is a few lines, marks and texts. A library for charts would be larger than all that draws it
here, and its files would differ from one of its versions to the next. Places are exact fractions
until they are written with one decimal: the same curve gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from html import escape

from compensation.issues import NO_TEXT
from compensation.language import Language, Text, in_line, joined
from compensation.outlook.curve import Course, cliff_text, shown
from compensation.outlook.path import Point
from compensation.values.printing import amount, percent, ratio_of, yuan_of

WIDTH, PLOT = 960, 360
LEFT, RIGHT, TOP = 130, 40, 116
BAND = 22
"""Height of the band that says at what rate."""
LINE = 20
TICKS = 8
CLIFFS_SHOWN = 12
BLUE, RED, GREY = "#1f5a8a", "#b3401f", "#5c5c5c"
TITLE = Text(
    "补偿金额随{name}的变化{whose}",
    "Compensation by {name}{whose}",
)
COMPENSATION = Text("补偿金额（元）", "compensation (yuan)")
NOT_ELIGIBLE = Text("不符合条件", "not eligible")
ACTUAL = Text("实际", "as it is")
MORE = Text("……另有 {n} 处", "… and {n} more")


def curve_svg(of: Course, language: Language) -> str:
    """Return the picture of a curve: the line, its cliffs with numbers, and what each costs."""
    picture = _Picture(of, language)
    body = "\n".join(picture.parts())
    height = picture.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="13" fill="#222">\n'
        f"<title>{picture.title}</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _whose(of: Course) -> Text:
    """Return of which institution and year a curve is, as far as that is known."""
    parts: list[Text | str] = [in_line(of.institution_id)] if of.institution_id else []
    if of.year is not None:
        parts.append(Text(f"{of.year} 年", str(of.year)))
    return joined(["", joined(parts, "，", ", ")], "：", ": ") if parts else NO_TEXT


class _Picture:
    """Where the points of a curve lie on the paper, and the elements that are drawn of them."""

    def __init__(self, of: Course, language: Language) -> None:
        self.of, self.language = of, language
        axis = of.axis
        self.first, self.last = (axis.value(of.path[end].units) for end in (0, -1))
        self.most = max(100, *(point.compensation for point in of.path))
        self.left_out = max(0, len(of.jumps) - CLIFFS_SHOWN)
        lines = len(of.jumps[:CLIFFS_SHOWN]) + bool(self.left_out)
        self.bottom = TOP + BAND + PLOT
        self.height = self.bottom + 66 + LINE * lines
        title = TITLE.fill(name=axis.title, whose=_whose(of))
        self.title = escape(title.get(language))

    def parts(self) -> Iterator[str]:
        yield _text(LEFT, 30, self.title, size=17, anchor="start")
        policy = in_line(self.of.policy.rules.name.text.get(self.language))
        yield _text(LEFT, 54, escape(policy), colour=GREY)
        yield _text(LEFT, 74, escape(self.of.moves.get(self.language)), colour=GREY)
        yield _text(LEFT, TOP - 12, COMPENSATION.get(self.language), colour=GREY)
        yield from self._bands()
        yield from self._grid()
        yield from self._line()
        yield from self._cliffs()
        yield from self._actual()

    def x(self, point: Point) -> Fraction:
        return self._across(self.of.axis.value(point.units))

    def _across(self, value: Fraction) -> Fraction:
        span = self.last - self.first
        part = (value - self.first) / span if span else Fraction(1, 2)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, fen: int | Fraction) -> Fraction:
        return self.bottom - Fraction(fen) / self.most * (PLOT - 16)

    def _bands(self) -> Iterator[str]:
        """Yield a band above the plot: the rate, or that the institution is not eligible."""
        for number, (start, end) in enumerate(self.of.segments):
            left, right = self.x(start), self.x(end)
            fill = "#e8eef4" if start.eligible else "#f2e3de"
            wide = f'width="{_place(max(right - left, Fraction(1)))}"'
            yield f'<rect x="{_place(left)}" y="{TOP}" {wide} height="{BAND}" fill="{fill}"/>'
            said = NOT_ELIGIBLE.get(self.language)
            if start.eligible:
                said = "" if start.rate is None else percent(ratio_of(start.rate))
            if right - left > 10 * len(said):
                yield _text((left + right) / 2, TOP + 16, said, anchor="middle")
            if number:
                yield _rule(left, TOP, left, self.bottom, "#d0d0d0")

    def _grid(self) -> Iterator[str]:
        """Yield the axes with their numbers."""
        for fen in _ticks(Fraction(0), Fraction(self.most)):
            y = self.y(fen)
            yield _rule(LEFT, y, WIDTH - RIGHT, y, "#e4e4e4")
            yield _text(LEFT - 8, y + 4, amount(yuan_of(round(fen))), anchor="end", colour=GREY)
        # The last value asked for may lie less than a unit beyond the last point.
        for value in _ticks(self.first, self.last + self.of.axis.value(1)):
            x = self._across(value)
            yield _rule(x, self.bottom, x, self.bottom + 5, GREY)
            said = shown(self.of.axis, value).get(self.language)
            yield _text(x, self.bottom + 21, said, anchor="middle", colour=GREY)
        yield _rule(LEFT, self.bottom, WIDTH - RIGHT, self.bottom, GREY)
        name = escape(self.of.axis.title.get(self.language))
        yield _text(WIDTH - RIGHT, self.bottom + 40, name, anchor="end", colour=GREY)

    def _line(self) -> Iterator[str]:
        """Yield the line, one piece for each stretch without a corner."""
        for start, end in self.of.segments:
            points = [p for p in self.of.path if start.units <= p.units <= end.units]
            places = " ".join(
                f"{_place(self.x(p))},{_place(self.y(p.compensation))}" for p in points
            )
            yield f'<polyline points="{places}" fill="none" stroke="{BLUE}" stroke-width="2.2"/>'

    def _cliffs(self) -> Iterator[str]:
        for number, cliff in enumerate(self.of.jumps[:CLIFFS_SHOWN], 1):
            x = self.x(cliff.better)
            high, low = self.y(cliff.before.compensation), self.y(cliff.after.compensation)
            yield _rule(x, high, x, low, RED, dashed=True)
            for y in (high, low):
                yield _dot(x, y, 3, RED)
            yield _text(x + 8, min(high, low) + 5, f"({number})", colour=RED)
            said = escape(cliff_text(self.of.axis, cliff).get(self.language))
            yield _text(LEFT, self._below(number), f"({number}) {said}", colour=RED)
        if self.left_out:
            said = MORE.fill(n=self.left_out).get(self.language)
            yield _text(LEFT, self._below(CLIFFS_SHOWN + 1), said, colour=RED)

    def _below(self, line: int) -> int:
        """Return where a line of text below the plot stands."""
        return self.bottom + 52 + LINE * line

    def _actual(self) -> Iterator[str]:
        """Yield where the institution stands, if that is on the picture."""
        point = self.of.actual
        if not self.of.path[0].units <= point.units <= self.of.path[-1].units:
            return
        x, y = self.x(point), self.y(point.compensation)
        yield _dot(x, y, 5, "#fff", stroke=BLUE)
        # Compensation rises with most indicators, so that above and to the left there is room.
        left = x > LEFT + 180
        place, anchor = (x - 10, "end") if left else (x + 10, "start")
        said = f"{ACTUAL.get(self.language)} {amount(yuan_of(point.compensation))}"
        yield _text(place, y - 8, said, anchor=anchor, colour=BLUE)


def _ticks(first: Fraction, last: Fraction) -> list[Fraction]:
    """Return round numbers from the first value to the last, a few of them."""
    step = Fraction(1, 10**12)
    while True:
        for factor in (1, 2, 5):
            if (last - first) / (step * factor) <= TICKS:
                each = step * factor
                start = -(-first // each)
                return [each * n for n in range(start, last // each + 1)]
        step *= 10


def _place(value: Fraction | int) -> str:
    """Return a place on the paper with one decimal."""
    tenths = (20 * Fraction(value) + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


def _text(
    x: Fraction | int,
    y: Fraction | int,
    said: str,
    *,
    anchor: str = "start",
    size: int = 13,
    colour: str = "#222",
) -> str:
    place = f'x="{_place(x)}" y="{_place(y)}"'
    return f'<text {place} text-anchor="{anchor}" font-size="{size}" fill="{colour}">{said}</text>'


def _rule(
    x: Fraction | int,
    y: Fraction | int,
    to_x: Fraction | int,
    to_y: Fraction | int,
    colour: str,
    *,
    dashed: bool = False,
) -> str:
    places = f'x1="{_place(x)}" y1="{_place(y)}" x2="{_place(to_x)}" y2="{_place(to_y)}"'
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line {places} stroke="{colour}"{dashes}/>'


def _dot(x: Fraction, y: Fraction, radius: int, fill: str, stroke: str = "none") -> str:
    place = f'cx="{_place(x)}" cy="{_place(y)}" r="{radius}"'
    return f'<circle {place} fill="{fill}" stroke="{stroke}" stroke-width="2"/>'
