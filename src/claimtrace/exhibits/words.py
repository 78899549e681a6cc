"""Words that several exhibits use."""

from __future__ import annotations

import pandas as pd

from claimtrace.compare import shared

UNIT_NAMES = {"claims": "claims", "propositions": "distinct propositions", "articles": "articles"}


def leading(table: pd.DataFrame, column: str, limit: int) -> pd.DataFrame:
    """The first rows of a table sorted by a number: no row left out has as many as the last, unless the first rows all tie."""
    if len(table) <= limit:
        return table
    return rows if len(rows := table[table[column] > table[column].iloc[limit]]) else table.head(limit)


def plural(number: int, noun: str) -> str:
    """A number and its noun: 1 article, 2 articles."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def article(slug: str) -> str:
    """An article's id as a label that can be broken into lines."""
    return slug.replace("-", " ")


def sources_of_sides(sided: pd.DataFrame) -> str:
    """On which articles the two sides of the dividing date rest, for a caption.

    Args:
        sided: output of :func:`claimtrace.compare.with_side`.
    """
    both, held = shared(sided)
    if not both:
        return "No article gives motives on both sides"
    n = sided.drop_duplicates("claim_id")["side"].value_counts()
    return (
        f"Of the articles {both} {'gives' if both == 1 else 'give'} motives on both sides ({held['before']} of the "
        f"{n.get('before', 0)} claims before and {held['after']} of the {n.get('after', 0)} after stand there)"
    )
