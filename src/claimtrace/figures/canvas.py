"""What every chart is drawn on and with: a page in inches, its colours, its letters, and links to claims."""

from __future__ import annotations

from functools import cache

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from claimtrace import marks

#: Text width of a journal page, in inches (180 mm).
PAGE = 7.09
#: Height of the heading of a group of rows, in inches.
GROUP = 0.2

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


def page(height: float, heading: str) -> tuple[Figure, Axes]:
    """A figure of the width of a page with its heading, free of global state; coordinates are inches from the lower left corner."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(PAGE, height), layout="none")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, PAGE)
    axes.set_ylim(0, height)
    axes.axis("off")
    axes.text(0.05, height - 0.17, heading, fontsize=8.5, fontweight="bold", va="center")
    return figure, axes


def message(heading: str, text: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    with matplotlib.rc_context(STYLE):
        figure, axes = page(0.6, heading)
        axes.text(0.05, 0.18, text, va="center", color=FAINT)
    return figure


def link(artist: Artist, *ids: object) -> None:
    """Make an artist a link to the claims of a mark, or of all marks whose key begins so (see :mod:`claimtrace.marks`)."""
    artist.set_url(marks.fragment(*ids))


def area(axes: Axes, x: float, y: float, width: float, height: float, *ids: object, above: bool = False) -> None:
    """An invisible link over a part of a drawing, so that small marks can be hit; behind the marks, or above them."""
    place = Rectangle((x, y), width, height, transform=axes.transData, facecolor="white", linewidth=0, alpha=0)
    place.set_zorder(10 if above else -1)
    link(place, *ids)
    axes.figure.add_artist(place)


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


@cache
def text_width(text: str, size: float = 7, bold: bool = False) -> float:
    """Width of a text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return TextPath((0, 0), text, prop=font).get_extents().width / 72 if text.strip() else 0.0


def wrap(text: str, width: float, bold: bool = False) -> str:
    """A text broken at spaces so that no line is wider than ``width`` inches, if it can be; its own line ends are kept."""
    if "\n" in text:
        return "\n".join(wrap(line, width, bold) for line in text.split("\n"))
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
