"""Codes of tables in words, for readers of the site."""

from __future__ import annotations

import re

from claimtrace import events
from claimtrace.codebook import NO_CLAIM
from claimtrace.dates import in_words
from claimtrace.marks import Mark, key
from claimtrace.study import Study

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class Words:
    """Labels of what stands in key columns: codes, actors, sides of the dividing date; anything else stands for itself."""

    def __init__(self, study: Study):
        self.book = study.codebook
        found: dict[str, list[str]] = {}
        for variable in self.book.variables:
            # How reports stand to each other is no key of any chart.
            if self.book.variables[variable].get("codes_from") != "actors" and variable != "corroboration":
                for code in self.book.codes(variable):
                    if (variable, code) != ("claim_type", NO_CLAIM):  # counted by no chart
                        found.setdefault(code, []).append(self.book.label(variable, code))
        self.codes = {code: labels[0] for code, labels in found.items() if len(set(labels)) == 1}
        self.codes |= {side: study.settings["divide"][side]["label"] for side in ("before", "after")}
        listed = events.load(study)
        self.events = dict(zip(listed["event_id"], listed["description"].str.rstrip("."), strict=True))

    def label(self, column: str, value: str) -> str:
        """A value of a column in words; several codes in one cell are told one by one."""
        if column in self.book.variables and value in self.book.codes(column):
            return self.book.label(column, value)
        if column == "event_id":
            return self.events.get(value, value)
        if value in self.book.actors and value not in self.codes:
            return self.book.actor_label(value, short=True)
        if column == "actor":
            return self.book.actor_label(value, short=True)
        parts = value.split()
        if parts and all(part in self.codes for part in parts):
            return ", ".join(self.codes[part] for part in parts)
        return value or "none"

    def mark(self, mark: Mark) -> str:
        """A mark in one line."""
        return ", ".join(self.label(column, value) for column, value in mark.values.items())

    def names(self, marks: list[Mark]) -> dict[str, str]:
        """Every key of the marks, and every beginning of one, to its name in words."""
        found = {}
        for mark in marks:
            columns = list(mark.values.items())
            for length in range(1, len(columns) + 1):
                name = ", ".join(self.label(column, value) for column, value in columns[:length])
                found.setdefault(key(*(value for _, value in columns[:length])), name)
        return found

    def fact(self, column: str, value: str) -> str:
        """What a table says of a mark beside its key: a code, a date, a number."""
        if column in self.book.variables and self.book.variables[column].get("format") == "edtf":
            return in_words(value)
        if column in self.book.variables and value in self.book.codes(column):
            return self.book.phrase(column, value)
        return self.number(value)

    def number(self, value: str) -> str:
        """A number as it is read: no more than three places, no empty fraction."""
        try:
            return f"{float(value):.3f}".rstrip("0").rstrip(".")
        except ValueError:
            return value


def markdown(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
