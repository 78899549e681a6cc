"""How far a count or a share would move with other articles or another coder.

Articles, not claims, are resampled: claims of one article are not independent of one another (Efron and Tibshirani 1993,
An Introduction to the Bootstrap, chapter 8; percentile intervals, chapter 13). With so few articles the intervals are
rough; they show how much rests on single articles, not what other articles would have said.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from claimtrace.claims import UNITS

DRAWS, SEED = 2000, 20
#: Fewest articles that are resampled: three give ten different draws, and an interval of ten values is none.
LEAST = 5


def _by_article(table: pd.DataFrame, keys: list[str], unit: str) -> pd.DataFrame:
    """Counts with a row an article and a column a combination of ``keys``."""
    return table.groupby(["article", *keys])[UNITS[unit]].nunique().unstack(keys, fill_value=0)


def _distinct(table: pd.DataFrame, articles: pd.Index, unit: str) -> np.ndarray:
    """What each article holds, whatever its parts: an article with two voices is one article."""
    return table.groupby("article")[UNITS[unit]].nunique().reindex(articles, fill_value=0).to_numpy()


def _drawn(articles: int, draws: int, seed: int) -> np.ndarray:
    """How often each article is drawn: draws by articles."""
    return np.random.default_rng(seed).multinomial(articles, np.full(articles, 1 / articles), size=draws)


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 %, of the draws in which there is a value."""
    kept = values[~np.isnan(values)]
    return tuple(np.quantile(kept, [0.025, 0.975])) if len(kept) else (float("nan"), float("nan"))


def shares(table: pd.DataFrame, by: str, part: str, unit: str = "claims", draws: int = DRAWS) -> pd.DataFrame:
    """The share of each part in each group, with an interval that resamples articles. Empty where there is no claim.

    Parts may overlap: of the articles of a group some may hold several parts, and the shares then add up to more than one.

    Args:
        table: one row a claim and group.
        by, part: columns.

    Returns:
        ``by``, ``part``, value (share), low, high (95 % interval; NaN where the group has fewer than :data:`LEAST` articles), n (of the part),
        total (of the group), articles (of the group), claim_ids (of the part).
    """
    columns = [by, part, "value", "low", "high", "n", "total", "articles", "claim_ids"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    counts = _by_article(table, [by, part], unit)
    weights = _drawn(len(counts), draws, SEED)
    rows = []
    for group in sorted(counts.columns.levels[0]):
        own = counts[group]
        members = table[table[by] == group]
        held = _distinct(members, counts.index, unit)
        drawn, total = weights @ own.to_numpy(), int(held.sum())
        totals = (weights @ held).astype(float)
        sources = members["article"].nunique()
        for position, name in enumerate(own.columns):
            n = int(own[name].sum())
            with np.errstate(invalid="ignore"):
                low, high = _interval(drawn[:, position] / totals) if sources >= LEAST else (np.nan, np.nan)
            ids = ";".join(sorted(set(members[members[part] == name]["claim_id"])))
            if n:
                rows.append((group, name, n / total, low, high, n, total, sources, ids))
    return pd.DataFrame(rows, columns=columns)


def differences(table: pd.DataFrame, part: str, side: str, unit: str = "claims", draws: int = DRAWS) -> pd.DataFrame:
    """By how much the share of each part differs between two sides (``after`` less ``before``).

    Args:
        table: one row a claim and group, ``side`` holding ``before`` and ``after``.

    Returns:
        ``part``, value (difference of shares), low, high (95 % interval over the draws in which both sides have claims; NaN
        where the group has fewer than :data:`LEAST` articles, a side rests on one, or has none of the part, since no draw could then give it one), before, after (n of the part), claim_ids. Empty where one side has no claim.
    """
    counts = _by_article(table, [side, part], unit)
    if set(counts.columns.levels[0]) < {"before", "after"}:
        return pd.DataFrame(columns=[part, "value", "low", "high", "before", "after", "claim_ids"])
    names = sorted(set(table[part]))
    sides = {name: counts[name].reindex(columns=names, fill_value=0).to_numpy() for name in ("before", "after")}
    held = {name: _distinct(table[table[side] == name], counts.index, unit) for name in sides}
    weights = _drawn(len(counts), draws, SEED)

    def difference(weight: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            share = {name: (weight @ n) / (weight @ held[name]).astype(float)[:, None] for name, n in sides.items()}
        return share["after"] - share["before"]

    value, found = difference(np.ones((1, len(counts))))[0], difference(weights)
    if table["article"].nunique() < LEAST or table.groupby(side)["article"].nunique().min() < 2:
        found[:] = np.nan
    rows = []
    for position, name in enumerate(names):
        n = {key: int(counts_of[:, position].sum()) for key, counts_of in sides.items()}
        low, high = _interval(found[:, position]) if min(n.values()) else (np.nan, np.nan)
        ids = ";".join(sorted(set(table[table[part] == name]["claim_id"])))
        rows.append((name, value[position], low, high, n["before"], n["after"], ids))
    return pd.DataFrame(rows, columns=[part, "value", "low", "high", "before", "after", "claim_ids"])


def across_codings(counts: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """The least and the largest count of each cell over several codings.

    Args:
        counts: a table a coding, with ``keys`` and ``n``; a cell that a coding lacks counts as nothing.

    Returns:
        ``keys``, n_low, n_high.
    """
    totals = [table.groupby(keys)["n"].sum().rename(position) for position, table in enumerate(counts)]
    found = pd.concat(totals, axis=1).fillna(0)
    return pd.DataFrame({"n_low": found.min(axis=1), "n_high": found.max(axis=1)}).astype(int).reset_index()
