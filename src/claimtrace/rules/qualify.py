"""What qualifies a statement: its time (EDTF), its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from claimtrace.rules.lexicon import WORD

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_WHOLE_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_NUMBERED = {name[:3]: f"{number:02d}" for number, name in enumerate(_MONTHS, 1)}
#: What a sentence must hold for a form to be looked for, as most sentences hold none of these.
_DIGITS, _NAMED, _COUNTED, _DAYS = "digits", "month", "count", "day"
_CUES = (
    {name.lower(): _NAMED for name in _MONTHS}
    | {name[:3].lower(): _NAMED for name in _MONTHS}
    | {"sept": _NAMED}
    | {f"{unit}{end}": _COUNTED for unit in ("year", "month", "week", "decade") for end in ("", "s")}
    | {name.lower(): _DAYS for name in _WEEKDAYS}
)
#: Named forms of a date, the more exact first: the rule that a proposal shows, what must be there, the form itself.
DATES = [
    ("span of years", _DIGITS, re.compile(rf"\b(?i:from |between )?{_YEAR}\s?(?:–|-|—| to | and )\s?(?P<last>1[5-9]\d\d|20\d\d)\b")),
    ("day, month, year", _NAMED, re.compile(rf"\b{_DAY} {_MONTH},? {_YEAR}\b")),
    ("month, day, year", _NAMED, re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}\b")),
    ("month, year", _NAMED, re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b")),
    ("day, month", _NAMED, re.compile(rf"\b{_DAY} (?:of )?{_MONTH}\b")),
    ("month, day", _NAMED, re.compile(rf"\b{_MONTH} {_DAY}\b(?![\d,]*\d)")),
    ("decade", _DIGITS, re.compile(r"\b(?P<decade>1[5-9]\d|20\d)0s\b")),
    ("year", _DIGITS, re.compile(rf"(?<![\d,.$-]){_YEAR}\b(?![,.]?\d)")),
    ("counted years", _COUNTED, re.compile(r"\b(?i:over|in|during|for) the (?:past|last) (?P<count>\w+) (?P<unit>years|decades)\b")),
    ("counted", _COUNTED, re.compile(r"\b(?i:last|the previous) (?P<ago>year|month|week)\b|\b(?P<number>(?i:a|one|two|three|four|five)) (?P<past>year|month|week)s? ago\b")),
    ("this", _COUNTED, re.compile(r"\b(?i:this) (?P<this>year|month)\b")),
    ("day of the week", _DAYS, re.compile(rf"\b(?i:on|last|since|until|by|this) (?P<weekday>{'|'.join(_WEEKDAYS)})\b")),
    ("month", _NAMED, re.compile(rf"\b(?i:in|since|until|last|by|of|early|mid|late)[ -]{_MONTH}\b")),
    ("short decade", _DIGITS, re.compile(r"(?:(?<=the )|(?<=early )|(?<=mid-)|(?<=late ))['’‘]?(?P<short>[3-9])0s\b")),
]  # fmt: skip
_BEFORE = re.compile(
    r"\b(?:(?P<since>since|from|after|following)|(?P<until>until|till|before|by|up to)|(?P<about>early(?: in)?|mid|late(?: in)?|around|about|the (?:end|close|start|beginning|middle) of))"
    r"(?:[\s-]+(?P<also>early|mid|late|around|the (?:end|close|start|beginning|middle) of))?[\s-]*(?:the )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class When:
    """A time expression: characters ``start`` to ``end``, its EDTF and the rule that read it."""

    start: int
    end: int
    edtf: str
    rule: str


#: As much of a date as is told by numbers alone.
_ISO = re.compile(r"(?:\d{4}(?:-\d\d(?:-\d\d)?)?\Z)?")


def known_dates(named: dict[str, list[str]]) -> list[tuple[str, re.Pattern]]:
    """Names that stand for a date ("the storming of the Bastille"), compiled: EDTF and pattern."""
    return [
        (str(edtf), re.compile("|".join(rf"(?<!\w){re.escape(str(name))}(?!\w)" for name in names)))
        for edtf, names in named.items()
    ]


def times(
    text: str,
    start: int,
    end: int,
    published: str,
    numbers: dict[str, int],
    known: Sequence[tuple[str, re.Pattern]] = (),
    words: Iterable[str] | None = None,
) -> list[When]:
    """The time expressions of ``text[start:end]``, in order; those that need a publication date only where there is one.

    Args:
        published: ISO date, or part of one; empty where not known. Of any other EDTF no time is reckoned.
        numbers: words for small numbers.
        known: output of :func:`known_dates`.
        words: the words of ``text[start:end]`` in small letters, if they are at hand.
    """
    if words is None:
        words = WORD.findall(text[start:end].lower())
    published = _ISO.match(published)[0]
    found: list[When] = []
    for edtf, pattern in known:
        for match in pattern.finditer(text, start, end):
            before = _BEFORE.search(text, max(start, match.start() - 40), match.start())
            found.append(When(match.start(), match.end(), _bounded(edtf, before), "known date"))
    there = {cue for word in words if (cue := _CUES.get(word) or (_DIGITS if word[:1].isdigit() else ""))}
    for name, cue, pattern in DATES:
        if cue not in there:
            continue
        for match in pattern.finditer(text, start, end):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            edtf = _edtf(name, match.groupdict(), published, numbers)
            if edtf:
                # What stands before a bare month is part of its match.
                at = match.start("month") if name == "month" else match.start()
                before = _BEFORE.search(text, max(start, at - 40), at)
                found.append(When(match.start(), match.end(), _bounded(edtf, before), name))
    return sorted(found, key=lambda when: when.start)


def _edtf(name: str, part: dict, published: str, numbers: dict[str, int]) -> str:
    month = _NUMBERED[part["month"][:3]] if part.get("month") else ""
    day = f"{int(part['day']):02d}" if part.get("day") else ""
    if name == "span of years":
        return f"{part['year']}/{part['last']}" if part["year"] < part["last"] else ""
    if name == "short decade":
        return f"19{part['short']}X"
    if name == "decade":
        return f"{part['decade']}X"
    if part.get("year"):
        return _valid("-".join(piece for piece in (part["year"], month, day) if piece))
    if not published:
        return ""
    if month:  # the last such month before publication
        year = int(published[:4])
        wanted = f"-{month}" + (f"-{day}" if day else "")
        shown = published[4:] if len(published) > 4 else "-12-31"
        return _valid(f"{year if wanted[: len(shown)] <= shown else year - 1}{wanted}")
    if name == "this":
        return published[: {"year": 4, "month": 7}[part["this"]]]
    if name == "day of the week":
        return _last(part["weekday"], published)
    if name == "counted years":
        word = part["count"].lower()
        count = int(word) if word.isascii() and word.isdigit() and len(word) < 4 else numbers.get(word, 0)
        count *= 10 if part["unit"] == "decades" else 1
        return f"{int(published[:4]) - count}~/{published[:4]}" if 0 < count < int(published[:4]) - 999 else ""
    unit = part["ago"] or part["past"]
    number = 1 if part["ago"] or part["number"].lower() in ("a", "one") else numbers.get(part["number"].lower(), 1)
    if unit == "year":
        return f"{int(published[:4]) - number}~"
    if unit == "month" and len(published) >= 7:
        months = int(published[:4]) * 12 + int(published[5:7]) - 1 - number
        return f"{months // 12}-{months % 12 + 1:02d}~"
    if unit == "week" and len(published) == 10:
        return f"{(date.fromisoformat(published) - timedelta(weeks=number)).isoformat()}~"
    return ""


def _last(weekday: str, published: str) -> str:
    """The last such day up to the day of publication; nothing where that is not known to the day."""
    if not (len(published) == 10 and _valid(published) == published):
        return ""
    day = date.fromisoformat(published)
    return (day - timedelta(days=(day.weekday() - _WEEKDAYS.index(weekday)) % 7)).isoformat()


def _valid(edtf: str) -> str:
    """The date, or without its day where the month is shorter."""
    if len(edtf) == 10:
        try:
            date.fromisoformat(edtf)
        except ValueError:
            return edtf[:7]
    return edtf


def _bounded(edtf: str, before: re.Match | None) -> str:
    """The date with what stands before it: since, until, about. Spans and counted years have their bounds already."""
    if before is None or "/" in edtf:
        return edtf
    about = "~" if (before["about"] or before["also"]) and not edtf.endswith("~") else ""
    if edtf.endswith("X"):
        return f"{edtf}{about}"
    if before["since"]:
        return f"{edtf}{about}/.."
    return f"../{edtf}{about}" if before["until"] else f"{edtf}{about}"


@dataclass(frozen=True)
class Figure:
    """A number with its unit: characters, value, unit of the codebook, how it is hedged, what follows it."""

    start: int
    end: int
    value: str
    unit: str
    approx: str
    measure: str


class Figures:
    """Finds figures whose unit the codebook names.

    Args:
        units: code of a unit to its words.
        numbers, scales: words for numbers; multipliers.
        about: code of a hedge to its words.
    """

    def __init__(self, units: dict, numbers: dict, scales: dict, about: dict):
        self.numbers, self.scales = numbers, scales
        self.units = {str(word).lower(): code for code, words in units.items() for word in words}
        #: First words of units, by which a sentence without any is passed over.
        self.heads = frozenset(word for unit in self.units for word in WORD.findall(unit)[:1])
        self.about = {str(word).lower(): code for code, words in about.items() for word in words}
        alternatives = {
            "about": "|".join(sorted(map(re.escape, self.about), key=lambda word: (-len(word), word))) or "(?!)",
            "number": "|".join(sorted(map(re.escape, numbers))) or "(?!)",
            "scale": "|".join(sorted(map(re.escape, scales))) or "(?!)",
            "unit": "|".join(sorted(map(re.escape, self.units), key=lambda word: (-len(word), word))) or "(?!)",
        }
        self.pattern = re.compile(
            rf"(?:\b(?P<about>{alternatives['about']})\s+)?(?P<currency>US\$|U\.S\. \$|\\?\$)?\s?"
            rf"(?<![\w.,])(?P<value>\d{{1,3}}(?:,\d{{3}}){{1,5}}|\d{{1,15}}(?:\.\d{{1,6}})?|\b(?:{alternatives['number']})\b)"
            rf"(?:[\s-](?P<scale>{alternatives['scale']}))?(?:[\s-]?(?P<between>(?:[a-z]{{2,14}}\s){{0,2}}?)(?P<unit>{alternatives['unit']})(?!\w))?",
            re.IGNORECASE,
        )

    def may(self, text: str, start: int, end: int, words: Iterable[str]) -> bool:
        """Whether there can be a figure with a unit, told from words in small letters and signs alone."""
        if text.find("$", start, end) >= 0 or text.find("%", start, end) >= 0:
            return True
        return any(word in self.heads or (word[:1].isdigit() and not word.isdigit()) for word in words)

    def find(self, text: str, start: int, end: int, dated: Sequence[When] = ()) -> list[Figure]:
        """The figures of ``text[start:end]`` that have a unit and are no part of a time expression."""
        found = []
        for match in self.pattern.finditer(text, start, end):
            unit = self.units.get((match["unit"] or "").lower()) or ("USD" if match["currency"] else "")
            # "In 2018 the two states" counts no states.
            year = match["between"] and _WHOLE_YEAR.fullmatch(match["value"])
            if not unit or year or any(match.start("value") < when.end and when.start < match.end() for when in dated):
                continue
            word = match["value"].replace(",", "").lower()
            value = float(self.numbers[word]) if word in self.numbers else float(word)
            value *= self.scales.get((match["scale"] or "").lower(), 1)
            shown = f"{value:.6f}".rstrip("0").rstrip(".")
            approx = self.about.get((match["about"] or "").lower(), "EXACT")
            found.append(Figure(match.start(), match.end(), shown, unit, approx, (match["unit"] or "money").lower()))
        return found
