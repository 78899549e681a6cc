"""Time lines: of articles by their date, and of events in lanes."""

from __future__ import annotations

import math
from datetime import date

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from claimtrace.dates import year
from claimtrace.figures.canvas import (
    DARK,
    FAINT,
    GRID,
    INK,
    LIGHT,
    MIDDLE,
    PAGE,
    STYLE,
    area,
    legend_row,
    link,
    page,
    wrap,
)


def timeline(numbers: pd.DataFrame, *, unit: str, heading: str) -> Figure:
    """Articles by date of publication, drawn as exactly as it is known, with a count beside.

    Args:
        numbers: columns article, label, first_day, last_day (ISO dates), open_start, open_end, n.
        unit: what ``n`` counts.
    """
    with matplotlib.rc_context(STYLE):
        height = 0.78 + len(numbers) * 0.24
        figure, axes = page(height, heading)
        left, right, bars, base = 1.2, 4.55, 5.0, 0.42
        days = [year(date.fromisoformat(day)) for day in [*numbers["first_day"], *numbers["last_day"]]]
        first, last = int(min(days)), int(max(days)) + 1
        place = lambda value: left + (value - first) / (last - first) * (right - left)  # noqa: E731
        top = height - 0.42
        step = max((last - first) // 8, 1)
        for tick in range(first, last + 1, step):
            axes.plot([place(tick)] * 2, [base - 0.06, top], color=GRID, linewidth=0.5, zorder=0)
            axes.text(place(tick), base - 0.12, str(tick), ha="center", va="top", color=FAINT)
        axes.text(bars, top + 0.02, unit, va="bottom", fontweight="bold")
        scale = (PAGE - bars - 0.4) / max(numbers["n"].max(), 1)
        for position, row in enumerate(numbers.itertuples()):
            y = top - 0.12 - position * 0.24
            axes.text(left - 0.12, y, row.label, ha="right", va="center")
            begin, end = place(year(date.fromisoformat(row.first_day))), place(year(date.fromisoformat(row.last_day)))
            if row.open_end or row.open_start:
                tip = begin + (0.28 if row.open_end else -0.28)
                axes.annotate("", (tip, y), (begin, y), arrowprops={"arrowstyle": "->", "color": DARK, "linewidth": 1})
                axes.plot([begin] * 2, [y - 0.05, y + 0.05], color=DARK, linewidth=1.2)
            elif row.first_day != row.last_day:
                axes.barh(y, max(end - begin, 0.07), left=begin, height=0.08, color=DARK, edgecolor=INK, linewidth=0.4)
            else:
                axes.plot([begin], [y], marker="o", markersize=4, color=DARK)
            axes.barh(y, row.n * scale, left=bars, height=0.13, color=DARK, edgecolor=INK, linewidth=0.4)
            axes.text(bars + row.n * scale + 0.05, y, str(row.n), va="center")
            area(axes, 0.05, y - 0.11, PAGE - 0.1, 0.22, row.article, above=True)
    return figure


def lanes(drawn: pd.DataFrame, *, key: list[str], heading: str) -> Figure:
    """A time line with a lane an actor; overlapping marks are stacked.

    Args:
        drawn: columns mark (key of the row), lane, pieces (list of first, last, open_start, open_end; years), approximate, firm, contested, sources, number
            (0 or the number that names it), one row a mark, lanes and marks in drawing order.
        key: what the numbers name, printed below.
    """
    with matplotlib.rc_context(STYLE):
        left, right, step = 1.05, PAGE - 0.12, 0.09
        limits = [edge for pieces in drawn["pieces"] for piece in pieces for edge in piece[:2]]
        first, last = int(min(limits)), int(max(limits)) + 1
        place, bend = _stretched(
            sorted(piece[0] for pieces in drawn["pieces"] for piece in pieces), first, last, left, right
        )
        packed = {lane: _packed(own, place) for lane, own in drawn.groupby("lane", sort=False)}
        rows = {lane: max(levels) + 1 for lane, levels in packed.items()}
        half = (len(key) + 1) // 2
        wrapped = [wrap(text, PAGE / 2 * 7 / 6 - 0.25) for text in key]
        lines = [sum(text.count("\n") + 1 for text in part) for part in (wrapped[:half], wrapped[half:])]
        below = 0.3 + 0.1 * max(lines, default=0) + (0.1 if key else 0)
        height = 0.75 + math.fsum(n * step + 0.08 for n in rows.values()) + below
        figure, axes = page(height, heading)
        end = legend_row(
            figure,
            0.05,
            height - 0.4,
            [("one source", LIGHT), ("two independent sources", MIDDLE), ("three or more", DARK)],
        )
        axes.text(end, height - 0.4, "dashed: approximate date, or not plainly reported    × contested", va="baseline")
        bottom, y = below, height - 0.6
        for tick in _ticks(first, last, bend):
            turn = first < bend == tick  # where the scale changes
            axes.plot(
                [place(tick)] * 2, [bottom, y], color=FAINT if turn else GRID, linewidth=1.2 if turn else 0.5, zorder=0
            )
            if tick == bend or (abs(place(tick) - place(bend)) > 0.25 and (tick > bend or tick % 10 == 0)):
                axes.text(place(tick), bottom - 0.04, str(tick), ha="center", va="top", fontsize=6, color=FAINT)
        for lane, levels in packed.items():
            top = y
            y -= rows[lane] * step + 0.08
            axes.plot([0.05, right], [top, top], color=GRID, linewidth=0.5, zorder=0)
            axes.text(
                0.05,
                top - 0.085,
                wrap(lane, left - 0.1),
                va="center" if " " not in lane else "top",
                fontsize=6.5,
                linespacing=1.0,
            )
            for row, level in zip(drawn[drawn["lane"] == lane].itertuples(), levels, strict=True):
                _event(axes, row, place, top - 0.085 - level * step)
        for column, part in enumerate((wrapped[:half], wrapped[half:])):
            line = bottom - 0.24
            for text in part:
                axes.text(0.05 + column * PAGE / 2, line, text, fontsize=6, va="top", linespacing=1.05)
                line -= 0.1 * (text.count("\n") + 1)
    return figure


def _stretched(starts: list[float], first: int, last: int, left: float, right: float):
    """Years to inches, in two linear parts: the later part, in which most marks begin, gets three quarters of the width."""
    bend = int(starts[len(starts) // 5]) if len(starts) > 20 else first
    share = 0.25 if first < bend < last else 0.0

    def place(value: float) -> float:
        if share and value < bend:
            return left + (value - first) / (bend - first) * (right - left) * share
        base = bend if share else first
        return left + (right - left) * (share + (value - base) / (last - base) * (1 - share))

    return place, bend if share else first


def _ticks(first: int, last: int, bend: int) -> list[int]:
    early = [tick for tick in range(first, bend) if tick % 5 == 0 and bend - tick > 2]
    step = max((last - bend) // 12, 1)
    return [*early, *range(bend, last, step)]


def _extent(row, place) -> tuple[float, float]:
    """Left and right end of a mark, in inches, with room for its arrow, cross and number."""
    begin = min(place(first) - (0.14 if open_start else 0) for first, _, open_start, _ in row.pieces)
    end = max(
        max(place(last), place(first) + 0.06) + (0.14 if open_end else 0) for first, last, _, open_end in row.pieces
    )
    return begin, end + (0.07 if row.contested else 0) + (0.17 if row.number else 0)


def _packed(own: pd.DataFrame, place) -> list[int]:
    """The lowest level of a lane on which each mark is free."""
    ends: list[float] = []
    levels = []
    for row in own.itertuples():
        begin, end = _extent(row, place)
        level = next((n for n, taken in enumerate(ends) if taken + 0.03 <= begin), len(ends))
        if level == len(ends):
            ends.append(end)
        ends[level] = end
        levels.append(level)
    return levels


def numeral(number: int) -> str:
    """A number that names a mark, in brackets so that it is not taken for a count."""
    return f"({number})"


def _event(axes: Axes, row, place, y: float) -> None:
    colour = LIGHT if row.sources == 1 else MIDDLE if row.sources == 2 else DARK
    style = "-" if row.firm and not row.approximate else (0, (1.5, 1))
    outline = {"edgecolor": INK, "linewidth": 0.5, "linestyle": style}
    if len(row.pieces) > 1:
        axes.plot([place(row.pieces[0][0]), place(row.pieces[-1][1])], [y, y], color=INK, linewidth=0.5, zorder=1)
    right = 0.0
    for first, last, open_start, open_end in row.pieces:
        begin, end = place(first), place(last)
        if open_start or open_end:
            tip, back = (begin - 0.14, end) if open_start else (end + 0.14, begin)
            axes.annotate(
                "",
                (tip, y),
                (back, y),
                arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.6, "mutation_scale": 5},
            )
        if last - first < 3 / 365:
            shape = axes.add_patch(Ellipse((begin, y), 0.06, 0.06, facecolor=colour, **outline))
            right = max(right, begin + 0.03)
        else:
            (shape,) = axes.barh(y, max(end - begin, 0.06), left=begin, height=0.05, color=colour, **outline)
            right = max(right, end, begin + 0.06)
        link(shape, row.mark)
        right += 0.14 if open_end else 0
    if row.contested:
        axes.text(right + 0.01, y - 0.003, "×", fontsize=6, va="center", fontweight="bold")
        right += 0.07
    if row.number:
        axes.text(right + 0.015, y - 0.003, numeral(row.number), fontsize=5.5, va="center", fontweight="bold")
