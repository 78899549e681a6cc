"""Texts to be coded, from files that a reader has: plain text, tables, folders of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claimtrace.errors import StudyError

#: Endings of files that can be read.
TEXTS, TABLES = (".txt", ".md"), (".csv", ".jsonl", ".ndjson", ".parquet")
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Document:
    """A text with its id and, where the input gives one, the date of its publication."""

    id: str
    text: str
    published: str = ""


@dataclass(frozen=True)
class Skipped:
    """An input that could not be read, and why."""

    place: str
    reason: str


def slug(name: str) -> str:
    """A name as an article id: small letters, digits and hyphens."""
    return _SLUG.sub("-", name.lower()).strip("-") or "text"


def documents(source: Path, column: str = "text", identifier: str = "id") -> Iterator[Document | Skipped]:
    """The texts of a file or of a folder and its subfolders, in the order of their paths; what cannot be read is told.

    Args:
        source: a text, a CSV, JSONL or Parquet file, or a folder of such files.
        column: column or key that holds the text; ``published`` is read beside it where there is one.
        identifier: column or key that names a text; without it, texts are numbered.

    Raises:
        StudyError: ``source`` does not exist, or is a folder without a file.
    """
    if not source.exists():
        raise StudyError(f"{source}: no such file or folder")
    paths = [source]
    if source.is_dir():
        paths = sorted(
            (p for p in source.rglob("*") if p.is_file() and not p.name.startswith(".")), key=lambda p: p.parts
        )
        if not paths:
            raise StudyError(f"{source}: the folder holds no file")
    for path in paths:
        name = path.name if path == source else path.relative_to(source).as_posix()
        try:
            yield from _read(path, name, column, identifier)
        except (StudyError, OSError, ValueError, csv.Error) as error:
            yield Skipped(name, str(error).splitlines()[0] if str(error) else type(error).__name__)


def _read(path: Path, name: str, column: str, identifier: str) -> Iterator[Document | Skipped]:
    kind = path.suffix.lower()
    if kind not in (*TEXTS, *TABLES):
        raise StudyError(f"a {kind or 'nameless'} file is not read; choose from: {', '.join((*TEXTS, *TABLES))}")
    stem = slug(name[: -len(path.suffix)] if path.suffix else name)
    if kind == ".parquet":
        yield from _parquet(path, stem, name, column, identifier)
        return
    text = _decoded(path.read_bytes())
    if kind in TEXTS:
        if not text.strip():
            raise StudyError("holds no text")
        yield Document(stem, text)
    elif kind == ".csv":
        csv.field_size_limit(2**31 - 1)
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if column not in (rows.fieldnames or []):
            raise StudyError(f"has no column {column!r}; there are: {', '.join(rows.fieldnames or []) or 'none'}")
        for number, row in enumerate(rows, 2):
            yield _row(row, stem, f"{name}, row {number}", number - 1, column, identifier)
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield Skipped(f"{name}, line {number}", f"not JSON: {error}")
                    continue
                yield _row(row, stem, f"{name}, line {number}", number, column, identifier)


def _decoded(raw: bytes) -> str:
    """UTF-8, with or without a byte order mark; line ends as one character."""
    if b"\0" in raw:
        raise StudyError("not a text: it holds null bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise StudyError(f"not UTF-8 at byte {error.start}") from None


def _row(row, stem: str, place: str, number: int, column: str, identifier: str) -> Document | Skipped:
    if not isinstance(row, dict) or not isinstance(row.get(column), str) or not row[column].strip():
        return Skipped(place, f"holds no text in {column!r}")
    name = row.get(identifier)
    return Document(slug(str(name)) if name else f"{stem}-{number}", row[column], str(row.get("published") or ""))


def _parquet(path: Path, stem: str, name: str, column: str, identifier: str) -> Iterator[Document | Skipped]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise StudyError("Parquet needs the package pyarrow, which is not installed") from None
    number = 0
    for batch in parquet.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield _row(row, stem, f"{name}, row {number}", number, column, identifier)
