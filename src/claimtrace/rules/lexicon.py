"""Phrases and names, found together in one pass over the words of a text.

A phrase is words with blanks between them: ``extremist* ..2 group*|network*``. ``abc*`` is any word that begins so (three
letters at least), ``a|b`` one of several, ``..`` a gap of up to three words and ``..5`` of up to five, ``^X`` a mention of
actor X, of a part of it or of an actor of type X, ``^`` a mention of any actor. Case does not matter, nor do articles and
possessives between the words. Names of actors are matched as they are written, the longest first, within their dates.

Each distinct word is looked up once and remembered with all that may begin with it, so that the time is linear in the text and
most words cost one look into a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from claimtrace.codebook import Codebook
from claimtrace.errors import StudyError

WORD = re.compile(r"[^\W_]+")
#: Words of a gap that has no number.
GAP = 3
#: Letters before the star of a wildcard.
STEM = 3
#: Distinct words that are remembered; past it the memory is emptied, so that it stays bounded on any text.
REMEMBERED = 100_000
#: Before a hyphen these reverse or narrow a name ("anti-X", "non-X"): no mention of it.
PREFIXES = frozenset({"anti", "non", "pro", "post", "pre", "un", "counter", "ex"})
SUFFIXES = frozenset({"based", "born", "made", "built", "speaking", "language", "style", "designed", "era"})
_HYPHENS = "-‐‑–"
_APOSTROPHES = "'’‘`"
_APART = frozenset(',;:()[]“”"!?')


class Hit(NamedTuple):
    """A phrase found: words ``start`` to ``end``, what it stands for, and the phrase as written."""

    start: int
    end: int
    value: Hashable
    phrase: str


class Word:
    """A distinct word, or an actor: what it matches and what may begin with it."""

    __slots__ = ("actors", "begins", "forms", "ids", "low")

    def __init__(self, low: str, ids: frozenset[int], begins: tuple, forms: tuple, actors: tuple[str, ...] = ()):
        self.low, self.ids, self.begins, self.forms, self.actors = low, ids, begins, forms, actors


class Scan:
    """The words of a stretch of text: ``words[i]`` stands at characters ``starts[i]`` to ``ends[i]``; ``mentions`` are the places
    of actors; ``hits`` the phrases found, by kind, in order."""

    __slots__ = ("ends", "hits", "mentions", "starts", "text", "words")

    def __init__(self, text: str):
        self.text = text
        self.words: list[Word] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.mentions: list[int] = []
        self.hits: dict[str, list[Hit]] = {}

    def of(self, kind: str) -> list[Hit]:
        """The hits of one kind."""
        return self.hits.get(kind, [])


def elements(phrase: str) -> tuple:
    """Elements of a phrase: a number for a gap, else the alternatives of one word.

    Raises:
        StudyError: the phrase is empty, begins or ends with a gap, or has a wildcard without a stem.
    """
    found = []
    for part in str(phrase).split():
        if part.startswith(".."):
            found.append(int(part[2:] or GAP) if (part[2:] or "0").isdecimal() else None)
        else:
            found.append(tuple(word if word.startswith("^") else word.lower() for word in part.split("|")))
    if not found or None in found or isinstance(found[0], int) or isinstance(found[-1], int):
        raise StudyError(f"phrase {phrase!r}: must begin and end with a word; a gap is .. or ..5")
    for element in found:
        for word in element if isinstance(element, tuple) else ():
            if not word or ("*" in word and (not word.endswith("*") or len(word) <= STEM)):
                raise StudyError(f"phrase {phrase!r}: a star must end a word of at least {STEM} letters")
    return tuple(found)


class Lexicon:
    """All phrases and all names of a set of rules.

    Args:
        phrases: kind to pairs of phrase and value.
        skip: words that may stand anywhere between the words of a phrase.
        book: the list of actors with their aliases.
        aliases: further aliases, actor id to list, as in the list of actors.
        masks: names that contain an alias and are no mention of it.
    """

    def __init__(
        self,
        phrases: dict[str, Iterable[tuple[str, Hashable]]],
        skip: Iterable[str] = (),
        book: Codebook | None = None,
        aliases: dict[str, list] | None = None,
        masks: Iterable[str] = (),
    ):
        self._numbers: dict[str, int] = {}
        self._stems: dict[str, list[tuple[str, int]]] = {}
        self._begins: dict[int, list[tuple]] = {}
        self._skip = frozenset(self._number(word) for word in skip)
        for kind, entries in phrases.items():
            for phrase, value in entries:
                first, *rest = elements(phrase)
                later = tuple(
                    part if isinstance(part, int) else frozenset(self._number(word) for word in part) for part in rest
                )
                for word in first:
                    self._begins.setdefault(self._number(word), []).append((later, kind, value, str(phrase)))
        self._forms = _forms(book, aliases or {}, masks)
        self._words: dict[str, Word] = {}
        self._heads: dict[tuple[str, str], Word] = {}
        self._actors = {actor: self._actor(book, actor) for actor in (book.actors if book else ())}

    def _number(self, word: str) -> int:
        number = self._numbers.setdefault(word, len(self._numbers))
        if word.endswith("*"):
            entries = self._stems.setdefault(word[:STEM], [])
            if (word[:-1], number) not in entries:
                entries.append((word[:-1], number))
        return number

    def _actor(self, book: Codebook, actor: str) -> Word:
        names = ("^", *(f"^{name}" for name in (actor, book.roll_up(actor), book.actor_type(actor))))
        ids = frozenset(self._numbers[name] for name in names if name in self._numbers)
        return Word("", ids, self._beginning(ids), (), (actor,))

    def _beginning(self, ids: Iterable[int]) -> tuple:
        return tuple(entry for number in sorted(ids) for entry in self._begins.get(number, ()))

    def _word(self, word: str) -> Word:
        low = word.lower()
        ids = {number for stem, number in self._stems.get(low[:STEM], ()) if low.startswith(stem)}
        if low in self._numbers:
            ids.add(self._numbers[low])
        if len(self._words) >= REMEMBERED:
            self._words.clear()
        found = Word(low, frozenset(ids), self._beginning(ids), self._forms.get(word, ()))
        self._words[word] = found
        return found

    def scan(self, text: str, start: int = 0, end: int | None = None, day: str = "") -> Scan:
        """The words of ``text[start:end]`` with the actors and phrases among them.

        Args:
            day: ISO date of what is spoken of; without one, names that have ended do not hold.
        """
        found, known = Scan(text), self._words
        words, starts, ends = found.words, found.starts, found.ends
        named = False
        for match in WORD.finditer(text, start, len(text) if end is None else end):
            word = match[0]
            entry = known.get(word) or self._word(word)
            at = match.start()
            # A possessive s is no word, so that a name and its genitive are alike.
            if word in ("s", "S") and at > start and text[at - 1] in _APOSTROPHES:
                continue
            words.append(entry)
            starts.append(at)
            ends.append(match.end())
            named = named or bool(entry.forms)
        if named:
            self._merge(found, day)
        # What does not stand in the whole stretch need not be looked for behind each word.
        present = set().union(*(entry.ids for entry in words)) if words else set()
        for at, entry in enumerate(words):
            if entry.begins:
                self._match(found, at, entry, present)
        return found

    def _match(self, found: Scan, at: int, entry: Word, present: set[int]) -> None:
        words = found.words
        best: dict[tuple, Hit] = {}
        for later, kind, value, phrase in entry.begins:
            if later and later[-1].isdisjoint(present):
                continue
            end = at + 1 if not later else self._end(later, 0, words, at + 1)
            if end >= 0:
                key = (kind, value)
                if key not in best or best[key].end < end:
                    best[key] = Hit(at, end, value, phrase)
        for (kind, _), hit in best.items():
            found.hits.setdefault(kind, []).append(hit)

    def _end(self, later: tuple, position: int, words: list[Word], at: int) -> int:
        """Where the rest of a phrase ends that goes on at word ``at``; -1 if it does not."""
        total, skip = len(words), self._skip
        while position < len(later):
            element = later[position]
            if isinstance(element, int):
                for gap in range(element + 1):
                    end = self._end(later, position + 1, words, at + gap)
                    if end >= 0:
                        return end
                return -1
            while at < total and element.isdisjoint(words[at].ids) and not skip.isdisjoint(words[at].ids):
                at += 1
            if at >= total or element.isdisjoint(words[at].ids):
                return -1
            at += 1
            position += 1
        return at

    def _merge(self, found: Scan, day: str) -> None:
        """Words of each mention replaced by one that stands for its actor."""
        words, starts, ends, text = found.words, found.starts, found.ends, found.text
        merged: list[Word] = []
        first: list[int] = []
        last: list[int] = []
        at = 0
        while at < len(words):
            match = self._name(found, at, day) if words[at].forms else None
            if match is None:
                merged.append(words[at])
                first.append(starts[at])
                last.append(ends[at])
                at += 1
                continue
            end, actor = match
            if actor:
                found.mentions.append(len(merged))
                merged.append(
                    self._mention(actor, words[end - 1], text[starts[end - 1] : ends[end - 1]])
                    if end > at + 1
                    else self._actors[actor]
                )
                first.append(starts[at])
                last.append(ends[end - 1])
            else:
                merged += words[at:end]
                first += starts[at:end]
                last += ends[at:end]
            at = end
        found.words[:], found.starts[:], found.ends[:] = merged, first, last

    def _mention(self, actor: str, head: Word, written: str) -> Word:
        """A mention that, where its last word is a common noun ("Guild members"), also stands for that word."""
        if not written.islower():
            return self._actors[actor]
        if (actor, head.low) not in self._heads:
            own = self._actors[actor]
            self._heads[actor, head.low] = Word("", own.ids | head.ids, own.begins + head.begins, (), own.actors)
        return self._heads[actor, head.low]

    def _name(self, found: Scan, at: int, day: str) -> tuple[int, str] | None:
        text, starts, ends = found.text, found.starts, found.ends
        for form, actor, since, until in found.words[at].forms:
            end = at + len(form)
            if end > len(starts) or any(text[starts[i] : ends[i]] != part for i, part in enumerate(form, at)):
                continue
            if (since and day and day < since[: len(day)]) or (until and (not day or day > until)):
                continue
            if actor and starts[at] and text[starts[at] - 1] in _HYPHENS and at and found.words[at - 1].low in PREFIXES:
                return None
            if actor and text[ends[end - 1] : ends[end - 1] + 1] == "$":
                return None
            # "A Madrid-based analyst" is no mention of a government.
            bound = end < len(starts) and text[ends[end - 1] : starts[end]] in _HYPHENS
            if actor and bound and found.words[end].low in SUFFIXES:
                return None
            # The words of a name stand next to each other: no comma, bracket or quotation mark between them.
            if any(not _APART.isdisjoint(text[ends[i] : starts[i + 1]]) for i in range(at, end - 1)):
                continue
            return end, actor
        return None


def _forms(book: Codebook | None, more: dict[str, list], masks: Iterable[str]) -> dict[str, tuple]:
    """Names by their first word, the longest first: their words, the actor (none for a mask), and the dates that bound them. Where a year
    belongs to two holders of a name, the later has it."""
    listed = [
        (actor, alias) for actor, entry in (book.actors if book else {}).items() for alias in entry.get("aliases") or []
    ]
    listed += [(actor, alias) for actor, aliases in more.items() for alias in aliases]
    index: dict[str, list[tuple]] = {}
    for actor, alias in [*listed, *(("", mask) for mask in masks)]:
        bounded = alias if isinstance(alias, dict) else {"text": alias}
        parts = tuple(word for word in WORD.findall(str(bounded["text"])) if word != "s")
        if parts:
            limits = (str(bounded.get("from", "")), str(bounded.get("to", "")))
            # A name that is written small has a capital where a sentence begins with it.
            for form in dict.fromkeys([parts, (parts[0][:1].upper() + parts[0][1:], *parts[1:])]):
                index.setdefault(form[0], []).append((form, actor, *limits))
    for entries in index.values():
        entries.sort(key=lambda entry: entry[1:])
        entries.sort(key=lambda entry: (len(entry[0]), entry[1] == "", entry[2]), reverse=True)
    return {word: tuple(entries) for word, entries in index.items()}


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits that share a word, the longest, then the first."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, str(hit.value))):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return sorted(kept)
