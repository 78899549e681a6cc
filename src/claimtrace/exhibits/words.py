"""Words that several exhibits use."""

from __future__ import annotations

import pandas as pd

from claimtrace.compare import shared
from claimtrace.study import Study

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
        f"{both} of the articles {'gives' if both == 1 else 'give'} motives on both sides ({held['before']} of the "
        f"{n.get('before', 0)} claims before and {held['after']} of the {n.get('after', 0)} after come from "
        f"{'it' if both == 1 else 'them'})"
    )


def types_of(study: Study, held: pd.DataFrame) -> str:
    """The types of the claims that give a motive, most frequent first."""
    n = held.drop_duplicates("claim_id")["claim_type"].value_counts().rename_axis("code").reset_index(name="n")
    n = n.sort_values(["n", "code"], ascending=[False, True])
    return ", ".join(f"{study.codebook.phrase('claim_type', row.code)} {row.n}" for row in n.itertuples())
