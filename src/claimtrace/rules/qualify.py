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
    | {"yesterday": _COUNTED}
    | {f"{unit}{end}": _COUNTED for unit in ("year", "month", "week", "day", "decade") for end in ("", "s")}
    | {name.lower(): _DAYS for name in _WEEKDAYS}
)
WEEKDAY = "day of the week"
#: Named forms of a date, the more exact first: the rule that a proposal shows, what must be there, the form itself.
DATES = [
    ("span of years", _DIGITS, re.compile(rf"\b(?i:from |between )?{_YEAR}\s?(?:–|-|—| to | and )\s?(?P<last>1[5-9]\d\d|20\d\d)\b")),
    ("short span of years", _DIGITS, re.compile(rf"\b{_YEAR}[–-](?P<end>\d\d)\b(?![\d-])")),
    ("year-month-day", _DIGITS, re.compile(rf"\b{_YEAR}-(?P<mm>0[1-9]|1[0-2])-(?P<dd>[0-2]\d|3[01])\b")),
    ("span of days", _NAMED, re.compile(rf"\b(?i:from |between )?{_DAY}\s?(?P<to>–|-| to | and )\s?(?P<until>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)? (?:of )?{_MONTH},? {_YEAR}\b")),
    ("day, month, year", _NAMED, re.compile(rf"\b{_DAY} (?:of )?{_MONTH},? {_YEAR}\b")),
    ("month, day, year", _NAMED, re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}\b")),
    ("month, year", _NAMED, re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b")),
    ("day, month", _NAMED, re.compile(rf"\b{_DAY} (?:of )?{_MONTH}\b")),
    ("month, day", _NAMED, re.compile(rf"\b{_MONTH} {_DAY}\b(?![\d,]*\d)")),
    ("decade", _DIGITS, re.compile(r"\b(?P<decade>1[5-9]\d|20\d)0s\b")),
    ("year", _DIGITS, re.compile(rf"(?<![\d,.$])(?<!\d-){_YEAR}\b(?![,.]?\d)")),
    ("counted years", _COUNTED, re.compile(r"\b(?i:over|in|during|for) the (?:past|last) (?P<count>\w+) (?P<unit>years|decades)\b")),
    ("counted", _COUNTED, re.compile(r"\b(?i:last|the previous) (?P<ago>year|month|week)\b|\b(?P<number>(?i:an?|[a-z]{3,6}|\d\d?)) (?P<past>year|month|week|day)s? ago\b|\b(?P<yesterday>(?i:yesterday))\b")),
    ("this", _COUNTED, re.compile(r"\b(?i:this) (?P<this>year|month)\b")),
    (WEEKDAY, _DAYS, re.compile(rf"\b(?i:on|last|since|until|by|this) (?P<weekday>{'|'.join(_WEEKDAYS)})\b")),
    ("month", _NAMED, re.compile(rf"\b(?i:in|since|until|last|by|of|early|mid|late)[ -]{_MONTH}\b")),
    ("short decade", _DIGITS, re.compile(r"(?:(?<=the )|(?<=early )|(?<=mid-)|(?<=late ))['’‘]?(?P<short>[3-9])0s\b")),
]  # fmt: skip
#: Dates that are counted from the one told before. They are never read otherwise: "November of that year" is not the last November.
RELATIVE = [
    ("month of that year", re.compile(rf"\b(?:(?i:in|since|until|by|of|early|mid|late)[ -])?{_MONTH} (?i:of )?(?i:that|the same) (?i:same )?year\b")),
    ("that month", re.compile(rf"\b(?i:that|the same) {_MONTH}\b(?! \d)")),
    ("that year", re.compile(r"\b(?i:that|the|that very) (?i:same )?(?P<same>year|month|day)\b(?! (?i:of|when|that|in|before|after))")),
    ("next year", re.compile(r"\b(?i:the) (?P<turn>(?i:next|following|previous|preceding)) (?P<unit>year|month|day)\b")),
    ("counted on", re.compile(r"\b(?P<number>(?i:an?|[a-z]{3,6}|\d\d?)) (?P<unit>year|month|week|day)s? (?P<turn>(?i:later|afterwards|earlier))\b")),
]  # fmt: skip
_BEFORE = re.compile(
    r"\b(?:(?P<since>since|from|after|following)|(?P<until>until|till|before|by|up to)|(?P<about>early(?: in)?|mid|late(?: in)?|around|about|the (?:end|close|start|beginning|middle) of))"
    r"(?:[\s-]+(?P<also>early|mid|late|around|the (?:end|close|start|beginning|middle) of))?[\s-]*(?:the )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class When:
    """A time expression: characters ``start`` to ``end``, its EDTF, the rule that read it, and whether it is one that something comes after."""

    start: int
    end: int
    edtf: str
    rule: str
    after: bool = False


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
    told: str = "",
) -> list[When]:
    """The time expressions of ``text[start:end]``, in order; those that need a publication date only where there is one.

    Args:
        published: ISO date, or part of one; empty where not known. Of any other EDTF no time is reckoned.
        numbers: words for small numbers.
        known: output of :func:`known_dates`.
        words: the words of ``text[start:end]`` in small letters, if they are at hand.
        told: EDTF of the date that was told before, from which "that year" and "two days later" are counted.
    """
    if words is None:
        words = WORD.findall(text[start:end].lower())
    published = _ISO.match(published)[0]
    found: list[When] = []
    for edtf, pattern in known:
        for match in pattern.finditer(text, start, end):
            before = _BEFORE.search(text, max(start, match.start() - 40), match.start())
            found.append(When(match.start(), match.end(), _bounded(edtf, before), "known date", _after(before)))
    there = {cue for word in words if (cue := _CUES.get(word) or (_DIGITS if word[:1].isdigit() else ""))}
    later = [
        (name, match)
        for name, pattern in (RELATIVE if {_NAMED, _COUNTED} & there else ())
        for match in pattern.finditer(text, start, end)
    ]
    for name, cue, pattern in DATES:
        if cue not in there:
            continue
        for match in pattern.finditer(text, start, end):
            taken = [*((other.start, other.end) for other in found), *(other.span() for _, other in later)]
            if any(match.start() < right and left < match.end() for left, right in taken):
                continue
            edtf = _edtf(name, match.groupdict(), published, numbers)
            if edtf:
                # What stands before a bare month is part of its match.
                at = match.start("month") if name == "month" else match.start()
                before = _BEFORE.search(text, max(start, at - 40), at)
                found.append(When(match.start(), match.end(), _bounded(edtf, before), name, _after(before)))
    for name, match in later:
        if any(match.start() < other.end and other.start < match.end() for other in found):
            continue
        before = [when.edtf for when in sorted(found, key=lambda when: when.start) if when.end <= match.start()]
        if edtf := _counted_on(match.groupdict(), before[-1] if before else told, numbers):
            found.append(When(match.start(), match.end(), edtf, name))
    plain = [
        when
        for when in found
        if not (text[when.start - 1 : when.start] == "(" and text[when.end : when.end + 1] == ")")
    ]
    # "X (1936-2013) said in 2001": what stands in brackets dates a name rather than what is said.
    return sorted(plain or found, key=lambda when: when.start)


def _counted_on(part: dict, told: str, numbers: dict[str, int]) -> str:
    """The date that lies as far from one told before as words say ("two days later"); empty where that is not told as precisely."""
    match = re.search(r"\d{4}(?:-\d\d){0,2}", told)
    if not match:
        return ""
    base = match[0]
    if part.get("month"):
        return f"{base[:4]}-{_NUMBERED[part['month'][:3]]}"
    if same := part.get("same"):
        size = {"year": 4, "month": 7, "day": 10}[same]
        return base[:size] if len(base) >= size else ""
    word = (part.get("number") or "one").lower()
    count = _small(word, numbers)
    back = part["turn"].lower() in ("earlier", "previous", "preceding")
    return _moved(base, part["unit"], -count if back else count, "" if not part.get("number") else "~") if count else ""


def _small(word: str, numbers: dict[str, int]) -> int:
    """A small number in words or digits; 0 where it is none."""
    if word in ("a", "an"):
        return 1
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else numbers.get(word, 0)


def _moved(day: str, unit: str, count: int, mark: str) -> str:
    """A date moved by years, months, weeks or days; empty where it is not told as precisely as that, or leaves the calendar."""
    if unit == "year" and 1000 <= int(day[:4]) + count <= 9999:
        return f"{int(day[:4]) + count}{mark}"
    if unit == "month" and len(day) >= 7 and int(day[:4]) > 1000:
        months = int(day[:4]) * 12 + int(day[5:7]) - 1 + count
        return f"{months // 12}-{months % 12 + 1:02d}{mark}"
    if unit in ("week", "day") and len(day) == 10 and _valid(day) == day and 1001 < int(day[:4]) < 9990:
        moved = date.fromisoformat(day) + timedelta(days=count * (7 if unit == "week" else 1))
        return f"{moved.isoformat()}{mark if unit == 'week' else ''}"
    return ""


def _edtf(name: str, part: dict, published: str, numbers: dict[str, int]) -> str:
    month = _NUMBERED[part["month"][:3]] if part.get("month") else ""
    day = f"{int(part['day']):02d}" if part.get("day") else ""
    if name == "span of years":
        return f"{part['year']}/{part['last']}" if part["year"] < part["last"] else ""
    if name == "short span of years":
        last = f"{part['year'][:2]}{part['end']}"
        return f"{part['year']}/{last}" if part["year"] < last else ""
    if name == "year-month-day":
        return _valid(f"{part['year']}-{part['mm']}-{part['dd']}")
    if name == "span of days":
        ends = [_valid(f"{part['year']}-{month}-{int(end):02d}") for end in (part["day"], part["until"])]
        return f"{ends[0]}/{ends[1]}" if len(ends[0]) == len(ends[1]) == 10 and ends[0] < ends[1] else ends[0]
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
        count = _small(part["count"].lower(), numbers) * (10 if part["unit"] == "decades" else 1)
        return f"{int(published[:4]) - count}~/{published[:4]}" if 0 < count < int(published[:4]) - 999 else ""
    if part["yesterday"]:
        return _marked(_moved(published, "day", -1, ""))
    if part["ago"]:
        return _moved(published, part["ago"], -1, "~")
    count = _small(part["number"].lower(), numbers)
    return _marked(_moved(published, part["past"], -count, "")) if count else ""


def _marked(edtf: str) -> str:
    """An approximate date: counted from the day of publication."""
    return f"{edtf}~" if edtf else ""


def _last(weekday: str, published: str) -> str:
    """The last such day up to the day of publication; nothing where that is not known to the day."""
    if not (len(published) == 10 and _valid(published) == published):
        return ""
    day = date.fromisoformat(published)
    return (day - timedelta(days=(day.weekday() - _WEEKDAYS.index(weekday)) % 7)).isoformat() + "~"


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


def _after(before: re.Match | None) -> bool:
    """Whether "after" or the like stands before a date, rather than "since"."""
    return before is not None and (before["since"] or "").lower() in ("after", "following")


#: What follows a distance in time, and what precedes things already told of.
_DISTANCE = re.compile(r"\s(?:later|earlier|ago|before|after|afterwards|old)\b")
_BETWEEN = re.compile(r"between $", re.IGNORECASE)
_KNOWN = re.compile(r"\b(?:the|these|those|both|our|their)\s$", re.IGNORECASE)


@dataclass(frozen=True)
class Figure:
    """A number with its unit: characters, value, unit of the codebook, how it is hedged, what follows it, the upper end of a range."""

    start: int
    end: int
    value: str
    unit: str
    approx: str
    measure: str
    top: str = ""


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
        #: The unit of a figure after a dollar sign, where the codebook has one.
        self.dollar = self.units.get("dollars", "")
        #: First words of units, by which a sentence without any is passed over.
        self.heads = frozenset(word for unit in self.units for word in WORD.findall(unit)[:1])
        self.about = {str(word).lower(): code for code, words in about.items() for word in words}
        alternatives = {
            "about": "|".join(sorted(map(re.escape, self.about), key=lambda word: (-len(word), word))) or "(?!)",
            "number": "|".join(sorted(map(re.escape, numbers))) or "(?!)",
            "scale": "|".join(sorted(map(re.escape, scales))) or "(?!)",
            "unit": "|".join(sorted(map(re.escape, self.units), key=lambda word: (-len(word), word))) or "(?!)",
        }
        value = rf"\d{{1,3}}(?:,\d{{3}}){{1,5}}|\d{{1,15}}(?:\.\d{{1,6}})?|\b(?:{alternatives['number']})\b"
        #: What stands before a figure that is the upper end of a range: "between 400 and", "6,000 to".
        self.lower = re.compile(
            rf"(?:US\$|U\.S\. \$|\\?\$)?(?<![\w.,])(?P<value>{value})(?:[\s-](?P<scale>{alternatives['scale']}))?\s?(?P<link>–|-|to|and)\s?$",
            re.IGNORECASE,
        )
        self.pattern = re.compile(
            rf"(?:\b(?P<about>{alternatives['about']})\s+)?(?P<currency>US\$|U\.S\. \$|\\?\$)?\s?"
            rf"(?<![\w.,])(?P<value>{value})"
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
            unit = self.units.get((match["unit"] or "").lower()) or (self.dollar if match["currency"] else "")
            # "In 2018 the two states" counts no states.
            year = match["between"] and _WHOLE_YEAR.fullmatch(match["value"])
            if not unit or year or any(match.start("value") < when.end and when.start < match.end() for when in dated):
                continue
            # "Six months later" is a time, "the two countries" no count.
            at = match.start("value")
            known = match["value"].lower() in self.numbers and _KNOWN.search(text, max(start, at - 8), at)
            if known or _DISTANCE.match(text, match.end(), end):
                continue
            value, top = self._value(match["value"], match["scale"]), ""
            approx = self.about.get((match["about"] or "").lower(), "EXACT")
            below = None if match["about"] else self.lower.search(text, max(start, match.start() - 40), match.start())
            # "Between 400 and 600" is a range, "400 and 600" are two figures.
            if (
                below
                and below["link"].lower() == "and"
                and not _BETWEEN.search(text, max(start, below.start() - 8), below.start())
            ):
                below = None
            if below and (first := self._value(below["value"], below["scale"] or match["scale"])) < value:
                value, top, approx = first, _shown(value), "RANGE"
                found = [figure for figure in found if figure.start < below.start()]
            found.append(
                Figure(match.start(), match.end(), _shown(value), unit, approx, (match["unit"] or "money").lower(), top)
            )
        return found

    def _value(self, word: str, scale: str | None) -> float:
        word = word.replace(",", "").lower()
        return (float(self.numbers[word]) if word in self.numbers else float(word)) * self.scales.get(
            (scale or "").lower(), 1
        )


def _shown(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
