"""EDTF dates as spans that can be sorted and drawn."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from functools import cache
from time import struct_time

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

from claimtrace.errors import StudyError


@dataclass(frozen=True)
class Span:
    """The earliest and the latest day that a date can mean; ``open_start`` and ``open_end`` where it names no limit."""

    first: date
    last: date
    open_start: bool = False
    open_end: bool = False


@cache  # the parser is slow, and dates repeat
def span(text: str) -> Span:
    """The days that an EDTF date can mean. An end that is not known (``1984/``) is one that is not told (``1984/..``).

    Raises:
        StudyError: the text is not EDTF, or no date of the years 1 to 9999.
    """
    told = f"{'..' * text.startswith('/')}{text}{'..' * text.endswith('/')}"
    try:
        parsed = parse_edtf(told)
        lower, upper = parsed.lower_strict(), parsed.upper_strict()
        open_start, open_end = not isinstance(lower, struct_time), not isinstance(upper, struct_time)
        first = None if open_start else _day(lower)
        last = None if open_end else _day(upper)
    except (EDTFParseException, ValueError, OverflowError):
        first = last = None
    if first is None and last is None:
        raise StudyError(f"{text!r} is not EDTF; write for example 2019-10, 1996/2001, 2021-08/.., 2019-09~")
    if first and last and first > last:
        raise StudyError(f"{text!r}: ends before it begins; write the earlier date first")
    return Span(first or last, last or first, open_start, open_end)


def _day(moment: struct_time) -> date:
    return date(moment.tm_year, moment.tm_mon, moment.tm_mday)


def year(day: date) -> float:
    """A day as a fraction of years, for an axis."""
    return day.year + (day - date(day.year, 1, 1)).days / (366 if isleap(day.year) else 365)


def alternatives(text: str) -> list[Span]:
    """The spans of a date that names several: one of them (``[a,b]``) or all (``{a,b}``); of any other date its one span.

    Raises:
        StudyError: the text is not EDTF.
    """
    span(text)  # refuses what is not EDTF
    if text[:1] in "[{":
        # Within a set a..b is every date from a to b, and ..b or a.. has no limit on that side.
        return [span(part.strip().replace("..", "/")) for part in text[1:-1].split(",") if part.strip(" .")]
    return [span(text)]


def is_approximate(text: str) -> bool:
    """Whether any part of an EDTF date is marked as approximate or uncertain."""
    return any(mark in text for mark in "~?%")


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}


def in_words(text: str) -> str:
    """An EDTF date in English: ``1703-08`` August 1703, ``170X`` 1700s, ``../1704`` until 1704, ``[1703,1704]`` 1703 or 1704.

    What has no words here (rarer forms of EDTF) is returned as it is.
    """
    if text[:1] in ("[", "{") and text[-1:] in ("]", "}"):
        joint = " or " if text[0] == "[" else " and "
        return joint.join(in_words(part.strip().replace("..", "/")) for part in text[1:-1].split(","))
    if "/" in text:
        first, _, last = text.partition("/")
        if first in ("", ".."):
            return f"until {in_words(last)}"
        return f"from {in_words(first)}" if last in ("", "..") else f"{in_words(first)} to {in_words(last)}"
    date_, mark = (text[:-1], text[-1]) if text[-1:] in ("~", "?", "%") else (text, "")
    parts = date_.split("-")
    if not date_ or not all(part.isdigit() for part in parts) or len(parts[0]) != 4:
        decade = len(date_) == 4 and date_[:3].isdigit() and date_[3] == "X"
        words = f"{date_[:3]}0s" if decade else ""
    elif len(parts) == 1:
        words = parts[0]
    elif len(parts) == 2 and parts[1] in _SEASONS:
        words = f"{_SEASONS[parts[1]]} {parts[0]}"
    elif 1 <= int(parts[1]) <= 12:
        day = f"{int(parts[2])} " if len(parts) == 3 else ""
        words = f"{day}{_MONTHS[int(parts[1]) - 1]} {parts[0]}"
    else:
        words = ""
    return f"{'about ' if mark == '~' else 'perhaps ' if mark else ''}{words}" if words else text
