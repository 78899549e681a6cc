"""Codes many texts: one after the other, with progress, into one table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from claimtrace.claims import is_edtf
from claimtrace.errors import StudyError
from claimtrace.readers import Document, Skipped, documents
from claimtrace.rules import PROPOSED, Coder, Rulebook, code_text
from claimtrace.study import Study


@dataclass(frozen=True)
class Done:
    """What was coded: texts, proposals, and the inputs that were skipped."""

    texts: int
    proposals: int
    skipped: tuple[Skipped, ...]


def code(source: Path, out: Path, study: Path, column: str, identifier: str, published: str) -> Done:
    """Code every text of an input and write the proposals as CSV, whole or not at all.

    Raises:
        StudyError: the input, the study or the place of the output is not as it has to be.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    if published and not is_edtf(published):
        raise StudyError(f"--published {published}: is not EDTF; write for example 2019-10-28 or 2019")
    if out.suffix.lower() != ".csv":
        raise StudyError(f"--out {out}: name a .csv file")
    if not out.parent.is_dir():
        raise StudyError(f"--out {out}: there is no folder {out.parent}")
    opened = Study(study)
    coder = Coder(Rulebook(opened))
    language = opened.segmentation.get("language", "en")
    skipped: list[Skipped] = []
    seen: set[str] = set()
    texts = proposals = 0
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    columns = [
        TextColumn("{task.description}"), BarColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
    ]  # fmt: skip
    total = _size(source)
    try:
        with part.open("w", encoding="utf-8", newline="") as handle, Progress(*columns, console=_stderr()) as progress:
            handle.write(",".join(PROPOSED) + "\n")
            task = progress.add_task("coding", total=total)
            for document in documents(source, column, identifier):
                if isinstance(document, Skipped):
                    skipped.append(document)
                    continue
                name = _unused(document.id, seen)
                table = _coded(coder, document, name, published, language)
                table.to_csv(handle, index=False, header=False, lineterminator="\n")
                texts, proposals = texts + 1, proposals + len(table)
                progress.update(
                    task, advance=len(document.text.encode("utf-8", "replace")), description=f"{texts} texts"
                )
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return Done(texts, proposals, tuple(skipped))


def _coded(coder: Coder, document: Document, name: str, published: str, language: str) -> pd.DataFrame:
    given = document.published if document.published and is_edtf(document.published) else published
    return code_text(coder, document.text, name, given, language)


def _unused(name: str, seen: set[str]) -> str:
    """The name, with a number after it where another text has it."""
    found, number = name, 1
    while found in seen:
        number += 1
        found = f"{name}-{number}"
    seen.add(found)
    return found


def _size(source: Path) -> int:
    files = [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]
    return sum(path.stat().st_size for path in files if path.exists())


def _stderr():
    from rich.console import Console

    return Console(stderr=True)
