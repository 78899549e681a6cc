"""Charts. Each becomes an :class:`Exhibit`: three pictures, the numbers plotted and the claim ids behind each.

Bytes are the same on every run: no dates, no random ids, fonts drawn as outlines.
"""

from __future__ import annotations

import html
import io
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

#: Text width of a journal page, and one column of it, in inches (180 mm and 88 mm).
PAGE, COLUMN = 7.09, 3.46

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
#: Three steps told apart by colour, in grey and by the colour-blind: dark blue, orange (both Okabe and Ito), white.
DARK, MIDDLE, LIGHT = "#00446b", "#e69f00", "#ffffff"

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
        table: the numbers plotted, one row a mark, with ``claim_ids``.
        caption: what is shown and what must not be concluded.
        alt: text for readers who do not see the picture, written from the data.
    """

    name: str
    figure: Figure
    table: pd.DataFrame
    caption: str
    alt: str

    def svg(self) -> str:
        """The drawing as SVG with title and description for screen readers."""
        buffer = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        body = buffer.getvalue().split("<svg ", 1)[1]
        opening, rest = body.split(">", 1)
        title = f'<title id="t-{self.name}">{html.escape(self.name)}</title>'
        description = f'<desc id="d-{self.name}">{html.escape(self.alt)}</desc>'
        labelled = f'role="img" aria-labelledby="t-{self.name} d-{self.name}"'
        return f"<svg {labelled} {opening}>\n {title}\n {description}{rest}".rstrip() + "\n"

    def save(self, build: Path) -> None:
        """Write ``figures/NAME.{svg,pdf,png}`` and ``tables/NAME.csv``, each whole or not at all."""
        for folder in ("figures", "tables"):
            (build / folder).mkdir(parents=True, exist_ok=True)
        write_whole(build / "figures" / f"{self.name}.svg", self.svg().encode("utf-8"))
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

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"image/svg+xml": self.svg(), "text/plain": f"{self.name}: {self.alt}"}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that no reader ever sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, free of global state, in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="none")
        FigureCanvasAgg(figure)
    return figure


def legend_row(figure: Figure, x: float, y: float, parts: list[tuple[str, str]], size: float = 7) -> None:
    """Labelled squares in one line, from the left; x and y in inches from the lower left corner."""
    width, height = figure.get_size_inches()
    renderer = figure.canvas.get_renderer()
    for label, colour in parts:
        square = Rectangle((x / width, (y - 0.01) / height), 0.11 / width, 0.09 / height, linewidth=0.5)
        square.set(transform=figure.transFigure, facecolor=colour, edgecolor=INK)
        figure.add_artist(square)
        text = figure.text((x + 0.16) / width, y / height, label, fontsize=size, va="baseline")
        x += 0.16 + text.get_window_extent(renderer).width / figure.dpi + 0.18


def bar_matrix(
    counts: pd.DataFrame,
    *,
    rows: list[tuple[str, str, str]],
    columns: list[tuple[str, str, str]],
    parts: list[tuple[str, str, str]],
    stacked: bool = True,
    heading: str,
    label_width: float = 1.75,
    width: float = PAGE,
) -> Figure:
    """A table of small bars: a row a motive, a column an actor (or article), a part a voice (or period).

    Args:
        counts: columns row, column, part, n, articles_cell (distinct articles of the whole cell).
        rows: (id, label, group label) in drawing order; a new group gets a heading.
        columns: (id, label, sub-label).
        parts: (id, label, colour), stacked in one bar or one bar each.
        heading: the message, printed above.
    """
    with matplotlib.rc_context(STYLE):
        return _bar_matrix(counts, rows, columns, parts, stacked, heading, label_width, width)


def _bar_matrix(counts, rows, columns, parts, stacked, heading, label_width, width) -> Figure:
    groups = list(dict.fromkeys(group for _, _, group in rows))
    row_height, group_height, top, bottom = 0.27, 0.22 if any(groups) else 0.0, 0.95, 0.12
    height = top + bottom + len(rows) * row_height + len(groups) * group_height
    figure = new_figure(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    column_width = min((width - label_width - 0.1) / max(len(columns), 1), 1.1)
    reach = counts.groupby(["row", "column"])["n"].sum().max() if stacked else counts["n"].max()
    scale = (column_width - 0.08) / max(reach, 1)
    axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
    legend_row(figure, 0.05, height - 0.42, [(label, colour) for _, label, colour in parts])
    for position, (_, label, below) in enumerate(columns):
        x = label_width + position * column_width
        axes.text(
            x,
            height - top + 0.18,
            "\n".join(textwrap.wrap(label, max(int(column_width * 15), 8))),
            va="bottom",
            fontsize=7,
            fontweight="bold",
            linespacing=0.95,
        )
        axes.text(x, height - top + 0.06, below, va="bottom", fontsize=5.5, color=FAINT)
    cells = dict(counts.groupby(["row", "column"]))
    y, last_group = height - top, None
    for row, label, group in rows:
        if group != last_group and group:
            y -= group_height
            axes.text(0.05, y + 0.05, group, fontsize=6.5, color=FAINT, va="bottom", fontweight="bold")
            last_group = group
        axes.plot([0.05, label_width + len(columns) * column_width], [y, y], color=GRID, linewidth=0.5, zorder=0)
        y -= row_height
        axes.text(0.13, y + row_height / 2, label, va="center")
        for position, (column, _, _) in enumerate(columns):
            if (row, column) in cells:
                _cell(
                    axes,
                    cells[row, column],
                    label_width + position * column_width,
                    y,
                    row_height,
                    scale,
                    parts,
                    stacked,
                )
    return figure


def _cell(axes, cell, x, y, row_height, scale, parts, stacked) -> None:
    n = dict(zip(cell["part"], cell["n"], strict=True))
    articles = int(cell["articles_cell"].iloc[0])
    figures = str(sum(n.values())) if stacked else " | ".join(str(n.get(part, 0)) for part, _, _ in parts)
    axes.text(x, y + row_height - 0.03, figures, fontsize=6, va="top")
    axes.text(
        x + 0.065 * len(figures) + 0.035, y + row_height - 0.035, f"in {articles}", fontsize=5, va="top", color=FAINT
    )
    offset, bar = 0.0, 0.085 if stacked else 0.045
    for number, (part, _, colour) in enumerate(parts):
        length = n.get(part, 0) * scale
        if not length:
            continue
        bottom = y + 0.035 if stacked else y + 0.035 + (len(parts) - 1 - number) * bar
        axes.barh(bottom, length, left=x + offset, height=bar, align="edge", color=colour, edgecolor=INK, linewidth=0.4)
        offset += length if stacked else 0
