"""Words that several exhibits use."""

from __future__ import annotations

UNIT_NAMES = {"claims": "claims", "propositions": "distinct propositions", "articles": "articles"}


def plural(number: int, noun: str) -> str:
    """A number and its noun: 1 article, 2 articles."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
