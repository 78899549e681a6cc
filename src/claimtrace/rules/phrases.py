"""Phrases with wildcards, found in one pass over the words of a sentence.

A phrase is words with blanks between them: ``extremist* ..2 group*|network*``. ``abc*`` is any word that begins so (three
letters at least), ``a|b`` one of several, ``..`` a gap of up to three words and ``..5`` of up to five, ``^X`` a mention of
actor X, of a part of it or of an actor of type X, ``^`` a mention of any actor. Case does not matter, nor do articles and
possessives between the words. The time is linear in the text: a word opens only the phrases that begin with it, and a phrase
looks no further than its own length and gaps.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from claimtrace.errors import StudyError

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = "'’‘`"
#: Words of a gap that has no number.
GAP = 3
#: Letters before the star of a wildcard: enough to look it up.
STEM = 3


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a sentence, or a mention of actors: characters ``start`` to ``end`` of the text.

    Attributes:
        low: the word in small letters; empty for a mention.
        names: of a mention: its actors, what they are part of, and their types.
        actors: of a mention: actor ids.
        keys: under which phrases that may begin here are looked up.
    """

    text: str
    low: str
    start: int
    end: int
    names: frozenset[str] = frozenset()
    actors: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: items ``start`` to ``end``, what it stands for, and the phrase as written."""

    start: int
    end: int
    value: Hashable
    phrase: str


def words(text: str, start: int = 0, end: int | None = None) -> list[Item]:
    """The words of ``text[start:end]``; a possessive s is none, so that a name and its genitive are alike."""
    found = []
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        word = match[0]
        if word in ("s", "S") and match.start() > start and text[match.start() - 1] in _APOSTROPHES:
            continue
        low = word.lower()
        found.append(Item(word, low, match.start(), match.end(), keys=(low, low[:STEM] + "*")))
    return found


def _elements(phrase: str) -> tuple:
    """Elements of a phrase: a number for a gap, else the alternatives of one word.

    Raises:
        StudyError: the phrase is empty, begins or ends with a gap, or has a wildcard without a stem.
    """
    found = []
    for part in phrase.split():
        if part.startswith(".."):
            found.append(int(part[2:] or GAP) if (part[2:] or "0").isdigit() else None)
        else:
            found.append(tuple(part if part.startswith("^") else part.lower() for part in part.split("|")))
    if not found or None in found or isinstance(found[0], int) or isinstance(found[-1], int):
        raise StudyError(f"phrase {phrase!r}: must begin and end with a word; a gap is .. or ..5")
    for element in found:
        for word in element if isinstance(element, tuple) else ():
            if not word or ("*" in word and (not word.endswith("*") or len(word) <= STEM)):
                raise StudyError(f"phrase {phrase!r}: a star ends a word of at least {STEM} letters")
    return tuple(found)


def _fits(word: str, item: Item) -> bool:
    if word[0] == "^":
        return bool(item.names) and (word == "^" or word[1:] in item.names)
    return item.low.startswith(word[:-1]) if word[-1] == "*" else item.low == word


def _end(elements: tuple, items: list[Item], at: int, skip: frozenset[str]) -> int:
    """Where the rest of a phrase ends that goes on at item ``at``; -1 if it does not."""
    for position, element in enumerate(elements):
        if isinstance(element, int):
            for gap in range(element + 1):
                found = _end(elements[position + 1 :], items, at + gap, skip)
                if found >= 0:
                    return found
            return -1
        while at < len(items) and items[at].low in skip and not any(_fits(word, items[at]) for word in element):
            at += 1
        if at >= len(items) or not any(_fits(word, items[at]) for word in element):
            return -1
        at += 1
    return at


class Phrases:
    """A set of phrases, each standing for a value.

    Args:
        entries: pairs of phrase and value.
        skip: words that may stand anywhere between the words of a phrase.
    """

    def __init__(self, entries: Iterable[tuple[str, Hashable]], skip: Iterable[str] = ()):
        self.skip = frozenset(skip)
        self.index: dict[str, list[tuple[tuple, Hashable, str]]] = {}
        for phrase, value in entries:
            elements = _elements(phrase)
            for word in elements[0]:
                key = word[:STEM] + "*" if word.endswith("*") else word
                self.index.setdefault(key, []).append((((word,), *elements[1:]), value, phrase))

    def find(self, items: list[Item]) -> list[Hit]:
        """All hits, in order of place; of hits of one value that begin at one word the longest."""
        found: dict[tuple, Hit] = {}
        for at, item in enumerate(items):
            for key in item.keys:
                for elements, value, phrase in self.index.get(key, ()):
                    end = _end(elements, items, at, self.skip)
                    if end >= 0 and ((at, value) not in found or found[at, value].end < end):
                        found[at, value] = Hit(at, end, value, phrase)
        return sorted(found.values(), key=lambda hit: (hit.start, hit.end, str(hit.value)))


def longest(hits: list[Hit]) -> list[Hit]:
    """Of hits that share a word, the longest, then the first."""
    kept: list[Hit] = []
    taken: set[int] = set()
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, str(hit.value))):
        places = range(hit.start, hit.end)
        if not taken.intersection(places):
            kept.append(hit)
            taken.update(places)
    return sorted(kept, key=lambda hit: hit.start)
