"""Charts. Each becomes an :class:`Exhibit`: three pictures, the numbers plotted and the claim ids behind each.

Bytes are the same on every run: no dates, no random ids, fonts drawn as outlines. Lengths are added up by ``math.fsum``: the sum of
Python 3.12 rounds otherwise than that of 3.11.
"""

from claimtrace.figures.bars import bar_matrix, stacked_bars, two_panels
from claimtrace.figures.canvas import BLUE, DARK, GREY, LIGHT, MIDDLE, PALE, message
from claimtrace.figures.exhibit import Exhibit
from claimtrace.figures.grids import letters, signed_matrix
from claimtrace.figures.intervals import intervals, specifications
from claimtrace.figures.ties import CLEAR, network, paths
from claimtrace.figures.times import lanes, numeral, timeline

__all__ = [
    "BLUE", "CLEAR", "DARK", "GREY", "LIGHT", "MIDDLE", "PALE", "Exhibit", "bar_matrix", "intervals", "lanes", "letters", "message", "network",
    "numeral", "paths", "signed_matrix", "specifications", "stacked_bars", "timeline", "two_panels",
]  # fmt: skip
