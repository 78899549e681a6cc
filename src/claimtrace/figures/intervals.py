"""Values with their intervals, and a headline under many specifications."""

from __future__ import annotations

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from claimtrace.figures.canvas import (
    DARK,
    FAINT,
    GRID,
    GROUP,
    INK,
    LIGHT,
    MIDDLE,
    PAGE,
    STYLE,
    area,
    legend_row,
    page,
    text_width,
    wrap,
)


def intervals(
    numbers: pd.DataFrame,
    *,
    bounds: dict[float, str],
    heading: str,
    ticks: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    form: str = "{:.1f}",
    values: str = "{:.2f}",
    counted: str = "units",
    unit: str = "",
) -> Figure:
    """Values with their intervals, one row each, against labelled bounds.

    Args:
        numbers: columns group, label, value, low, high, n, in drawing order; a new group gets a heading. With a column
            mark (the key of the row), each row is a link.
        bounds: value to its label, drawn as vertical lines.
        ticks: values with a line and a number on the axis; the axis reaches from the first, or the least bound, to the last.
        form, values: how numbers on the axis and values are printed.
        counted: what ``n`` counts.
        unit: of the values, printed below the axis.
    """
    with matplotlib.rc_context(STYLE):
        groups = len(numbers["group"].unique())
        height = 1.0 + len(numbers) * 0.17 + groups * GROUP
        figure, axes = page(height, heading)
        counts = max(text_width(str(n), 6) for n in [*numbers["n"], counted])
        left, right, top, base = 2.3, PAGE - counts - 0.5, height - 0.55, 0.3
        lowest, highest = min(ticks[0], float(numbers["low"].min(skipna=True))), ticks[-1]
        lowest = ticks[0] if lowest != lowest else lowest

        def place(value: float) -> float:
            return left + (value - lowest) / (highest - lowest) * (right - left)

        for tick in ticks:
            axes.plot([place(tick)] * 2, [base, top], color=GRID, linewidth=0.5, zorder=0)
            axes.text(place(tick), base - 0.06, form.format(tick).replace("-", "−"), ha="center", va="top", color=FAINT)
        if unit:
            axes.text((left + right) / 2, 0.06, unit, ha="center", va="center", fontsize=6, color=FAINT)
        for bound, label in bounds.items():
            axes.plot([place(bound)] * 2, [base, top], color=MIDDLE, linewidth=1, zorder=1)
            axes.text(place(bound), top + 0.03, label, ha="center", va="bottom", fontsize=6, color=FAINT)
        axes.text(PAGE - 0.05, top + 0.03, counted, ha="right", va="bottom", fontsize=6, color=FAINT)
        y, last = top, None
        for row in numbers.itertuples():
            if row.group != last:
                y -= GROUP
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
            axes.text(right + 0.08, y + 0.085, values.format(row.value).replace("-", "−"), va="center", fontsize=6)
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
        height = head + curve + 0.3 + len(rows) * step + groups * GROUP
        figure, axes = page(height, heading)
        legend_row(figure, 0.05, height - 0.4, [(label, colour) for _, label, colour in parts])
        middle = height - head - curve / 2
        axes.text(
            0.05,
            middle + 0.05,
            wrap("margin over the next motive, all specifications in ascending order", label_width - 0.5),
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
                y -= GROUP
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
