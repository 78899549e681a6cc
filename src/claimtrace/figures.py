"""Charts. Each becomes an :class:`Exhibit`: three pictures, the numbers plotted and the claim ids behind each.

Bytes are the same on every run: no dates, no random ids, fonts drawn as outlines.
"""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from claimtrace import marks
from claimtrace.dates import year
from claimtrace.files import write_whole

#: Text width of a journal page, in inches (180 mm).
PAGE = 7.09

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
#: Three steps told apart by colour, in grey and by the colour-blind: dark blue, orange (Okabe and Ito's), white.
DARK, MIDDLE, LIGHT = "#00446b", "#e69f00", "#ffffff"
#: A fourth, between the second and the third.
PALE = "#f5d9a0"

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
        buffer = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        page = marks.SITE + marks.address(self.name)
        body = buffer.getvalue().replace('<a xlink:href="#', f'<a xlink:href="{page}#').split("<svg ", 1)[1]
        opening, rest = body.split(">", 1)
        title = f'<title id="t-{self.name}">{html.escape(self.name)}</title>'
        description = f'<desc id="d-{self.name}">{html.escape(self.alt)}</desc>'
        labelled = f'role="img" aria-labelledby="t-{self.name} d-{self.name}"'
        return f"<svg {labelled} {opening}>\n {title}\n {description}{rest}".rstrip() + "\n"

    def save(self, build: Path) -> None:
        """Write ``figures/NAME.{svg,pdf,png}`` and ``tables/NAME.csv``, each whole or not at all."""
        for folder in ("figures", "tables"):
            (build / folder).mkdir(parents=True, exist_ok=True)
        write_whole(build / "figures" / f"{self.name}.svg", self.svg.encode("utf-8"))
        with matplotlib.rc_context(STYLE):
            for suffix, metadata in (
                ("pdf", {"CreationDate": None, "Producer": None, "Creator": None}),
                ("png", {"Software": None}),
            ):
                buffer = io.BytesIO()
                self.figure.savefig(buffer, format=suffix, dpi=300, metadata=metadata)
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
        counts: columns row, column, part, n, articles_cell (distinct articles of the whole cell), and, where other codings
            were counted, n_low and n_high: the range of the cell over codings, drawn where bars are stacked.
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
    numbers = str(sum(n.values())) if stacked else " | ".join(str(n.get(part, 0)) for part, _, _ in parts)
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
) -> Figure:
    """Two columns of stacked bars to one scale.

    Args:
        counts: columns panel, row, part, n.
        rows: (panel, id, label, group label) in drawing order.
        titles: panel to its title, left to right.
    """
    with matplotlib.rc_context(STYLE):
        lines = {panel: _panel_lines([row for row in rows if row[0] == panel]) for panel in titles}
        height = 0.95 + max((len(panel) for panel in lines.values()), default=1) * 0.17
        figure, axes = canvas(PAGE, height)
        axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
        legend_row(figure, 0.05, height - 0.42, [(label, colour) for _, label, colour in parts])
        totals = counts.groupby(["panel", "row"])["n"].sum()
        n = counts.set_index(["panel", "row", "part"])["n"]
        label_width = 0.25 + max((text_width(label) for _, _, label, _ in rows), default=1.0)
        reach = max(totals.max() if len(totals) else 1, 1)
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
    lines = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
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
                axes.fill_between(places, under, middle, color=MIDDLE, linewidth=0)
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
