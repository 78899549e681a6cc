"""Charts. Each becomes an :class:`Exhibit`: three pictures, the numbers plotted and the claim ids behind each.

Bytes are the same on every run: no dates, no random ids, fonts drawn as outlines. Lengths are added up by ``math.fsum``: the sum of
Python 3.12 rounds otherwise than that of 3.11.
"""

from __future__ import annotations

import html
import io
import math
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.textpath import TextPath

from claimtrace import marks
from claimtrace.dates import year
from claimtrace.files import write_whole
from claimtrace.provenance import MadeFrom

#: Text width of a journal page, in inches (180 mm).
PAGE = 7.09

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
#: Three steps told apart by colour, in grey and by the colour-blind: dark blue, orange (Okabe and Ito's), white.
DARK, MIDDLE, LIGHT = "#00446b", "#e69f00", "#ffffff"
#: A fourth and a fifth, between the second and the third and the first and the third; grey for what has no shade of its own.
PALE, BLUE, GREY = "#f5d9a0", "#3f7fa6", "#9a9a9a"

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "patch.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "claimtrace",
    "pdf.fonttype": 42,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Exhibit:
    """A chart with what a reader needs to judge it.

    Attributes:
        name: file name without suffix.
        figure: the drawing.
        table: the numbers plotted, one row a mark: first the columns that name it, then numbers, ``claim_ids`` last.
        caption: what is shown and what must not be concluded.
        alt: text for readers who do not see the picture, written from the data.
    """

    name: str
    figure: Figure
    table: pd.DataFrame
    caption: str
    alt: str

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG with title and description for screen readers; marks are links to their claims in the site."""
        return self._svg(MadeFrom())

    def _svg(self, made: MadeFrom) -> str:
        buffer = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", metadata=made.metadata(self.name, "svg"))
        page = marks.SITE + marks.address(self.name)
        body = buffer.getvalue().replace('<a xlink:href="#', f'<a xlink:href="{page}#').split("<svg ", 1)[1]
        opening, rest = body.split(">", 1)
        title = f'<title id="t-{self.name}">{html.escape(self.name)}</title>'
        description = f'<desc id="d-{self.name}">{html.escape(self.alt)}</desc>'
        labelled = f'role="img" aria-labelledby="t-{self.name} d-{self.name}"'
        return f"<svg {labelled} {opening}>\n {title}\n {description}{rest}".rstrip() + "\n"

    def save(self, build: Path, made: MadeFrom | None = None) -> None:
        """Write ``figures/NAME.{svg,pdf,png}`` and ``tables/NAME.csv``, each whole or not at all.

        Args:
            made: what the pictures say that they were made from (:func:`claimtrace.provenance.of`).
        """
        made = made or MadeFrom()
        for folder in ("figures", "tables"):
            (build / folder).mkdir(parents=True, exist_ok=True)
        write_whole(build / "figures" / f"{self.name}.svg", self._svg(made).encode("utf-8"))
        with matplotlib.rc_context(STYLE):
            for suffix in ("pdf", "png"):
                buffer = io.BytesIO()
                self.figure.savefig(buffer, format=suffix, dpi=300, metadata=made.metadata(self.name, suffix))
                write_whole(build / "figures" / f"{self.name}.{suffix}", buffer.getvalue())
        table = self.table.to_csv(index=False, lineterminator="\n", encoding="utf-8")
        write_whole(build / "tables" / f"{self.name}.csv", table.encode("utf-8"))

    def _ipython_display_(self) -> None:
        """In a notebook: the picture, and where the claims behind its marks are (JupyterLab shows pictures without links)."""
        from IPython.display import Markdown, display

        display({"image/svg+xml": self.svg, "text/plain": f"{self.name}: {self.alt}"}, raw=True)
        display(Markdown(marks.hint(self.name, self.table)))


def link(artist: Artist, *ids: object) -> None:
    """Make an artist a link to the claims of a mark, or of all marks whose key begins so (see :mod:`claimtrace.marks`)."""
    artist.set_url(marks.fragment(*ids))


def area(axes: Axes, x: float, y: float, width: float, height: float, *ids: object, above: bool = False) -> None:
    """An invisible link over a part of a drawing, so that small marks can be hit; behind the marks, or above them."""
    place = Rectangle((x, y), width, height, transform=axes.transData, facecolor="white", linewidth=0, alpha=0)
    place.set_zorder(10 if above else -1)
    link(place, *ids)
    axes.figure.add_artist(place)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, free of global state, in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="none")
        FigureCanvasAgg(figure)
    return figure


def legend_row(figure: Figure, x: float, y: float, parts: list[tuple[str, str]]) -> float:
    """Labelled squares in one line, from the left; x and y in inches from the lower left corner. Returns where it ends."""
    width, height = figure.get_size_inches()
    for label, colour in parts:
        square = Rectangle((x / width, (y - 0.01) / height), 0.11 / width, 0.09 / height, linewidth=0.5)
        square.set(transform=figure.transFigure, facecolor=colour, edgecolor=INK)
        figure.add_artist(square)
        figure.text((x + 0.16) / width, y / height, label, va="baseline")
        x += 0.16 + text_width(label) + 0.22
    return x


def bar_matrix(
    counts: pd.DataFrame,
    *,
    rows: list[tuple[str, str, str]],
    columns: list[tuple[str, str, str]],
    parts: list[tuple[str, str, str]],
    heading: str,
    key: str,
    stacked: bool = True,
    count_articles: bool = True,
    absent: dict[tuple[str, str], int] | None = None,
    absent_rows: dict[str, str] | None = None,
) -> Figure:
    """A table of small bars: a row a motive, a column an actor or article, a part a voice or side of a date.

    Args:
        counts: columns row, column, part, n, articles_cell (distinct articles of the whole cell), and, where parts may overlap, n_cell
            (what the whole cell holds, each once); where other codings were counted, n_low and n_high: the range of the cell over codings, drawn where bars are stacked.
        rows: (id, label, group label) in drawing order; a new group gets a heading.
        columns: (id, label, text below it).
        parts: (id, label, colour), stacked in one bar, or one bar each.
        heading: the message, printed above.
        key: what the numbers count, printed beside the legend.
        count_articles: print the number of articles in each cell.
        absent: (row, column) to the number of claims which say that it is not so; other empty cells get a dot.
        absent_rows: row to the id under which the table has the claims of ``absent``.
    """
    absent = absent or {}
    with matplotlib.rc_context(STYLE):
        groups = list(dict.fromkeys(group for _, _, group in rows if group))
        label_width = 0.25 + max((text_width(label) for _, label, _ in rows), default=1.0)
        column_width = min((PAGE - label_width - 0.05) / max(len(columns), 1), 1.1)
        words = [word for _, label, _ in columns for word in label.split()]
        widest = max((text_width(word, bold=True) for word in words), default=0.1)
        size = min(7.0, 7.0 * (column_width - 0.05) / widest)
        wrapped = [wrap(label, (column_width - 0.05) * 7 / size, bold=True) for _, label, _ in columns]
        top = 0.72 + 0.105 * max((text.count("\n") + 1 for text in wrapped), default=1)
        height = top + 0.15 + len(rows) * _ROW + len(groups) * _GROUP
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        end = legend_row(figure, 0.05, height - 0.4, [(label, colour) for _, label, colour in parts])
        if stacked and "n_low" in counts:
            _range(axes, end, end + 0.2, height - 0.36)
            axes.text(end + 0.26, height - 0.4, "range over codings", va="baseline")
        right = label_width + len(columns) * column_width
        axes.text(PAGE - 0.05, height - 0.4, key, fontsize=6, color=FAINT, ha="right", va="baseline")
        for position, ((_, _, below), label) in enumerate(zip(columns, wrapped, strict=True)):
            x = label_width + position * column_width
            axes.text(x, height - top + 0.15, label, va="bottom", fontsize=size, fontweight="bold", linespacing=1.0)
            axes.text(x, height - top + 0.045, below, va="bottom", fontsize=5.5, color=FAINT)
        reach = counts.groupby(["row", "column"])["n"].sum().max() if stacked else counts["n"].max()
        if stacked and "n_high" in counts:
            reach = max(reach, counts["n_high"].max())
        scale = min((column_width - 0.08) / max(reach, 1), _WIDEST)
        cells = dict(list(counts.groupby(["row", "column"])))
        y, last_group = height - top, ""
        for row, label, group in rows:
            if group and group != last_group:
                y -= _GROUP
                axes.text(0.05, y + 0.045, group, fontsize=6.5, color=FAINT, va="bottom", fontweight="bold")
                last_group = group
            axes.plot([0.05, right], [y, y], color=GRID, linewidth=0.5, zorder=0)
            y -= _ROW
            axes.text(0.13, y + _ROW / 2, label, va="center")
            for position, (column, _, _) in enumerate(columns):
                x, denied = label_width + position * column_width, absent.get((row, column), 0)
                end = x
                if (row, column) in cells:
                    area(axes, x - 0.02, y + 0.02, column_width - 0.04, _ROW - 0.03, row, column)
                    end = _draw_cell(axes, cells[row, column], x, y, scale, parts, stacked, count_articles)
                elif not denied:
                    axes.text(x, y + _ROW - 0.025, "·", fontsize=6, va="top", color=FAINT)
                if denied:
                    axes.text(end, y + _ROW - 0.025, f"×{denied}", fontsize=6, va="top", fontweight="bold")
                    area(axes, end - 0.01, y + 0.12, 0.18, 0.13, (absent_rows or {}).get(row, row), column, above=True)
    return figure


def _range(axes: Axes, left: float, right: float, y: float) -> None:
    """A line with an upright stroke at either end."""
    axes.plot([left, right], [y, y], color=INK, linewidth=0.6, solid_capstyle="butt")
    for x in (left, right):
        axes.plot([x, x], [y - 0.014, y + 0.014], color=INK, linewidth=0.6)


#: Height of a row and of a group heading, and the most that a count of one may be long, in inches.
_ROW, _GROUP, _WIDEST = 0.26, 0.2, 0.25


def _draw_cell(axes, cell, x, y, scale, parts, stacked, count_articles) -> float:
    """One cell; returns where the text of its first line ends."""
    n = dict(zip(cell["part"], cell["n"], strict=True))
    whole = int(cell["n_cell"].iloc[0]) if "n_cell" in cell else sum(n.values())
    numbers = str(whole) if stacked else " | ".join(str(n.get(part, 0)) for part, _, _ in parts)
    axes.text(x, y + _ROW - 0.025, numbers, fontsize=6, va="top")
    after = x + text_width(numbers, 6) + 0.04
    if count_articles:
        articles = f"in {int(cell['articles_cell'].iloc[0])}"
        axes.text(after, y + _ROW - 0.032, articles, fontsize=5, va="top", color=FAINT)
        after += text_width(articles, 5) + 0.05
    offset, thick = 0.0, 0.08 if stacked else 0.045
    for number, (part, _, colour) in enumerate(parts):
        length = n.get(part, 0) * scale
        if length:
            bottom = y + 0.045 + (0 if stacked else (len(parts) - 1 - number) * thick)
            (bar,) = axes.barh(
                bottom, length, left=x + offset, height=thick, align="edge", color=colour, edgecolor=INK, linewidth=0.4
            )
            link(bar, *cell[["row", "column"]].iloc[0], part)
            offset += length if stacked else 0
    if stacked and "n_low" in cell:
        low, high = cell[["n_low", "n_high"]].iloc[0]
        if low != high:
            _range(axes, x + low * scale, x + high * scale, y + 0.022)
    return after


def stacked_bars(
    counts: pd.DataFrame,
    *,
    rows: list[tuple[str, str]],
    parts: list[tuple[str, str, str]],
    heading: str,
) -> Figure:
    """Horizontal stacked bars with their totals; counts has columns row, part, n."""
    with matplotlib.rc_context(STYLE):
        label_width = 0.2 + max((text_width(label) for _, label in rows), default=1.0)
        height = 0.75 + len(rows) * 0.2
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        legend_row(figure, 0.05, height - 0.42, [(label, colour) for _, label, colour in parts])
        totals = counts.groupby("row")["n"].sum()
        scale = (PAGE - label_width - 0.45) / max(totals.max(), 1)
        n = counts.set_index(["row", "part"])["n"]
        for position, (row, label) in enumerate(rows):
            y, x = height - 0.75 - position * 0.2, label_width
            axes.text(label_width - 0.08, y, label, ha="right", va="center")
            area(axes, 0.05, y - 0.09, PAGE - 0.1, 0.18, row)
            for part, _, colour in parts:
                length = n.get((row, part), 0) * scale
                if length:
                    (bar,) = axes.barh(y, length, left=x, height=0.13, color=colour, edgecolor=INK, linewidth=0.4)
                    link(bar, row, part)
                    x += length
            axes.text(x + 0.05, y, str(totals[row]), va="center", fontsize=6.5)
    return figure


def two_panels(
    counts: pd.DataFrame,
    *,
    rows: list[tuple[str, str, str, str]],
    titles: dict[str, str],
    parts: list[tuple[str, str, str]],
    heading: str,
    totals: pd.Series | None = None,
) -> Figure:
    """Two columns of stacked bars to one scale.

    Args:
        counts: columns panel, row, part, n.
        rows: (panel, id, label, group label) in drawing order.
        titles: panel to its title, left to right.
        totals: number to print at a bar, by panel and row (default: the sum of its parts, which may overlap).
    """
    with matplotlib.rc_context(STYLE):
        lines = {panel: _panel_lines([row for row in rows if row[0] == panel]) for panel in titles}
        height = 0.95 + max((len(panel) for panel in lines.values()), default=1) * 0.17
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        legend_row(figure, 0.05, height - 0.42, [(label, colour) for _, label, colour in parts])
        lengths = counts.groupby(["panel", "row"])["n"].sum()
        totals = lengths if totals is None else totals
        n = counts.set_index(["panel", "row", "part"])["n"]
        label_width = 0.25 + max((text_width(label) for _, _, label, _ in rows), default=1.0)
        reach = max(lengths.max() if len(lengths) else 1, 1)
        scale = min((PAGE / len(titles) - label_width - 0.35) / reach, _WIDEST)
        for number, (panel, title) in enumerate(titles.items()):
            left = number * PAGE / len(titles)
            axes.text(left + 0.05, height - 0.68, title, fontweight="bold", va="center")
            if not lines[panel]:
                axes.text(left + 0.12, height - 0.88, "none", va="center", color=FAINT)
            for position, (row, label) in enumerate(lines[panel]):
                y, x = height - 0.88 - position * 0.17, left + label_width
                if row is None:
                    axes.text(left + 0.05, y - 0.02, label, fontsize=6, color=FAINT, fontweight="bold", va="center")
                    continue
                axes.text(left + 0.12, y, label, va="center", fontsize=6.5)
                area(axes, left + 0.08, y - 0.075, PAGE / len(titles) - 0.12, 0.15, panel, row)
                for part, _, colour in parts:
                    length = n.get((panel, row, part), 0) * scale
                    if length:
                        (bar,) = axes.barh(y, length, left=x, height=0.1, color=colour, edgecolor=INK, linewidth=0.4)
                        link(bar, panel, row, part)
                        x += length
                axes.text(x + 0.04, y, str(totals[panel, row]), va="center", fontsize=6)
    return figure


def _panel_lines(rows: list[tuple[str, str, str, str]]) -> list[tuple[str | None, str]]:
    """Lines of a panel: (row id, label), and (None, group label) where a group begins."""
    lines, last = [], ""
    for _, row, label, group in rows:
        if group and group != last:
            lines.append((None, group))
            last = group
        lines.append((row, label))
    return lines


def timeline(numbers: pd.DataFrame, *, unit: str, heading: str) -> Figure:
    """Articles by date of publication, drawn as exactly as it is known, with a count beside.

    Args:
        numbers: columns article, first_day, last_day (ISO dates), open_end, n.
        unit: what ``n`` counts.
    """
    with matplotlib.rc_context(STYLE):
        height = 0.78 + len(numbers) * 0.24
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
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
            axes.text(left - 0.12, y, row.article, ha="right", va="center")
            begin, end = place(year(date.fromisoformat(row.first_day))), place(year(date.fromisoformat(row.last_day)))
            if row.open_end:
                axes.annotate(
                    "", (begin + 0.28, y), (begin, y), arrowprops={"arrowstyle": "->", "color": DARK, "linewidth": 1}
                )
                axes.plot([begin] * 2, [y - 0.05, y + 0.05], color=DARK, linewidth=1.2)
            elif row.first_day != row.last_day:
                axes.barh(y, max(end - begin, 0.07), left=begin, height=0.08, color=DARK, edgecolor=INK, linewidth=0.4)
            else:
                axes.plot([begin], [y], marker="o", markersize=4, color=DARK)
            axes.barh(y, row.n * scale, left=bars, height=0.13, color=DARK, edgecolor=INK, linewidth=0.4)
            axes.text(bars + row.n * scale + 0.05, y, str(row.n), va="center")
            area(axes, 0.05, y - 0.11, PAGE - 0.1, 0.22, row.article, above=True)
    return figure


def message(heading: str, text: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(PAGE, 0.6)
        axes.text(0.05, 0.43, heading, fontsize=8.5, fontweight="bold", va="center")
        axes.text(0.05, 0.18, text, va="center", color=FAINT)
    return figure


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure and axes whose coordinates are inches from the lower left corner."""
    figure = new_figure(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    return figure, axes


@cache
def text_width(text: str, size: float = 7, bold: bool = False) -> float:
    """Width of a text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return TextPath((0, 0), text, prop=font).get_extents().width / 72 if text.strip() else 0.0


def wrap(text: str, width: float, bold: bool = False) -> str:
    """A text broken at spaces so that no line is wider than ``width`` inches, if it can be."""
    space = text_width("a a", bold=bold) - 2 * text_width("a", bold=bold)
    lines: list[str] = []
    taken = 0.0
    for word in text.split():  # word by word: the width of a word is measured once
        wide = text_width(word, bold=bold)
        if lines and taken + space + wide <= width:
            lines[-1] += f" {word}"
            taken += space + wide
        else:
            lines.append(word)
            taken = wide
    return "\n".join(lines)


def intervals(
    numbers: pd.DataFrame,
    *,
    bounds: dict[float, str],
    heading: str,
    ticks: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    form: str = "{:.1f}",
    values: str = "{:.2f}",
    counted: str = "units",
) -> Figure:
    """Values with their intervals, one row each, against labelled bounds.

    Args:
        numbers: columns group, label, value, low, high, n, in drawing order; a new group gets a heading. With a column
            mark (the key of the row), each row is a link.
        bounds: value to its label, drawn as vertical lines.
        ticks: values with a line and a number on the axis; the axis reaches from the first, or the least bound, to the last.
        form, values: how numbers on the axis and values are printed.
        counted: what ``n`` counts.
    """
    with matplotlib.rc_context(STYLE):
        groups = len(numbers["group"].unique())
        height = 1.0 + len(numbers) * 0.17 + groups * _GROUP
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        counts = max(text_width(str(n), 6) for n in [*numbers["n"], counted])
        left, right, top, base = 2.3, PAGE - counts - 0.5, height - 0.55, 0.3
        lowest, highest = min(ticks[0], float(numbers["low"].min(skipna=True))), ticks[-1]
        lowest = ticks[0] if lowest != lowest else lowest

        def place(value: float) -> float:
            return left + (value - lowest) / (highest - lowest) * (right - left)

        for tick in ticks:
            axes.plot([place(tick)] * 2, [base, top], color=GRID, linewidth=0.5, zorder=0)
            axes.text(place(tick), base - 0.06, form.format(tick), ha="center", va="top", color=FAINT)
        for bound, label in bounds.items():
            axes.plot([place(bound)] * 2, [base, top], color=MIDDLE, linewidth=1, zorder=1)
            axes.text(place(bound), top + 0.03, label, ha="center", va="bottom", fontsize=6, color=FAINT)
        axes.text(PAGE - 0.05, top + 0.03, counted, ha="right", va="bottom", fontsize=6, color=FAINT)
        y, last = top, None
        for row in numbers.itertuples():
            if row.group != last:
                y -= _GROUP
                axes.text(0.05, y + 0.03, row.group, fontsize=6.5, color=FAINT, fontweight="bold", va="bottom")
                last = row.group
            y -= 0.17
            axes.text(0.13, y + 0.085, row.label, va="center")
            if "mark" in numbers:
                area(axes, 0.05, y + 0.01, PAGE - 0.1, 0.15, row.mark, above=True)
            axes.text(PAGE - 0.05, y + 0.085, str(row.n), va="center", ha="right", fontsize=6, color=FAINT)
            if row.value != row.value:  # nothing varied
                axes.text(left, y + 0.085, "does not vary", va="center", fontsize=6, color=FAINT)
                continue
            if row.low == row.low:
                axes.plot([place(row.low), place(row.high)], [y + 0.085] * 2, color=DARK, linewidth=1)
            axes.plot([place(row.value)], [y + 0.085], marker="o", markersize=3.5, color=DARK)
            axes.text(right + 0.08, y + 0.085, values.format(row.value), va="center", fontsize=6)
    return figure


def specifications(
    curves: dict[str, list[float]],
    shares: pd.DataFrame,
    *,
    columns: list[tuple[str, str, str]],
    rows: list[tuple[str, str, str]],
    parts: list[tuple[str, str, str]],
    heading: str,
) -> Figure:
    """Specification curves side by side and, below each, how often the headline holds under each choice.

    Args:
        curves: column id to the margins of the headline motive in all specifications, -1 to 1, ascending.
        shares: columns column, row, part, share (0 to 1) and, if marks are to be links, mark (the key of column and row).
        columns: (id, label, the headline motive).
        rows: (id, label, group label), the choices.
        parts: (id, label, colour), stacked to one.
    """
    with matplotlib.rc_context(STYLE):
        groups = len({group for _, _, group in rows})
        label_width = 0.3 + max((text_width(label) for _, label, _ in rows), default=1.0)
        width = min((PAGE - label_width - 0.05) / max(len(columns), 1), 1.6)
        curve, step = 0.75, 0.155
        wrapped = [wrap(below, width - 0.1) for _, _, below in columns]
        names = [wrap(label, width - 0.05, bold=True) for _, label, _ in columns]
        name_lines = max((text.count("\n") + 1 for text in names), default=1)
        head = 0.68 + 0.11 * (name_lines + max((text.count("\n") + 1 for text in wrapped), default=1))
        height = head + curve + 0.3 + len(rows) * step + groups * _GROUP
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        legend_row(figure, 0.05, height - 0.4, [(label, colour) for _, label, colour in parts])
        middle = height - head - curve / 2
        axes.text(
            0.05,
            middle + 0.05,
            wrap("margin over the next motive, all specifications in order", label_width - 0.5),
            va="center",
            fontsize=6.5,
        )
        for text, y in (("+1", middle + curve / 2), ("0", middle), ("−1", middle - curve / 2)):
            axes.text(label_width - 0.06, y, text, ha="right", va="center", fontsize=5.5, color=FAINT)
        for number, ((column, _, _), name, below) in enumerate(zip(columns, names, wrapped, strict=True)):
            x, line = label_width + number * width, height - 0.58 - 0.11 * name_lines
            axes.text(x, line + 0.02, name, fontweight="bold", va="bottom", linespacing=1.0)
            axes.text(x, line - 0.01, below, va="top", fontsize=6.5, linespacing=1.1)
            points = curves[column]
            if points:
                places = [x + (width - 0.1) * (i + 0.5) / len(points) for i in range(len(points))]
                heights = [middle + value * curve / 2 for value in points]
                above = [max(value, middle) for value in heights]
                under = [min(value, middle) for value in heights]
                axes.fill_between(places, middle, above, color=DARK, linewidth=0)
                axes.fill_between(places, under, middle, facecolor=LIGHT, edgecolor=INK, linewidth=0.4)
            axes.plot([x, x + width - 0.1], [middle, middle], color=INK, linewidth=0.5)
            if "mark" in shares and points:
                area(axes, x, middle - curve / 2, width - 0.1, curve, column, above=True)
        found = {(row.column, row.row, row.part): row.share for row in shares.itertuples()}
        linked = {(row.column, row.row): row.mark for row in shares.itertuples()} if "mark" in shares else {}
        y, last = height - head - curve - 0.12, ""
        for row, label, group in rows:
            if group != last:
                y -= _GROUP
                axes.text(0.05, y + 0.03, group, fontsize=6.5, color=FAINT, fontweight="bold", va="bottom")
                last = group
            y -= step
            axes.text(0.13, y + step / 2, label, va="center", fontsize=6.5)
            for number, (column, _, _) in enumerate(columns):
                left = label_width + number * width
                if not any((column, row, part) in found for part, _, _ in parts):
                    axes.text(left, y + step / 2, "no claim left", va="center", fontsize=5.5, color=FAINT)
                    continue
                if (column, row) in linked:
                    area(axes, left - 0.02, y + 0.01, width - 0.02, step - 0.02, linked[column, row], above=True)
                for part, _, colour in parts:
                    length = found.get((column, row, part), 0.0) * (width - 0.36)
                    if length:
                        axes.barh(
                            y + 0.03,
                            length,
                            left=left,
                            height=0.09,
                            align="edge",
                            color=colour,
                            edgecolor=INK,
                            linewidth=0.4,
                        )
                        left += length
                leads = found.get((column, row, parts[0][0]), 0.0)
                axes.text(
                    label_width + (number + 1) * width - 0.33, y + step / 2, f"{leads:.0%}", va="center", fontsize=5.5
                )
    return figure


def lanes(drawn: pd.DataFrame, *, key: list[str], heading: str) -> Figure:
    """A time line with a lane an actor; overlapping marks are stacked.

    Args:
        drawn: columns mark (key of the row), lane, pieces (list of first, last, open_start, open_end; years), approximate, firm, contested, sources, number
            (0 or the number that names it), one row a mark, lanes and marks in drawing order.
        key: what the numbers name, printed below.
    """
    with matplotlib.rc_context(STYLE):
        left, right, step = 1.05, PAGE - 0.12, 0.1
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
        height = 0.75 + math.fsum(n * step + 0.1 for n in rows.values()) + below
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        end = legend_row(
            figure,
            0.05,
            height - 0.4,
            [("one source", LIGHT), ("two independent sources", MIDDLE), ("three or more", DARK)],
        )
        axes.text(end, height - 0.4, "dashed: approximate, alleged or planned    × contested", va="baseline")
        bottom, y = below, height - 0.6
        for tick in _ticks(first, last, bend):
            axes.plot([place(tick)] * 2, [bottom, y], color=GRID, linewidth=0.5, zorder=0)
            if tick == bend or (abs(place(tick) - place(bend)) > 0.25 and (tick > bend or tick % 10 == 0)):
                axes.text(place(tick), bottom - 0.04, str(tick), ha="center", va="top", fontsize=6, color=FAINT)
        for lane, levels in packed.items():
            top = y
            y -= rows[lane] * step + 0.1
            axes.plot([0.05, right], [top, top], color=GRID, linewidth=0.5, zorder=0)
            axes.text(
                0.05,
                top - 0.1,
                wrap(lane, left - 0.1),
                va="center" if " " not in lane else "top",
                fontsize=6.5,
                linespacing=1.0,
            )
            for row, level in zip(drawn[drawn["lane"] == lane].itertuples(), levels, strict=True):
                _event(axes, row, place, top - 0.1 - level * step)
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
    return begin, end + (0.07 if row.contested else 0) + (0.1 if row.number else 0)


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
        axes.text(right + 0.015, y - 0.003, str(row.number), fontsize=5.5, va="center", fontweight="bold")


def letters(
    cells: list[tuple[str, str, str]], *, rows: list[tuple[str, str]], columns: list[tuple[str, str]], heading: str
) -> Figure:
    """A matrix of letters: which column gives which account of a row.

    Args:
        cells: (row, column, letter); what begins with ``x`` is drawn as a cross. Row and letter are the key of a mark.
        rows, columns: (id, label) in drawing order.
    """
    with matplotlib.rc_context(STYLE):
        words = [word for _, label in columns for word in label.split()]
        width = max(0.42, 0.05 + max(text_width(word, 6) for word in words))
        label_width = PAGE - 0.1 - len(columns) * width
        wrapped = [wrap(label, (label_width - 0.15) * 7 / 6.5) for _, label in rows]
        names = [wrap(label, width * 7 / 6) for _, label in columns]
        top = 0.42 + 0.1 * max(name.count("\n") + 1 for name in names)
        heights = [0.07 + 0.105 * (text.count("\n") + 1) for text in wrapped]
        height = top + math.fsum(heights) + 0.08
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        for number, name in enumerate(names):
            x = label_width + (number + 0.5) * width
            axes.text(x, height - top + 0.04, name, ha="center", va="bottom", fontsize=6, linespacing=1.0)
        found: dict[tuple[str, str], list[str]] = {}
        for row, column, letter in cells:
            found.setdefault((row, column), []).append(letter)
        y = height - top
        for (row, _), text, tall in zip(rows, wrapped, heights, strict=True):
            axes.plot([0.05, PAGE - 0.05], [y, y], color=GRID, linewidth=0.5, zorder=0)
            y -= tall
            axes.text(0.05, y + tall / 2, text, va="center", fontsize=6.5, linespacing=1.05)
            for number, (column, _) in enumerate(columns):
                held = sorted(found.get((row, column), []))
                for place, letter in enumerate(held):
                    x = label_width + (number + 0.5) * width + (place - (len(held) - 1) / 2) * 0.14
                    colour = {"a": LIGHT, "b": MIDDLE}.get(letter, DARK)
                    area(axes, x - 0.06, y + tall / 2 - 0.06, 0.12, 0.12, row, letter, above=True)
                    if letter.startswith("x"):
                        axes.text(x, y + tall / 2, "×", ha="center", va="center", fontsize=9, fontweight="bold")
                        continue
                    axes.add_patch(
                        Rectangle(
                            (x - 0.06, y + tall / 2 - 0.06), 0.12, 0.12, facecolor=colour, edgecolor=INK, linewidth=0.5
                        )
                    )
                    ink = LIGHT if colour == DARK else INK
                    axes.text(
                        x,
                        y + tall / 2 - 0.003,
                        letter,
                        ha="center",
                        va="center",
                        fontsize=6,
                        color=ink,
                        fontweight="bold",
                    )
    return figure


def network(
    ties: pd.DataFrame,
    *,
    panels: list[tuple[str, str]],
    centre: str,
    ring: list[tuple[str, str]],
    labels: dict[str, str],
    heading: str,
) -> Figure:
    """Signed networks with the same places in every panel: one actor in the centre, the others on a ring.

    Args:
        ties: columns panel, one, other, balance (-1 to 1), n, forward, backward (whether one acts upon the other, and back), disputed.
        panels: (id, label).
        centre: the actor in the middle.
        ring: (actor, kind) in the order of the clock, from the top.
        labels: of actors.
    """
    with matplotlib.rc_context(STYLE):
        side = PAGE / 2
        rows = (len(panels) + 1) // 2
        beside = len(panels) % 2 == 1  # the key stands in the place of a panel where one is free
        height = 0.35 + rows * (side + 0.1) + (0 if beside else _KEY)
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        radius = side / 2 - 0.35
        angles = {actor: math.pi / 2 - 2 * math.pi * place / len(ring) for place, (actor, _) in enumerate(ring)}
        spots = {actor: (radius * math.cos(angle), radius * math.sin(angle)) for actor, angle in angles.items()} | {
            centre: (0.0, 0.0)
        }
        for number, (panel, title) in enumerate(panels):
            x = (number % 2) * side + side / 2
            y = height - 0.35 - (number // 2) * (side + 0.1) - side / 2
            axes.text(x - side / 2 + 0.05, y + side / 2 - 0.08, title, fontweight="bold", va="center")
            own = ties[ties["panel"] == panel]
            active = {*own["one"], *own["other"]}
            boxes = {}
            for actor, (dx, dy) in spots.items():
                ink = INK if actor in active else GRID
                weight = "bold" if actor == centre else "normal"
                box = {"boxstyle": "round,pad=0.18", "facecolor": "white", "edgecolor": ink, "linewidth": 0.5}
                name = wrap(labels[actor], 0.6)
                axes.text(
                    x + dx, y + dy, name, fontsize=5.5, ha="center", va="center",
                    color=ink if ink == INK else FAINT, fontweight=weight, bbox=box, zorder=5, linespacing=0.95,
                )  # fmt: skip
                lines = name.split("\n")
                wide = max(text_width(line, 5.5, bold=weight == "bold") for line in lines) + 0.06
                boxes[actor] = (x + dx, y + dy, wide, 0.085 * len(lines) + 0.06)
            for tie in own.sort_values(["n", "one", "other"]).itertuples():
                _tie(axes, tie, boxes)
        if beside:
            _network_key(axes, side + 0.15, height - 0.35 - (rows - 1) * (side + 0.1) - 0.3)
        else:
            _network_key(axes, 0.15, _KEY - 0.3)
    return figure


#: From this balance on a tie is drawn as cooperation, from its negative on as conflict; between them it is mixed.
CLEAR = 1 / 3


def _tie_look(balance: float) -> tuple[str, object]:
    if balance > CLEAR:
        return DARK, "-"
    if balance < -CLEAR:
        return MIDDLE, "-"
    return FAINT, (0, (3, 1.2))


#: Height of the key below an even number of panels, in inches.
_KEY = 2.1


#: Curvature of a tie (matplotlib's ``arc3``): the first with which it runs behind no third actor.
_BENDS = (0.0, 0.12, -0.12, 0.25, -0.25, 0.4, -0.4)


def _crosses(start, end, bend: float, boxes) -> bool:
    """Whether a tie of this curvature runs behind a box (middle, width, height)."""
    (x0, y0), (x1, y1) = start, end
    along = np.linspace(0, 1, 41)[1:-1]
    middle = (x0 + x1) / 2 + bend * (y1 - y0), (y0 + y1) / 2 - bend * (x1 - x0)
    x = (1 - along) ** 2 * x0 + 2 * along * (1 - along) * middle[0] + along**2 * x1
    y = (1 - along) ** 2 * y0 + 2 * along * (1 - along) * middle[1] + along**2 * y1
    return any(
        (np.hypot(np.maximum(abs(x - bx) - w / 2, 0), np.maximum(abs(y - by) - h / 2, 0)) < 0.03).any()
        for bx, by, w, h in boxes
    )


def _tie(axes: Axes, tie, boxes: dict[str, tuple[float, float, float, float]]) -> None:
    """A line from box to box (middle, width, height), bent where it would run behind another."""
    colour, dash = _tie_look(tie.balance)
    (x0, y0, *_), (x1, y1, *_) = boxes[tie.one], boxes[tie.other]
    others = [box for actor, box in boxes.items() if actor not in (tie.one, tie.other)]
    bend = next((bend for bend in _BENDS if not _crosses((x0, y0), (x1, y1), bend, others)), 0.0)
    outlines = []
    for x, y, wide, high in (boxes[tie.one], boxes[tie.other]):
        outlines.append(Rectangle((x - wide / 2, y - high / 2), wide, high, transform=axes.transData))
    head = {(True, True): "<|-|>", (True, False): "-|>", (False, True): "<|-", (False, False): "-"}[
        tie.forward, tie.backward
    ]
    width = 0.5 + 0.35 * math.log2(tie.n)
    arrow = FancyArrowPatch(
        (x0, y0), (x1, y1), arrowstyle=head, mutation_scale=4 + width, linewidth=width, color=colour, linestyle=dash,
        connectionstyle=f"arc3,rad={bend}", patchA=outlines[0], patchB=outlines[1], shrinkA=1, shrinkB=1,
        zorder=2 if tie.n > 1 else 1,
    )  # fmt: skip
    link(arrow, tie.panel, tie.one, tie.other)
    axes.add_patch(arrow)
    if tie.disputed:
        middle = ((x0 + x1) / 2 + bend / 2 * (y1 - y0), (y0 + y1) / 2 - bend / 2 * (x1 - x0))
        axes.text(*middle, "×", ha="center", va="center", fontsize=7, fontweight="bold", zorder=4)


def _network_key(axes: Axes, x: float, y: float) -> None:
    axes.text(x, y, "How to read it", fontweight="bold", va="center")
    lines = [
        (1.0, "mostly cooperation"),
        (-1.0, "mostly conflict"),
        (0.0, "both, neither twice as often as the other"),
    ]
    for place, (balance, text) in enumerate(lines, 1):
        colour, dash = _tie_look(balance)
        axes.plot([x, x + 0.4], [y - 0.22 * place] * 2, color=colour, linestyle=dash, linewidth=1.4)
        axes.text(x + 0.5, y - 0.22 * place, text, va="center")
    for place, text in enumerate(
        [
            "thicker: more claims (1, 2, 4, 8 ...)",
            "arrow: who acts upon whom",
            "×  accounts of an act conflict, or it is denied",
            "grey name: no tie told in that time",
        ],
        4,
    ):
        axes.text(x, y - 0.22 * place, text, va="center")


def signed_matrix(
    cells: pd.DataFrame, *, actors: list[tuple[str, str]], parts: list[tuple[str, str]], heading: str, row_title: str
) -> Figure:
    """Who acts how upon whom: in each cell a bar up (cooperation) and down (conflict) for each part.

    Args:
        cells: columns subject, target, part, cooperation, conflict.
        actors: (id, label), rows and columns alike.
        parts: (id, label), left to right in a cell.
        row_title: says what rows and columns are.
    """
    with matplotlib.rc_context(STYLE):
        label_width = 0.15 + max(text_width(label) for _, label in actors)
        size = (PAGE - label_width - 0.05) / len(actors)
        names = [wrap(label, size * 7 / 5.5) for _, label in actors]
        lines = max(name.count("\n") + 1 for name in names)
        small = min(5.5, 5.5 * size / max(text_width(word, 5.5) + 0.03 for name in names for word in name.split()))
        tall = 0.36
        top = 0.72 + 0.09 * lines
        height = top + tall * len(actors) + 0.1
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        end = legend_row(figure, 0.05, height - 0.4, [("up: cooperation", DARK), ("down: conflict", MIDDLE)])
        axes.text(
            end, height - 0.4, "left to right: " + "; ".join(label for _, label in parts), va="baseline", fontsize=6
        )
        axes.text(0.05, height - 0.6, row_title, fontsize=6, color=FAINT, va="center")
        scale = (tall / 2 - 0.03) / max(cells[["cooperation", "conflict"]].to_numpy().max(), 1)
        found = {(row.subject, row.target, row.part): row for row in cells.itertuples()}
        thick = (size - 0.1) / len(parts)
        for column, name in enumerate(names):
            axes.text(
                label_width + (column + 0.5) * size,
                height - top + 0.03,
                name,
                ha="center",
                va="bottom",
                fontsize=small,
                linespacing=0.95,
            )
        for row, (subject, label) in enumerate(actors):
            middle = height - top - (row + 0.5) * tall
            axes.plot([0.05, PAGE - 0.05], [middle + tall / 2] * 2, color=GRID, linewidth=0.5, zorder=0)
            axes.text(0.05, middle, label, va="center", fontsize=6.5)
            for column, (target, _) in enumerate(actors):
                left = label_width + column * size + 0.05
                if subject == target:
                    axes.add_patch(
                        Rectangle((left - 0.05, middle - tall / 2), size, tall, facecolor="#f3f3f3", linewidth=0)
                    )
                    continue
                if any((subject, target, part) in found for part, _ in parts):
                    axes.plot([left, left + thick * len(parts)], [middle] * 2, color=FAINT, linewidth=0.4)
                for place, (part, _) in enumerate(parts):
                    cell = found.get((subject, target, part))
                    if cell is None:
                        continue
                    for n, sign, colour in ((cell.cooperation, 1, DARK), (cell.conflict, -1, MIDDLE)):
                        if n:
                            (bar,) = axes.bar(
                                left + (place + 0.5) * thick, sign * n * scale, bottom=middle, width=thick * 0.8, color=colour,
                                edgecolor=INK, linewidth=0.3,
                            )  # fmt: skip
                            link(bar, part, subject, target)
    return figure


def paths(rows: pd.DataFrame, *, parts: list[tuple[str, str]], ends: tuple[str, str], heading: str) -> Figure:
    """How a value between -1 and 1 moved: a row a pair, a numbered dot a stretch of time, joined by an arrow.

    Args:
        rows: columns mark (key of the row), label, values (part to value), n (part to the number behind it).
        parts: (id, label); the dots are numbered in this order.
        ends: what -1 and 1 mean.
    """
    with matplotlib.rc_context(STYLE):
        label_width = 0.2 + max(text_width(label) for label in rows["label"])
        height = 0.95 + 0.26 * len(rows) + 0.12
        figure, axes = canvas(PAGE, height)
        left, right = label_width + 0.3, PAGE - 0.3
        place = lambda value: left + (value + 1) / 2 * (right - left)  # noqa: E731
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        axes.text(
            0.05,
            height - 0.4,
            "    ".join(f"{n}  {label}" for n, (_, label) in enumerate(parts, 1)),
            va="center",
            fontsize=6.5,
        )
        for value, text in ((-1, ends[0]), (0, "balanced"), (1, ends[1])):
            axes.plot([place(value)] * 2, [0.1, height - 0.72], color=GRID, linewidth=0.6, zorder=0)
            axes.text(
                place(value),
                height - 0.66,
                text,
                ha={-1: "left", 0: "center", 1: "right"}[value],
                va="center",
                fontsize=6,
                color=FAINT,
            )
        for position, row in enumerate(rows.itertuples()):
            y = height - 0.92 - position * 0.26
            axes.text(0.05, y, row.label, va="center")
            area(axes, 0.03, y - 0.1, PAGE - 0.06, 0.24, row.mark, above=True)
            held = [
                (number, row.values_by[part], row.n_by[part])
                for number, (part, _) in enumerate(parts, 1)
                if part in row.values_by
            ]
            for (_, a, _), (_, b, _) in pairwise(held):
                if abs(a - b) > 0.05:
                    axes.annotate(
                        "",
                        (place(b), y),
                        (place(a), y),
                        arrowprops={"arrowstyle": "->", "color": FAINT, "linewidth": 0.8, "shrinkA": 5, "shrinkB": 5},
                    )
            taken: list[float] = []
            for number, value, n in held:
                lift = 0.11 * sum(abs(value - other) < 0.06 for other in taken)
                taken.append(value)
                axes.plot(
                    [place(value)],
                    [y + lift],
                    marker="o",
                    markersize=7,
                    color=[LIGHT, MIDDLE, DARK][min(number, 3) - 1],
                    markeredgecolor=INK,
                    markeredgewidth=0.5,
                )
                axes.text(
                    place(value),
                    y + lift - 0.003,
                    str(number),
                    ha="center",
                    va="center",
                    fontsize=5,
                    color=LIGHT if number > 2 else INK,
                )
                # Below its dot, where no arrow runs; beside it where the dot stands above another.
                at = (place(value) + 0.08, y + lift) if lift else (place(value), y - 0.095)
                axes.text(*at, f"n {n}", fontsize=5, color=FAINT, va="center", ha="left" if lift else "center")
    return figure
