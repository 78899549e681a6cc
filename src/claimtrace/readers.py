"""Texts to be coded, from files that a reader has: text, Markdown, HTML, PDF, tables with a column of text, folders of them.

Nothing is held whole but one document, and of a long text only a piece of :data:`PIECE` characters: a text file of any length is
read in bounded memory. A row of a table, a page and a PDF file may have :data:`LARGEST` bytes.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from claimtrace.errors import StudyError

#: Endings of files that can be read.
TEXTS, PAGES, TABLES = (".txt", ".md"), (".html", ".htm", ".xhtml", ".pdf"), (".csv", ".jsonl", ".ndjson", ".parquet")
KINDS = (*TEXTS, *PAGES, *TABLES)
#: Characters of a text that are coded at a time; longer texts are cut at a line end, else at white space.
PIECE = 1_000_000
#: Bytes of a row of a table, a page or a PDF file; what is larger is skipped.
LARGEST = 256_000_000
#: Columns of the name and the date of a text that are used where there are any.
USUAL = {"id": "id", "date": "published"}
_CHUNK = 1 << 20
_SLUG = re.compile(r"[^a-z0-9]+")
_LONE = re.compile("[\ud800-\udfff]")
_OLD_LINE_END = re.compile(r"\r(?!\n)")


@dataclass(frozen=True)
class Document:
    """A text, or a piece of a long one.

    Attributes:
        id: unique in its input; the pieces of a text share it.
        text: the text; of HTML and PDF the file's bytes, which :func:`pieces` makes text of.
        published: date of publication as the input gives it; empty where it does not.
        place: file and row, for messages.
        kind: ``text``, ``html`` or ``pdf``.
        start: characters of the text before this piece.
        passages: passages (lines that are not blank) before this piece.
        number: of the piece, from 0.
    """

    id: str
    text: str | bytes
    published: str = ""
    place: str = ""
    kind: str = "text"
    start: int = 0
    passages: int = 0
    number: int = 0


@dataclass(frozen=True)
class Skipped:
    """An input that could not be read, and why."""

    place: str
    reason: str


def slug(name: str, otherwise: str = "text") -> str:
    """A name as an article id: small letters, digits and hyphens; ``otherwise`` for one that has none of them."""
    return _SLUG.sub("-", name.lower()).strip("-") or otherwise


def documents(source: Path, **columns: str) -> Iterator[Document | Skipped]:
    """The texts of an input in order; see :class:`Inputs` for the columns."""
    return iter(Inputs(source, **columns))


class Inputs:
    """The texts of a file or of a folder and its subfolders, in the order of their paths; what cannot be read is told.

    Args:
        source: a file of one of :data:`KINDS`, or a folder; hidden files are left out.
        column: column or key that holds the text.
        identifier: column or key that names a text; without it, texts are numbered.
        date: column or key that holds its date of publication, if there is one.
        without: files and folders that are no input, such as the place of the output.

    Attributes:
        position: bytes read so far by the iteration that goes on.

    Raises:
        StudyError: ``source`` does not exist, or is a folder without a file.
    """

    def __init__(
        self,
        source: Path,
        column: str = "text",
        identifier: str = USUAL["id"],
        date: str = USUAL["date"],
        without: Iterable[Path] = (),
    ):
        self.column, self.identifier, self.date, self.position = column, identifier, date, 0
        self.files = _files(source, [path.resolve() for path in without])
        self._used: dict[bytes, int] = {}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size, _ in self.stamps())

    def stamps(self) -> list[tuple[str, int, int]]:
        """Name, bytes and time of change of every file: whether the input is what it was."""
        found = []
        for path, name in self.files:
            try:
                state = path.stat()
                found.append((name, state.st_size, state.st_mtime_ns))
            except OSError:
                found.append((name, 0, 0))
        return found

    def sha256(self) -> str:
        """Checksum of names and contents, in hexadecimal."""
        total = hashlib.sha256()
        for path, name in self.files:
            try:
                with path.open("rb") as handle:
                    content = hashlib.file_digest(handle, "sha256").hexdigest()
            except OSError:
                content = "unreadable"
            total.update(f"{name}\0{content}\n".encode())
        return total.hexdigest()

    def __iter__(self) -> Iterator[Document | Skipped]:
        self._used.clear()
        before = 0
        for path, name in self.files:
            try:
                size = path.stat().st_size
                for item in self._read(path, name, size):
                    self.position = before + min(self._within, size)
                    yield item
            except (StudyError, OSError, ValueError, csv.Error) as error:
                self.position = before + size
                yield Skipped(name, str(error).splitlines()[0] if str(error) else type(error).__name__)
            before += size
        self.position = before

    def _read(self, path: Path, name: str, size: int) -> Iterator[Document | Skipped]:
        self._within = 0
        kind = path.suffix.lower()
        if kind not in KINDS:
            raise StudyError(f"a {kind or 'nameless'} file is not read; choose from: {', '.join(KINDS)}")
        if not size:
            raise StudyError("holds no text")
        stem = slug(name[: -len(path.suffix)])
        if kind in TEXTS:
            yield from self._text(path, Document(self._unused(stem), "", place=name))
        elif kind in PAGES:
            if size > LARGEST:
                raise StudyError(f"is larger than {LARGEST // 10**6} MB")
            self._within = size
            yield Document(self._unused(stem), path.read_bytes(), "", name, "pdf" if kind == ".pdf" else "html")
        else:
            rows = {".csv": self._csv, ".parquet": self._parquet}.get(kind, self._json)
            yield from rows(path, name, stem, size)

    def _text(self, path: Path, whole: Document) -> Iterator[Document]:
        _check_text(path)
        with path.open(encoding="utf-8-sig") as handle:
            found = 0
            for piece in _numbered(_streamed(handle), whole):
                self._within = handle.buffer.tell()
                found += 1
                yield piece
        if not found:
            raise StudyError("holds no text")

    def _csv(self, path: Path, name: str, stem: str, size: int) -> Iterator[Document | Skipped]:
        csv.field_size_limit(LARGEST)  # for the whole process; the study's own tables are read with the usual limit
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
            rows = csv.DictReader(
                _short_lines(handle), strict=True
            )  # else an open quotation mark takes all that follows
            self._need(rows.fieldnames or [])
            for number, row in enumerate(rows, 2):
                self._within = handle.buffer.tell()
                yield from self._row(row, stem, f"{name}, row {number}", number - 1)

    def _json(self, path: Path, name: str, stem: str, size: int) -> Iterator[Document | Skipped]:
        with path.open("rb") as handle:
            number = 0
            while line := handle.readline(LARGEST):
                number += 1
                self._within, place = handle.tell(), f"{name}, line {number}"
                if len(line) == LARGEST and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = handle.readline(_CHUNK)
                    yield Skipped(place, f"is longer than {LARGEST // 10**6} MB")
                    continue
                if not (line.strip() if number > 1 else line.removeprefix(codecs.BOM_UTF8).strip()):
                    continue
                try:
                    row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                except UnicodeDecodeError as error:
                    yield Skipped(place, f"not UTF-8 at byte {error.start}")
                except (ValueError, RecursionError) as error:
                    yield Skipped(place, f"not JSON: {error}")
                else:
                    yield from self._row(row, stem, place, number)

    def _parquet(self, path: Path, name: str, stem: str, size: int) -> Iterator[Document | Skipped]:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise StudyError("Parquet needs the package pyarrow: pip install 'claimtrace[code]'") from None
        try:
            with parquet.ParquetFile(path, pre_buffer=False, buffer_size=_CHUNK) as file:
                names = file.schema_arrow.names
                self._need(names)
                wanted = [part for part in (self.column, self.identifier, self.date) if part in names]
                number, total = 0, file.metadata.num_rows
                for batch in file.iter_batches(batch_size=64, columns=list(dict.fromkeys(wanted))):
                    for row in batch.to_pylist():
                        number += 1
                        self._within = size * number // total
                        yield from self._row(row, stem, f"{name}, row {number}", number)
        except pyarrow.ArrowException as error:
            raise StudyError(f"not Parquet that can be read: {error}") from None

    def _need(self, names: list[str]) -> None:
        """Refuse a table without a column that was asked for; those of the names that are looked for anyway may be missing."""
        asked = {"column": self.column} | {
            option: name for option, name in (("id", self.identifier), ("date", self.date)) if name != USUAL[option]
        }
        for option, name in asked.items():
            if name not in names:
                raise StudyError(_no_column(name, names, option))

    def _row(self, row, stem: str, place: str, number: int) -> Iterator[Document | Skipped]:
        text = row.get(self.column) if isinstance(row, dict) else None
        if not isinstance(text, str) or not text.strip():
            yield Skipped(place, f"holds no text in {self.column!r}")
            return
        if _LONE.search(text):
            # Bytes that are no UTF-8 arrive as these in CSV; JSON may spell any half of a pair out.
            if any("\udc80" <= letter <= "\udcff" for letter in text) and ", row " in place:
                yield Skipped(place, "not UTF-8")
                return
            text = _LONE.sub("\ufffd", text)
        if "\0" in text:
            yield Skipped(place, "not a text: it holds null bytes")
            return
        name, published = row.get(self.identifier), row.get(self.date)
        named = slug("" if name is None else str(name), f"{stem}-{number}")
        whole = Document(self._unused(named), "", "" if published is None else str(published), place)
        # Of one length with what stood there, so that offsets hold in the cell as it is.
        yield from _numbered(cut(_OLD_LINE_END.sub("\n", text)), whole)

    def _unused(self, name: str) -> str:
        """The name, with a number after it where another text has it. A digest stands for each, so that a million names
        take some hundred megabytes at most."""
        found, number = name, self._used.get(_digest(name), 0)
        while _digest(found) in self._used:
            number += 1
            found = f"{name}-{number + 1}"
        self._used[_digest(name)] = number
        self._used.setdefault(_digest(found), 0)
        return found


def pieces(document: Document) -> Iterator[Document]:
    """A document as pieces of text that can be coded; HTML and PDF become text here.

    Raises:
        StudyError: the file cannot be read, or holds no text.
    """
    if isinstance(document.text, str):
        yield document
        return
    from claimtrace import extract

    published = ""
    if document.kind == "pdf":
        text = extract.pdf(document.text)
    else:
        text, published = extract.page(document.text)
    text = _LONE.sub("\ufffd", text).replace("\0", "\ufffd")
    yield from _numbered(cut(text), replace(document, kind="text", published=document.published or published))


def cut(text: str, bound: int | None = None) -> Iterator[str]:
    """A text in pieces of at most ``bound`` characters that make it up again."""
    start, bound = 0, bound or PIECE
    while start < len(text):
        stop = _stop(text, start, bound)
        yield text[start:stop]
        start = stop


def _stop(text: str, start: int, bound: int) -> int:
    """Where a piece that begins at ``start`` ends: after a line end, else after a blank, else at the bound."""
    end = start + bound
    if end >= len(text):
        return len(text)
    for mark in ("\n", " "):
        at = text.rfind(mark, start, end)
        if at >= 0:
            return at + 1
    return end


def _streamed(handle) -> Iterator[str]:
    rest = ""
    while True:
        block = rest + handle.read(PIECE + 1 - len(rest))
        if len(block) <= PIECE:
            yield block
            return
        stop = _stop(block, 0, PIECE)
        yield block[:stop]
        rest = block[stop:]


def _numbered(found: Iterable[str], whole: Document) -> Iterator[Document]:
    start = passages = number = 0
    for text in found:
        if text.strip():
            yield replace(whole, text=text, start=start, passages=passages, number=number)
            number += 1
        start += len(text)
        passages += sum(1 for line in text.split("\n") if line.strip())


def _check_text(path: Path) -> None:
    """Read a text once before it is coded, so that no half of a damaged one is."""
    decoder, before = codecs.getincrementaldecoder("utf-8")(), 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            if b"\0" in chunk:
                raise StudyError("not a text: it holds null bytes")
            begin = before - len(decoder.getstate()[0])
            before += len(chunk)
            try:
                decoder.decode(chunk, final=before == os.fstat(handle.fileno()).st_size)
            except UnicodeDecodeError as error:
                raise StudyError(f"not UTF-8 at byte {begin + error.start}") from None


def _short_lines(handle) -> Iterator[str]:
    while line := handle.readline(LARGEST):
        if len(line) == LARGEST:
            raise StudyError(f"has a line of more than {LARGEST // 10**6} MB")
        yield line


def _files(source: Path, without: list[Path]) -> list[tuple[Path, str]]:
    if not source.exists():
        raise StudyError(f"{source}: no such file or folder")
    if not source.is_dir():
        return [(source, _name(Path(source.name)))]
    found = []
    for path in source.rglob("*"):
        inner = path.relative_to(source)
        hidden = any(part.startswith(".") for part in inner.parts)
        if not hidden and path.is_file() and not (without and _within(path.resolve(), without)):
            found.append((path, _name(inner)))
    if not found:
        raise StudyError(f"{source}: the folder holds no file")
    return sorted(found, key=lambda pair: pair[1].split("/"))


def _name(path: Path) -> str:
    """A path as text, the same in every locale."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _within(path: Path, folders: list[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest()


def _no_column(column: str, names: list[str], option: str) -> str:
    """That a table lacks a column, and what to do about it."""
    other = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), "")
    remedy = (
        f"its columns seem to be separated by {other!r}: save it with commas" if other else f"name one with --{option}"
    )
    return f"has no column {column!r}; there are: {_listed(names)}; {remedy}"


def _listed(names) -> str:
    return ", ".join(str(name)[:40] for name in names[:20]) or "none"
