"""From a coder's worksheets to a coding: anchors become offsets and hashes.

A coder works in YAML files, one a passage, in ``coding/worksheets/CODING/ARTICLE/PASSAGE.yaml``. They hold the exact words
of the original as anchors and therefore never leave the coder's machine (git ignores them); what is committed is the
coding that is made of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from claimtrace.claims import COLUMNS, load_all
from claimtrace.codebook import NO_CLAIM
from claimtrace.corpus import original, sha256
from claimtrace.errors import Problem, StudyError
from claimtrace.plain import parse_yaml
from claimtrace.study import Study
from claimtrace.texts import read_text

#: Columns that the program fills in, not the coder.
COMPUTED = {"claim_id", "article", "passage", "original_start", "original_end", "original_sha256"}
FIELDS = {"id", "anchor", *COLUMNS} - COMPUTED


def assemble(study: Study, coding: str, originals: Path, articles: list[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """A coding from its worksheets. An article without worksheets keeps the rows that the coding has of it already.

    Args:
        coding: name of the folder in ``coding/worksheets/``.
        originals: folder of the original files, in which anchors are found.
        articles: slugs to take, in the order of the catalogue.

    Returns:
        The table (columns of :data:`claimtrace.claims.COLUMNS`, all text, in reading order) and the problems found:
        unreadable files, unknown fields, unknown sentences, anchors that do not occur exactly once in their sentence.

    Raises:
        StudyError: the coding has no folder of worksheets.
    """
    if coding not in ("claims", "rules") and not re.fullmatch(r"pass_[a-z0-9_]{1,40}", coding):
        raise StudyError(f"{coding}: is no name of a coding; call it claims (one coder) or pass_ and a name")
    folder = study.root / "coding" / "worksheets" / coding
    if not folder.is_dir():
        raise StudyError(f"{folder}: no such folder; it holds the worksheets of a coding, ARTICLE/PASSAGE.yaml")
    problems: list[Problem] = []
    rows: list[dict] = []
    there = load_all(study, coding) if coding in study.codings else pd.DataFrame(columns=COLUMNS)
    catalogue, kept = study.articles.set_index("slug"), without_worksheets(study, coding)
    for slug in articles:
        if slug in kept:
            rows += there[there["article"] == slug].to_dict("records")
            continue
        text = original(study, originals, catalogue.loc[slug, "original_file"])
        sentences = study.sentences[study.sentences["article"] == slug].set_index("sentence")
        records = []
        for path in sorted((folder / slug).glob("*.yaml")):
            records += _read(path, problems)
        order = {name: position for position, name in enumerate(sentences.index)}
        known = [record for record in records if _known(record, order, slug, problems)]
        counts: dict[str, int] = {}
        for record in sorted(known, key=lambda record: order[record["sentence"]]):
            counts[record["sentence"]] = counts.get(record["sentence"], 0) + 1
            rows.append(_row(record, slug, sentences, text, counts[record["sentence"]], problems))
    return pd.DataFrame(rows, columns=COLUMNS).fillna(""), problems


def without_worksheets(study: Study, coding: str) -> list[str]:
    """Articles of which a coding has no folder of worksheets, in the order of the catalogue.

    Worksheets hold words of the originals, so that whoever adds an article to a published coding has those of the others not.
    """
    folder = study.root / "coding" / "worksheets" / coding
    return [slug for slug in study.articles["slug"] if not (folder / slug).is_dir()]


def _read(path: Path, problems: list[Problem]) -> list[dict]:
    name = f"{path.parent.name}/{path.name}"
    try:
        content = parse_yaml(read_text(path), path.name) or []
    except StudyError as error:
        problems.append(Problem(name, "", "", "", str(error).removeprefix(path.name).lstrip(":, ")))
        return []
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        problems.append(Problem(name, "", "", "", "must be a list of records, each beginning with '- sentence:'"))
        return []
    return [record | {"_file": name} for record in content]


def _known(record: dict, order: dict, slug: str, problems: list[Problem]) -> bool:
    for field in sorted(map(str, set(record) - FIELDS - {"_file"})):
        problems.append(Problem(record["_file"], str(record.get("sentence")), field, "", "is no field of a worksheet"))
    if not isinstance(record.get("sentence"), str) or record["sentence"] not in order:
        problems.append(
            Problem(record["_file"], "", "sentence", str(record.get("sentence")), f"is no sentence of {slug}")
        )
        return False
    return True


def _cell(value) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_cell(item) for item in value)
    if isinstance(value, bool):
        raise StudyError("yes, no, on and off are read as true and false; put such a code in quotation marks")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def _row(record: dict, slug: str, sentences: pd.DataFrame, text: str, number: int, problems: list[Problem]) -> dict:
    sentence = sentences.loc[record["sentence"]]
    row = dict.fromkeys(COLUMNS, "")
    try:
        row |= {field: _cell(value) for field, value in record.items() if field in row}
    except StudyError as error:
        problems.append(Problem(record["_file"], record["sentence"], "", "", str(error)))
    local = f"{record['sentence']}.c{0 if row['claim_type'] == NO_CLAIM else number}"
    if record.get("id", local) != local:
        problems.append(Problem(record["_file"], record["sentence"], "id", str(record["id"]), f"must be {local}"))
    row |= {"claim_id": f"{slug}.{local}", "article": slug, "passage": sentence["passage"]}
    row["prop_id"] = f"{slug}.{row['prop_id'] or local}" if row["claim_type"] != NO_CLAIM else ""
    row["justifies"] = ";".join(f"{slug}.{key}" for key in row["justifies"].split(";") if key)
    start, end = int(sentence["start"]), int(sentence["end"])
    if anchor := str(record.get("anchor", "") or ""):
        span = find_once(text[start:end], anchor)
        if span is None:
            problems.append(
                Problem(record["_file"], local, "anchor", anchor[:60], "must occur exactly once in its sentence")
            )
        else:
            start, end = start + span[0], start + span[1]
    row |= {"original_start": str(start), "original_end": str(end), "original_sha256": sha256(text[start:end])}
    return row


def find_once(text: str, phrase: str) -> tuple[int, int] | None:
    """Span of the only occurrence of a phrase, any white space matching any other; None if there is not exactly one."""
    # A map from positions in the folded text back to the raw one keeps offsets exact across line breaks.
    folded, positions = [], []
    for position, character in enumerate(text):
        if character.isspace():
            if folded and folded[-1] == " ":
                continue
            character = " "
        folded.append(character)
        positions.append(position)
    haystack, needle = "".join(folded), " ".join(phrase.split())
    first = haystack.find(needle)
    if not needle or first < 0 or haystack.find(needle, first + 1) >= 0:
        return None
    return positions[first], positions[first + len(needle) - 1] + 1
