"""Actors in a sentence: by alias, the longest first, within the dates of the alias."""

from __future__ import annotations

from claimtrace.codebook import Codebook
from claimtrace.rules.phrases import Item, words

#: Before a hyphen these reverse or narrow a name ("anti-X", "non-X"): no mention of it.
PREFIXES = frozenset({"anti", "non", "pro", "post", "pre", "un", "counter", "ex"})
_HYPHENS = "-‐‑–"


class Aliases:
    """All names of all actors.

    Args:
        book: the list of actors.
        more: further aliases, actor id to list, as in the list of actors.
        masks: names that contain an alias and are no mention of it.
    """

    def __init__(self, book: Codebook, more: dict[str, list] | None = None, masks: list[str] = ()):
        self.names = {actor: _names(book, actor) for actor in book.actors}
        self.keys = {actor: (*(f"^{name}" for name in sorted(names)), "^") for actor, names in self.names.items()}
        self.index: dict[str, list[tuple[tuple[str, ...], str, str, str]]] = {}
        listed = [(actor, alias) for actor, entry in book.actors.items() for alias in entry.get("aliases") or []]
        listed += [(actor, alias) for actor, aliases in (more or {}).items() for alias in aliases]
        for actor, alias in [*listed, *(("", mask) for mask in masks)]:
            bounded = alias if isinstance(alias, dict) else {"text": alias}
            parts = tuple(item.text for item in words(str(bounded["text"])))
            if parts:
                # A name that is written small has a capital where a sentence begins with it.
                for form in dict.fromkeys([parts, (parts[0][:1].upper() + parts[0][1:], *parts[1:])]):
                    limits = (str(bounded.get("from", "")), str(bounded.get("to", "")))
                    self.index.setdefault(form[0], []).append((form, actor, *limits))
        for entries in self.index.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1:]))

    def merge(self, text: str, items: list[Item], day: str = "") -> list[Item]:
        """Words, with those of each mention replaced by one item.

        Args:
            day: ISO date of what is spoken of; without one, aliases that have ended do not hold.
        """
        found, at = [], 0
        while at < len(items):
            match = self._at(text, items, at, day)
            if match is None:
                found.append(items[at])
                at += 1
                continue
            end, actor = match
            if actor:
                start, stop = items[at].start, items[end - 1].end
                found.append(Item(text[start:stop], "", start, stop, self.names[actor], (actor,), self.keys[actor]))
            else:
                found += items[at:end]
            at = end
        return found

    def _at(self, text: str, items: list[Item], at: int, day: str) -> tuple[int, str] | None:
        for form, actor, first, last in self.index.get(items[at].text, ()):
            end = at + len(form)
            if tuple(item.text for item in items[at:end]) != form:
                continue
            if (first and day and day < first[: len(day)]) or (last and (not day or day > last)):
                continue
            start, stop = items[at].start, items[end - 1].end
            if actor and at and text[start - 1] in _HYPHENS and items[at - 1].low in PREFIXES:
                return None
            if actor and text[stop : stop + 1] == "$":
                return None
            if any(
                not _joined(text[a.end : b.start]) for a, b in zip(items[at:end], items[at + 1 : end], strict=False)
            ):
                continue
            return end, actor
        return None


def _joined(between: str) -> bool:
    """Whether two words of a name stand next to each other: no comma, bracket or quotation mark between them."""
    return not any(mark in between for mark in ',;:()[]“”"!?')


def _names(book: Codebook, actor: str) -> frozenset[str]:
    return frozenset({actor, book.roll_up(actor), book.actor_type(actor)})
