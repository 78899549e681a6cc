"""Tables of signs: letters by row and column, and who acts how upon whom."""

from __future__ import annotations

import math

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

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
    text_width,
    wrap,
)


def letters(
    cells: list[tuple[str, str, str]], *, rows: list[tuple[str, str, str]], columns: list[tuple[str, str]], heading: str
) -> Figure:
    """A matrix of letters: which column gives which account of a row.

    Args:
        cells: (row, column, letter); what begins with ``x`` is drawn as a cross. Row and letter are the key of a mark.
        rows: (id, label, what its letters stand for) in drawing order.
        columns: (id, label) in drawing order.
    """
    with matplotlib.rc_context(STYLE):
        words = [word for _, label in columns for word in label.split()]
        width = max(0.42, 0.1 + max(text_width(word, 6) for word in words))
        label_width = PAGE - 0.1 - len(columns) * width
        wrapped = [wrap(label, (label_width - 0.15) * 7 / 6.5) for _, label, _ in rows]
        notes = [wrap(note, (label_width - 0.15) * 7 / 5.5) for _, _, note in rows]
        names = [wrap(label, (width - 0.06) * 7 / 6) for _, label in columns]
        top = 0.42 + 0.1 * max(name.count("\n") + 1 for name in names)
        lines = [(text.count("\n") + 1, note.count("\n") + 1) for text, note in zip(wrapped, notes, strict=True)]
        heights = [0.1 + 0.105 * above + 0.09 * below for above, below in lines]
        height = top + math.fsum(heights) + 0.08
        figure, axes = page(height, heading)
        for number, name in enumerate(names):
            x = label_width + (number + 0.5) * width
            axes.text(x, height - top + 0.06, name, ha="center", va="baseline", fontsize=6, linespacing=1.0)
        found: dict[tuple[str, str], list[str]] = {}
        for row, column, letter in cells:
            found.setdefault((row, column), []).append(letter)
        y = height - top
        for (row, _, _), text, note, tall in zip(rows, wrapped, notes, heights, strict=True):
            axes.plot([0.05, PAGE - 0.05], [y, y], color=GRID, linewidth=0.5, zorder=0)
            y -= tall
            axes.text(0.05, y + tall - 0.04, text, va="top", fontsize=6.5, linespacing=1.05)
            axes.text(0.05, y + 0.05, note, va="bottom", fontsize=5.5, linespacing=1.05, color=FAINT)
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
        tall = 0.42
        top = 0.72 + 0.095 * lines
        height = top + tall * len(actors) + 0.1
        figure, axes = page(height, heading)
        end = legend_row(figure, 0.05, height - 0.4, [("up: cooperation", DARK), ("down: conflict", MIDDLE)])
        axes.text(
            end, height - 0.4, "left to right: " + "; ".join(label for _, label in parts), va="baseline", fontsize=6
        )
        axes.text(0.05, height - 0.6, row_title, fontsize=6, color=FAINT, va="center")
        room = 0.1  # for a number, above the longest bar and below
        up, down = max(cells["cooperation"].max(), 1), max(cells["conflict"].max(), 1)
        scale = (tall - 2 * room) / (up + down)
        found = {(row.subject, row.target, row.part): row for row in cells.itertuples()}
        thick = (size - 0.1) / len(parts)
        for column, name in enumerate(names):
            axes.text(
                label_width + (column + 0.5) * size,
                height - top + 0.05,
                name,
                ha="center",
                va="baseline",
                fontsize=small,
                linespacing=1.05,
            )
        for row, (subject, label) in enumerate(actors):
            middle = height - top - (row + 0.5) * tall
            base = middle - tall / 2 + room + down * scale
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
                    axes.plot([left, left + thick * len(parts)], [base] * 2, color=FAINT, linewidth=0.4)
                for place, (part, _) in enumerate(parts):
                    cell = found.get((subject, target, part))
                    if cell is None:
                        continue
                    for n, sign, colour in ((cell.cooperation, 1, DARK), (cell.conflict, -1, MIDDLE)):
                        if n:
                            (bar,) = axes.bar(
                                left + (place + 0.5) * thick, sign * n * scale, bottom=base, width=thick * 0.8, color=colour,
                                edgecolor=INK, linewidth=0.3,
                            )  # fmt: skip
                            link(bar, part, subject, target)
                            tip = base + sign * (n * scale + 0.045)
                            axes.text(
                                left + (place + 0.5) * thick, tip, str(n), ha="center", va="center_baseline", fontsize=5
                            )
    return figure
