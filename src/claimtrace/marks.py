"""Marks of charts. A mark is one thing in three places: a link in the picture, a row of the table, an anchor of a page.

What joins them is the key: the key columns of the row, with dots between them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from claimtrace.claims import split_cell
from claimtrace.errors import StudyError
from claimtrace.study import read_table

#: Where the pictures in ``build/figures`` find the pages of the site.
SITE = "../site/"
#: Column of the claims behind a mark, never part of a key.
CLAIMS = "claim_ids"


@dataclass(frozen=True)
class Mark:
    """A row of the table behind a chart: its key, the values of its key columns and the claims that it counts."""

    key: str
    values: dict[str, str]
    row: dict[str, str]
    claims: tuple[str, ...]


def key(*values: object) -> str:
    """The name of a mark, or of all marks that begin so: values with dots between them, ``-`` for an empty one."""
    return ".".join(part for value in values for part in str(value).split() or ["-"])


def fragment(*values: object) -> str:
    """The key as the part of an address after ``#``."""
    return "#" + quote(key(*values), safe="")


def address(figure: str) -> str:
    """Page of a figure, relative to the front page of the site."""
    return f"marks/{figure}.html"


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it reads back from its file: every cell text."""
    return pd.read_csv(io.StringIO(table.to_csv(index=False)), dtype=str, keep_default_na=False)


def key_columns(table: pd.DataFrame) -> list[str]:
    """The columns that name a row: the leading ones that hold no numbers, and as many more as tell all rows apart.

    Args:
        table: all text.
    """
    columns = [column for column in table.columns if column != CLAIMS]
    texts = [position for position, column in enumerate(columns) if not _numeric(table[column])]
    leading = next((n for n, position in enumerate([*texts, -1]) if n != position), 0)
    for length in range(max(leading, 1), len(columns) + 1):
        if not table.duplicated(columns[:length]).any():
            return columns[:length]
    return columns


def _numeric(column: pd.Series) -> bool:
    filled = column[column != ""]
    return len(filled) > 0 and bool(pd.to_numeric(filled, errors="coerce").notna().all())


def marks(table: pd.DataFrame) -> list[Mark]:
    """The marks of a table, in its order.

    Raises:
        StudyError: two rows have one key.
    """
    table = as_text(table)
    columns = key_columns(table)
    found = [
        Mark(
            key(*(row[column] for column in columns)),
            {column: row[column] for column in columns},
            row,
            tuple(split_cell(row.get(CLAIMS, ""))),
        )
        for row in table.to_dict("records")
    ]
    names = [mark.key for mark in found]
    if len(set(names)) < len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise StudyError(f"two rows have the key {doubled!r}; the leading columns of a table must tell its rows apart")
    return found


def keys(table: pd.DataFrame) -> list[str]:
    """The key of each row."""
    return [mark.key for mark in marks(table)]


def read(build: Path, claims: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of all figures that were built, by name, all text, each with the claims behind its rows.

    Args:
        claims: the coding that the figures were built from.

    Raises:
        StudyError: nothing was built.
    """
    names = sorted(path.stem for path in (build / "figures").glob("*.svg"))
    if not names:
        raise StudyError(f"{build}/figures: no figure was built; run make")
    return {name: with_claims(read_table(build / "tables" / f"{name}.csv"), claims) for name in names}


def with_claims(table: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """A table with :data:`CLAIMS`: where a chart counts no claims, those of the sentences or else the article that a row names.

    Args:
        table: all text; ``differ_in`` names sentences (``ARTICLE.SENTENCE``, ``;`` between them).
        claims: article, sentence, claim_id.
    """
    name = next((name for name in ("differ_in", "article") if name in table.columns), None)
    if CLAIMS in table.columns or name is None:
        return table
    places = claims["article"] if name == "article" else claims["article"] + "." + claims["sentence"]
    held = claims.groupby(places)["claim_id"].agg(";".join)
    behind = [";".join(held[item] for item in split_cell(cell) if item in held) for cell in table[name]]
    return table.assign(**{CLAIMS: behind})


def select(table: pd.DataFrame, figure: str, chosen: dict[str, str]) -> list[Mark]:
    """The marks of a figure that have the given values in their key columns.

    Raises:
        StudyError: no such column, or no mark with such a value; the message lists those there are.
    """
    columns, found = key_columns(table), marks(table)
    for name, value in chosen.items():
        if name not in columns:
            raise StudyError(f"--{name}: {figure} has no such key; its keys are: {', '.join(columns)}")
        known = dict.fromkeys(mark.values[name] for mark in marks(table))
        if value not in known:
            raise StudyError(f"--{name} {value}: no mark of {figure} has it; there are: {', '.join(known)}")
        found = [mark for mark in found if mark.values[name] == value]
    if chosen and not found:
        wanted = " ".join(f"--{name} {value}" for name, value in chosen.items())
        raise StudyError(f"{figure}: no mark has {wanted} together")
    return found


def counting(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, list[Mark]]]:
    """Claim to figure to the marks that count it."""
    found: dict[str, dict[str, list[Mark]]] = {}
    for figure, table in tables.items():
        for mark in marks(table):
            for claim in mark.claims:
                found.setdefault(claim, {}).setdefault(figure, []).append(mark)
    return found


def hint(figure: str, table: pd.DataFrame) -> str:
    """Where the claims behind a picture are to be found, for readers of a notebook, in which pictures hold no links."""
    if table.empty:
        return "No claim is behind this picture."
    if CLAIMS in table and not table[CLAIMS].any():
        return "Each mark rests on all claims of its articles; there are no particular claims behind it."
    columns = key_columns(as_text(table))
    options = " ".join(f"--{column} {column.upper()}" for column in columns)
    return (
        f"The claims behind each mark: `claimtrace trace {figure} {options}` prints them (add `--build FOLDER` for a build with other settings); "
        f"`make site` writes them to `build/site/{address(figure)}`."
    )
