"""Ties between actors: networks in panels, and how a tie moved."""

from __future__ import annotations

import math
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

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
    link,
    page,
    text_width,
    wrap,
)

#: From this balance on (twice as many claims, floats rounding as they may) a tie is drawn as cooperation, from its negative on as conflict; between them it is mixed.
CLEAR = 1 / 3 - 1e-9


#: Height of the key below an even number of panels, in inches.
_KEY = 2.1


#: Curvature of a tie (matplotlib's ``arc3``): the first with which it runs behind no third actor and along no other tie.
_BENDS = (0.0, 0.12, -0.12, 0.18, -0.18, 0.25, -0.25, 0.32, -0.32, 0.4, -0.4)
#: Inches between two ties that cannot be told apart, and the share of its way that a tie may run so close to another.
_CLOSE, _ALONG = 0.03, 0.1


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
        figure, axes = page(height, heading)
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
            # Spokes choose their way first, then the thickest.
            apart = (own["one"] != centre) & (own["other"] != centre)
            order = ["apart", "n", "one", "other"]
            ways: list[np.ndarray] = []
            for tie in own.assign(apart=apart).sort_values(order, ascending=[True, False, True, True]).itertuples():
                ways.append(_tie(axes, tie, boxes, ways if tie.apart else []))
        if beside:
            _network_key(axes, side + 0.15, height - 0.35 - (rows - 1) * (side + 0.1) - 0.3)
        else:
            _network_key(axes, 0.15, _KEY - 0.3)
    return figure


def _tie_look(balance: float) -> tuple[str, object]:
    if balance >= CLEAR:
        return DARK, "-"
    if balance <= -CLEAR:
        return MIDDLE, "-"
    return FAINT, (0, (3, 1.2))


def _way(start, end, bend: float) -> np.ndarray:
    """Points along a tie of this curvature, two columns."""
    (x0, y0), (x1, y1) = start, end
    along = np.linspace(0, 1, 41)[1:-1]
    middle = (x0 + x1) / 2 + bend * (y1 - y0), (y0 + y1) / 2 - bend * (x1 - x0)
    x = (1 - along) ** 2 * x0 + 2 * along * (1 - along) * middle[0] + along**2 * x1
    y = (1 - along) ** 2 * y0 + 2 * along * (1 - along) * middle[1] + along**2 * y1
    return np.column_stack([x, y])


def _beside(way: np.ndarray, others: list[np.ndarray]) -> float:
    """The largest share of the middle of a tie that runs along one other tie."""
    inner = way[6:-6]
    shares = (
        (np.hypot(*(inner[:, None] - other[None]).transpose(2, 0, 1)).min(axis=1) < _CLOSE).mean() for other in others
    )
    return max(shares, default=0.0)


def _crosses(start, end, bend: float, boxes) -> bool:
    """Whether a tie of this curvature runs behind a box (middle, width, height)."""
    x, y = _way(start, end, bend).T
    return any(
        (np.hypot(np.maximum(abs(x - bx) - w / 2, 0), np.maximum(abs(y - by) - h / 2, 0)) < 0.03).any()
        for bx, by, w, h in boxes
    )


def _tie(axes: Axes, tie, boxes: dict[str, tuple[float, float, float, float]], ways: list[np.ndarray]) -> np.ndarray:
    """A line from box to box (middle, width, height), bent where it would run behind another box or along another tie; its points."""
    colour, dash = _tie_look(tie.balance)
    (x0, y0, *_), (x1, y1, *_) = boxes[tie.one], boxes[tie.other]
    others = [box for actor, box in boxes.items() if actor not in (tie.one, tie.other)]
    free = [bend for bend in _BENDS if not _crosses((x0, y0), (x1, y1), bend, others)] or [0.0]
    beside = {bend: _beside(_way((x0, y0), (x1, y1), bend), ways) for bend in free}
    bend = next((bend for bend in free if beside[bend] <= _ALONG), min(free, key=lambda bend: beside[bend]))
    outlines = []
    for x, y, wide, high in (boxes[tie.one], boxes[tie.other]):
        outlines.append(Rectangle((x - wide / 2, y - high / 2), wide, high, transform=axes.transData))
    head = {(True, True): "<|-|>", (True, False): "-|>", (False, True): "<|-", (False, False): "-"}[
        tie.forward, tie.backward
    ]
    width = _width(tie.n)
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
    return _way((x0, y0), (x1, y1), bend)


def _width(n: int) -> float:
    """Width of a tie of so many claims, in points."""
    return 0.5 + 0.35 * math.log2(n)


def _network_key(axes: Axes, x: float, y: float) -> None:
    axes.text(x, y, "How to read it", fontweight="bold", va="center")
    lines = [
        (1.0, "mostly cooperation"),
        (-1.0, "mostly conflict"),
        (0.0, "mixed: neither twice as frequent as the other"),
    ]
    for place, (balance, text) in enumerate(lines, 1):
        colour, dash = _tie_look(balance)
        axes.plot([x, x + 0.4], [y - 0.22 * place] * 2, color=colour, linestyle=dash, linewidth=1.4)
        axes.text(x + 0.5, y - 0.22 * place, text, va="center")
    for place, text in enumerate(
        [
            "arrow: who acts upon whom",
            "×  accounts of an act conflict, or it is denied",
            "grey name: no tie in that stretch of time",
        ],
        5,
    ):
        axes.text(x, y - 0.22 * place, text, va="center")
    for place, n in enumerate((1, 4, 16)):
        left = x + 0.5 * place
        axes.plot([left, left + 0.25], [y - 0.88] * 2, color=DARK, linewidth=_width(n))
        axes.text(left + 0.29, y - 0.88, str(n), va="center")
    axes.text(x + 1.55, y - 0.88, "claims", va="center")


def paths(rows: pd.DataFrame, *, parts: list[tuple[str, str]], ends: tuple[str, str], heading: str) -> Figure:
    """How a value between -1 and 1 moved: a row a pair, a numbered dot a stretch of time, joined by an arrow.

    Args:
        rows: columns mark (key of the row), label, values_by (part to value), n_by (part to what it rests on, in words).
        parts: (id, label); the dots are numbered in this order.
        ends: what -1 and 1 mean.
    """
    with matplotlib.rc_context(STYLE):
        label_width = 0.2 + max(text_width(label) for label in rows["label"])
        height = 0.95 + 0.3 * len(rows) + 0.12
        figure, axes = page(height, heading)
        left, right = label_width + 0.3, PAGE - 0.3
        place = lambda value: left + (value + 1) / 2 * (right - left)  # noqa: E731
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
            y = height - 0.92 - position * 0.3
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
                beside = any(abs(place(value) - place(other)) < text_width(f"n {n}", 5) + 0.05 for other in taken)
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
                # Below its dot, where no arrow runs; above it where another label stands there; beside a lifted dot, where there is room.
                aside = 0.08 if place(value) + 0.08 + text_width(f"n {n}", 5) < PAGE else -0.08
                at = (place(value) + aside, y + lift) if lift else (place(value), y + (0.095 if beside else -0.095))
                side = ("left" if aside > 0 else "right") if lift else "center"
                axes.text(*at, f"n {n}", fontsize=5, color=FAINT, va="center", ha=side)
    return figure
