"""The table of claims: load, explode, filter, count."""

from __future__ import annotations

import re

import pandas as pd

from claimtrace.codebook import NO_CLAIM, Codebook
from claimtrace.dates import alternatives
from claimtrace.errors import Problem, StudyError
from claimtrace.study import Study

#: The pinned columns of a coding, in order.
COLUMNS = [
    "claim_id", "article", "passage", "sentence", "claim_type", "statement", "subject", "target", "scope", "motive",
    "motive_polarity", "voice", "strength", "event_type", "position", "factuality_source", "factuality_author",
    "claimant", "attribution", "event_time", "period", "quantity_value", "quantity_value_max", "quantity_unit",
    "quantity_approx", "quantity_measure", "event_id", "corroboration", "prop_id", "justifies", "quote",
    "original_start", "original_end", "original_sha256", "memo",
]  # fmt: skip

#: Those of them that are no variable of the codebook.
BOOKKEEPING = [
    "claim_id", "article", "passage", "sentence", "statement", "quote", "original_start", "original_end", "original_sha256",
    "memo",
]  # fmt: skip

#: What a row of a second-round coding is about: a claim of one of the passes.
UNIT = ["coding", "claim_id"]

_CLAIM_ID = re.compile(r"^(?P<article>[a-z0-9-]+)\.(?P<sentence>[ptcnb]\d{2,}\.s\d+)\.c\d+$", re.ASCII)
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$", re.ASCII)


def split_cell(cell: str) -> list[str]:
    """The items of a list cell, ``;`` between them."""
    return [item.strip() for item in cell.split(";") if item.strip()]


def load(study: Study, coding: str = "claims") -> pd.DataFrame:
    """The claims of a coding, sentences without a claim left out, every cell as text.

    Raises:
        StudyError: no such coding, or a pinned column is missing.
    """
    table = load_all(study, coding)
    return table[table["claim_type"] != NO_CLAIM].reset_index(drop=True)


def in_words(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """A coding for use elsewhere: labels for codes, names for actors, and title, outlet and date of each claim's article.

    Args:
        table: columns of :data:`COLUMNS`, all text.

    Returns:
        The same rows; after ``article`` come ``title``, ``outlet`` and ``published``. Items of a list have ``; `` between them.
    """
    book = study.codebook
    found = table.copy()
    for name in [column for column in COLUMNS if column in book.variables and book.codes(column)]:
        known = {code: book.label(name, code) for code in book.codes(name)}
        found[name] = ["; ".join(known.get(item, item) for item in split_cell(cell)) for cell in table[name]]
    places = enumerate((("title", "title"), ("outlet", "outlet"), ("published", "published_edtf")), 2)
    for place, (name, column) in places:
        found.insert(place, name, table["article"].map(study.catalogue[column]))
    return found


def load_all(study: Study, coding: str = "claims") -> pd.DataFrame:
    """All rows of a coding, those of claim type NONE included."""
    study.coding_path(coding)
    return with_columns(study, coding)


def with_columns(study: Study, name: str) -> pd.DataFrame:
    """A table of ``coding/`` that has the columns of claims, by name.

    Raises:
        StudyError: the file or a pinned column is missing.
    """
    table = study.table(f"coding/{name}.csv")
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise StudyError(f"{name}.csv: column {missing[0]!r} is missing; the columns are: {', '.join(COLUMNS)}")
    return table


def load_recoding(study: Study, name: str) -> pd.DataFrame:
    """A second-round coding: recoded variables by (coding, claim_id), all text.

    Raises:
        StudyError: the file is missing, lacks a key column, has a unit twice or one that no pass has.
    """
    table = study.table(f"coding/{name}.csv")
    for column in UNIT:
        if column not in table.columns:
            raise StudyError(f"{name}.csv: column {column!r} is missing")
    doubled = table[table.duplicated(UNIT)]
    if len(doubled):
        raise StudyError(f"{name}.csv: {doubled.iloc[0]['claim_id']} occurs twice; remove one row")
    for coding, own in table.groupby("coding", sort=True):
        known = set(load_all(study, coding)["claim_id"]) if coding in study.codings else set()
        for claim in own["claim_id"]:
            if claim not in known:
                raise StudyError(f"{name}.csv: {claim} is no claim of {coding}; correct or remove the row")
    return table.set_index(UNIT, drop=False)


def with_list(table: pd.DataFrame, column: str, study: Study, roll_up: bool = True) -> pd.DataFrame:
    """One row a claim and actor: list cells of ``column`` exploded into the new column ``actor``.

    Args:
        column: ``subject``, ``target`` or ``claimant``.
        roll_up: count persons and organs as the state or group they belong to.

    Returns:
        The claims with the column ``actor``; claims with an empty cell and placeholder actors (``exclude_actors`` of
        ``study.yaml``) are left out; an actor counts once a claim.
    """
    exploded = table.assign(actor=table[column].map(split_cell)).explode("actor").dropna(subset=["actor"])
    if roll_up:
        exploded["actor"] = exploded["actor"].map(study.codebook.roll_up)
    exploded = exploded[~exploded["actor"].isin(study.settings.get("exclude_actors", []))]
    return exploded.drop_duplicates(["claim_id", "actor"]).reset_index(drop=True)


def select(
    table: pd.DataFrame,
    *,
    scope: str | None = None,
    voice: list[str] | None = None,
    period: list[str] | None = None,
    articles: list[str] | None = None,
    motive_polarity: list[str] | None = None,
    explicit_only: bool = False,
) -> pd.DataFrame:
    """The claims that a parameter choice leaves; an empty or missing choice keeps all."""
    keep = pd.Series(True, index=table.index)
    if scope:
        keep &= table["scope"] == scope
    choices = {"voice": voice, "period": period, "article": articles, "motive_polarity": motive_polarity}
    for column, chosen in choices.items():
        if chosen:
            keep &= table[column].isin(chosen)
    if explicit_only:
        keep &= table["strength"] == "explicit"
    return table[keep].reset_index(drop=True)


def drop_repeated(*tables: pd.DataFrame) -> pd.DataFrame:
    """Several tables of claims as one, each claim once, in the order of claim ids."""
    joined = pd.concat(tables).drop_duplicates("claim_id")
    return joined.sort_values("claim_id", ignore_index=True)


#: What a count counts: every claim, each proposition once an article, or each article once.
UNITS = {"claims": "claim_id", "propositions": "prop_id", "articles": "article"}


def is_negative(table: pd.DataFrame) -> pd.Series:
    """Which claims say that something is not, or probably or possibly not, so: negative values of FactBank of the innermost claimant."""
    return table["factuality_source"].str.endswith("-")


def count(table: pd.DataFrame, by: list[str], unit: str = "claims") -> pd.DataFrame:
    """Counts by one or more columns, with the claims behind each.

    Args:
        by: columns of ``table``; a combination that does not occur has no row.
        unit: a key of :data:`UNITS`.

    Returns:
        ``by`` columns, ``n`` (in units), ``articles`` (distinct articles), ``claim_ids`` (``;`` between them, sorted).
        Sorted by ``by``.
    """
    if table.empty:
        return pd.DataFrame(columns=[*by, "n", "articles", "claim_ids"])
    grouped = table.groupby(by, sort=True)
    result = pd.DataFrame(
        {
            "n": grouped[UNITS[unit]].nunique(),
            "articles": grouped["article"].nunique(),
            "claim_ids": grouped["claim_id"].agg(lambda ids: ";".join(sorted(set(ids)))),
        }
    )
    return result.reset_index()


def _within(start: str, end: str, first: int, last: int) -> bool:
    """Whether two cells are whole numbers, in order, from ``first`` to ``last``."""
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 12 for cell in (start, end)):
        return False
    return first <= int(start) < int(end) <= last


def violations(table: pd.DataFrame, study: Study, file: str) -> list[Problem]:
    """Every way in which a coding breaks the codebook, row by row.

    Checks codes against the codebook, required and forbidden cells, actors, EDTF, numbers, ids, keys to sentences and
    to other claims, and that every body sentence is accounted for. Quotes and offsets are checked by
    :mod:`claimtrace.check` and :mod:`claimtrace.audit`.

    Args:
        table: columns of :data:`COLUMNS`, all text.
        file: name for the messages.
    """
    book = study.codebook
    sentences = {(s.article, s.sentence): s for s in study.sentences.itertuples()}
    ids = set(table["claim_id"])
    found: list[Problem] = []
    seen: set[str] = set()
    for number, row in enumerate(table.to_dict("records"), 2):
        name = row["claim_id"]

        def problem(column: str, message: str, number=number, name=name, row=row) -> None:
            found.append(Problem(file, f"{number} ({name})", column, str(row.get(column, "")), message))

        if name in seen:
            problem("claim_id", "occurs twice; give each claim its own id")
        seen.add(name)
        match = _CLAIM_ID.match(name)
        if not match or (match["article"], match["sentence"]) != (row["article"], row["sentence"]):
            problem("claim_id", f"must be {row['article']}.{row['sentence']}.cN")
        if (row["article"], row["sentence"]) not in sentences:
            problem("sentence", "no such sentence in sentences.csv")
        elif row["passage"] != sentences[row["article"], row["sentence"]].passage:
            problem("passage", f"sentence {row['sentence']} is in another passage")
        else:
            sentence = sentences[row["article"], row["sentence"]]
            if not _within(row["original_start"], row["original_end"], sentence.start, sentence.end):
                message = f"these characters are not within the sentence ({sentence.start} to {sentence.end})"
                problem("original_start", message)
        _check_codes(row, book, problem)
        if row["claim_type"] == NO_CLAIM:
            if not row["memo"]:
                problem("memo", "a sentence without a claim needs its reason here")
            continue
        if not row["statement"]:
            problem("statement", "is empty; say the claim in your own words")
        if split_cell(row["claimant"])[:1] not in ([], ["AUTHOR"]):
            problem("claimant", "must begin with AUTHOR, the outermost claimant")
        for column in ("prop_id", "justifies"):
            for key in split_cell(row[column]):
                if key not in ids:
                    problem(column, f"{key} is no claim of this table; correct or remove it")
                elif not key.startswith(row["article"] + "."):
                    problem(column, f"{key} is in another article; name a claim of this one")
        _check_voice(row, book, problem)
    found += _check_coverage(table, study, file)
    return found


def _check_codes(row: dict, book: Codebook, problem) -> None:
    for column, entry in book.variables.items():
        cell = row[column]
        if not cell:
            if book.required(column, row):
                problem(column, f"is empty; {row['claim_type']} needs it")
            continue
        if not book.allowed(column, row):
            problem(column, f"must be empty for {row['claim_type']}" + ("" if row["motive"] else " without a motive"))
        codes = set(book.codes(column))
        if book.is_list(column) and not all(item.strip() for item in cell.split(";")):
            problem(column, "holds an empty item; remove the extra ;")
        for item in split_cell(cell) if book.is_list(column) else [cell]:
            if codes and item not in codes:
                shown = "an id of actors.yaml" if entry.get("codes_from") else f"one of: {', '.join(sorted(codes))}"
                problem(column, f"{item!r} is no code; use {shown}")
        if entry.get("format") == "edtf" and not is_edtf(cell):
            problem(column, "is not EDTF; write for example 2019-10, 1996/2001, 2021-08/.., 2019-09~")
        if entry.get("format") == "number" and not _NUMBER.match(cell):
            problem(column, "is not a plain number; write 31000000 for 31 million")


def _check_voice(row: dict, book: Codebook, problem) -> None:
    """Voice follows from who the innermost claimant is: IMPUTED for the author, SELF for the subject."""
    if not row["voice"] or not split_cell(row["claimant"]):
        return
    innermost = split_cell(row["claimant"])[-1]
    subjects = {book.roll_up(actor) for actor in split_cell(row["subject"])} | set(split_cell(row["subject"]))
    if innermost == "AUTHOR":
        expected = "IMPUTED"
    else:
        expected = "SELF" if {innermost, book.roll_up(innermost)} & subjects else "REPORTED"
    if row["voice"] != expected:
        problem("voice", f"the innermost claimant is {innermost}, so it must be {expected}")


def _check_coverage(table: pd.DataFrame, study: Study, file: str) -> list[Problem]:
    """Every body sentence has a row, and none both a claim and NONE."""
    coded = set(zip(table["article"], table["sentence"], strict=True))
    remedy = "run claimtrace propose, or remove the file" if file == "rules.csv" else "code it or give it NONE"
    found = [
        Problem(file, "", "sentence", f"{s.article}.{s.sentence}", f"body sentence without a row; {remedy}")
        for s in study.sentences.itertuples()
        if s.kind == "body" and (s.article, s.sentence) not in coded
    ]
    none = table["claim_type"] == NO_CLAIM
    both = set(zip(table[none]["article"], table[none]["sentence"], strict=True)) & set(
        zip(table[~none]["article"], table[~none]["sentence"], strict=True)
    )
    found += [
        Problem(file, "", "claim_type", f"{article}.{sentence}", "holds a claim and NONE; remove one")
        for article, sentence in sorted(both)
    ]
    return found


def is_edtf(text: str) -> bool:
    """Whether a text is EDTF (levels 0 to 2) whose days can be told."""
    try:
        alternatives(text)
    except StudyError:
        return False
    return True
