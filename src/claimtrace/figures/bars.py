"""Charts of bars: a table of them, stacked ones, two columns of stacked ones."""

from __future__ import annotations

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from claimtrace.figures.canvas import (
    FAINT,
    GRID,
    GROUP,
    INK,
    PAGE,
    STYLE,
    area,
    legend_row,
    link,
    page,
    text_width,
    wrap,
)

#: Height of a row, and the most that a count of one may be long, in inches.
_ROW, _WIDEST = 0.21, 0.25


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
    absent: dict[tuple[str, str], str] | None = None,
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
        absent: (row, column) to the number of claims which say that it is not so, as text; other empty cells get a dot.
        absent_rows: row to the id under which the table has the claims of ``absent``.
    """
    absent = absent or {}
    with matplotlib.rc_context(STYLE):
        groups = list(dict.fromkeys(group for _, _, group in rows if group))
        label_width = 0.25 + max((text_width(label) for _, label, _ in rows), default=1.0)
        column_width = min((PAGE - label_width - 0.05) / max(len(columns), 1), 1.1)
        words = [word for _, label, _ in columns for word in label.split()]
        widest = max((text_width(word, bold=True) for word in words), default=0.1)
        size = min(7.0, 7.0 * (column_width - 0.09) / widest)
        wrapped = [wrap(label, (column_width - 0.13) * 7 / size, bold=True) for _, label, _ in columns]
        top = 0.72 + 0.105 * max((text.count("\n") + 1 for text in wrapped), default=1)
        height = top + 0.15 + len(rows) * _ROW + len(groups) * GROUP
        figure, axes = page(height, heading)
        end = legend_row(figure, 0.05, height - 0.4, [(label, colour) for _, label, colour in parts])
        if stacked and "n_low" in counts:
            _range(axes, end, end + 0.2, height - 0.36)
            axes.text(end + 0.26, height - 0.4, "range over codings", va="baseline")
        right = label_width + len(columns) * column_width
        axes.text(PAGE - 0.05, height - 0.4, key, fontsize=6, color=FAINT, ha="right", va="baseline")
        for position, ((_, _, below), label) in enumerate(zip(columns, wrapped, strict=True)):
            x = label_width + position * column_width
            axes.text(x, height - top + 0.17, label, va="baseline", fontsize=size, fontweight="bold", linespacing=1.0)
            axes.text(x, height - top + 0.045, below, va="bottom", fontsize=5.5, color=FAINT)
        reach = counts.groupby(["row", "column"])["n"].sum().max() if stacked else counts["n"].max()
        if stacked and "n_high" in counts:
            reach = max(reach, counts["n_high"].max())
        scale = min((column_width - 0.08) / max(reach, 1), _WIDEST)
        cells = dict(list(counts.groupby(["row", "column"])))
        y, last_group = height - top, ""
        for row, label, group in rows:
            if group and group != last_group:
                y -= GROUP
                axes.text(0.05, y + 0.045, group, fontsize=6.5, color=FAINT, va="bottom", fontweight="bold")
                last_group = group
            axes.plot([0.05, right], [y, y], color=GRID, linewidth=0.5, zorder=0)
            y -= _ROW
            axes.text(0.13, y + _ROW / 2, label, va="center")
            for position, (column, _, _) in enumerate(columns):
                x, denied = label_width + position * column_width, absent.get((row, column), "")
                end = x
                if (row, column) in cells:
                    area(axes, x - 0.02, y + 0.02, column_width - 0.04, _ROW - 0.03, row, column)
                    end = _draw_cell(axes, cells[row, column], x, y, scale, parts, stacked, count_articles)
                elif not denied:
                    axes.text(x, y + _ROW - 0.01, "·", fontsize=6, va="top", color=FAINT)
                if denied:
                    axes.text(end, y + _ROW - 0.01, f"×{denied}", fontsize=6, va="top", fontweight="bold")
                    wide = max(text_width(f"×{denied}", 6, bold=True) + 0.03, 0.18)
                    area(
                        axes,
                        end - 0.01,
                        y + _ROW - 0.125,
                        wide,
                        0.13,
                        (absent_rows or {}).get(row, row),
                        column,
                        above=True,
                    )
    return figure


def _range(axes: Axes, left: float, right: float, y: float) -> None:
    """A line with an upright stroke at either end."""
    axes.plot([left, right], [y, y], color=INK, linewidth=0.6, solid_capstyle="butt")
    for x in (left, right):
        axes.plot([x, x], [y - 0.014, y + 0.014], color=INK, linewidth=0.6)


def _draw_cell(axes, cell, x, y, scale, parts, stacked, count_articles) -> float:
    """One cell; returns where the text of its first line ends."""
    n = dict(zip(cell["part"], cell["n"], strict=True))
    whole = int(cell["n_cell"].iloc[0]) if "n_cell" in cell else sum(n.values())
    numbers = str(whole) if stacked else " | ".join(str(n.get(part, 0)) for part, _, _ in parts)
    axes.text(x, y + _ROW - 0.01, numbers, fontsize=6, va="top")
    after = x + text_width(numbers, 6) + 0.04
    if count_articles:
        articles = f"in {int(cell['articles_cell'].iloc[0])}"
        axes.text(after, y + _ROW - 0.017, articles, fontsize=5, va="top", color=FAINT)
        after += text_width(articles, 5) + 0.05
    offset, thick = 0.0, 0.06 if stacked else 0.033
    for number, (part, _, colour) in enumerate(parts):
        length = n.get(part, 0) * scale
        if length:
            bottom = y + (0.044 if stacked else 0.03 + (len(parts) - 1 - number) * thick)
            (bar,) = axes.barh(
                bottom, length, left=x + offset, height=thick, align="edge", color=colour, edgecolor=INK, linewidth=0.4
            )
            link(bar, *cell[["row", "column"]].iloc[0], part)
            offset += length if stacked else 0
    if stacked and "n_low" in cell:
        low, high = cell[["n_low", "n_high"]].iloc[0]
        if low != high:
            _range(axes, x + low * scale, x + high * scale, y + 0.025)
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
        figure, axes = page(height, heading)
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
    beside: dict[tuple[str, str], str] | None = None,
) -> Figure:
    """Two columns of stacked bars to one scale.

    Args:
        counts: columns panel, row, part, n.
        rows: (panel, id, label, group label) in drawing order.
        titles: panel to its title, left to right.
        totals: number to print at a bar, by panel and row (default: the sum of its parts, which may overlap); a row without
            one has no bar.
        beside: what to print in grey after that number, by panel and row.
    """
    with matplotlib.rc_context(STYLE):
        lines = {panel: _panel_lines([row for row in rows if row[0] == panel]) for panel in titles}
        height = 0.95 + max((len(panel) for panel in lines.values()), default=1) * 0.17
        figure, axes = page(height, heading)
        legend_row(figure, 0.05, height - 0.42, [(label, colour) for _, label, colour in parts])
        lengths = counts.groupby(["panel", "row"])["n"].sum()
        totals = lengths if totals is None else totals
        beside = beside or {}
        n = counts.set_index(["panel", "row", "part"])["n"]
        label_width = 0.25 + max((text_width(label) for _, _, label, _ in rows), default=1.0)
        reach = max(lengths.max() if len(lengths) else 1, 1)
        room = 0.35 + max((text_width(text, 5) for text in beside.values()), default=0)
        scale = min((PAGE / len(titles) - label_width - room) / reach, _WIDEST)
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
                number = str(totals.get((panel, row), 0))
                axes.text(x + 0.04, y, number, va="center", fontsize=6)
                if (panel, row) in beside:
                    after = x + 0.08 + text_width(number, 6)
                    axes.text(after, y - 0.003, beside[panel, row], va="center", fontsize=5, color=FAINT)
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
