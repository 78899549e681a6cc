"""Codes many texts into one table: in partitions of equal size, here or on a cluster, and goes on where it was interrupted.

The input is cut into partitions by the amount of text, never by the number of workers, and put together in its order: the same
input and rules give the same bytes in every mode.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from claimtrace import __version__
from claimtrace.claims import is_edtf
from claimtrace.errors import StudyError
from claimtrace.parts import Facts, Work, encoded, written_here
from claimtrace.readers import Document, Inputs, Skipped, pieces
from claimtrace.rules import Coder, Rulebook, code_text
from claimtrace.rules.qualify import times
from claimtrace.study import Study

#: Megabytes of text in a partition: some seconds of work.
PARTITION = 1.0
#: Modules and packages that decide which rows a text gives.
_DECIDE = ("rules/*.py", "rules/*.yaml", "batch.py", "codebook.py", "corpus.py", "extract.py", "parts.py", "readers.py")
_PACKAGES = ("lxml", "pyarrow", "pypdfium2", "sentencex")
#: What an item that holds little or no text counts for, so that partitions of them end too.
_LEAST = 100
_WORDS = re.compile(r"(\d+)-(\d+) ")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]")
Item = Document | Skipped


class Done(NamedTuple):
    """What was coded: texts, proposals, characters of text, place and reason of what was skipped, partitions, and how
    many of them an earlier run had finished."""

    texts: int
    proposals: int
    characters: int
    skipped: list[tuple[str, str]]
    partitions: int
    kept: int


class Rules(NamedTuple):
    """The rules of a study as they travel to workers that do not have its folder.

    Attributes:
        sha256: checksum of the study's rules and of the code that applies them.
        files: names and contents, packed.
        published: EDTF of texts that give none.
    """

    sha256: str
    files: bytes
    published: str = ""

    @classmethod
    def of(cls, study: Study, published: str = "") -> Rules:
        book = study.root / "codebook"
        paths = sorted([*study.root.glob("*.yaml"), *book.glob("*.yaml"), *book.glob("points.csv")])
        content = {path.relative_to(study.root).as_posix(): path.read_bytes().decode("latin-1") for path in paths}
        packed = zlib.compress(json.dumps(content).encode("ascii"))
        return cls(_checksum(packed), packed, published)


def _checksum(packed: bytes) -> str:
    """Of rules and of the package, its libraries and Python: what differs in any of them may give other rows."""
    total = hashlib.sha256(zlib.decompress(packed))
    root = Path(__file__).parent
    for path in sorted(path for pattern in _DECIDE for path in root.glob(pattern)):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            total.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    total.update(f"{__version__} {sys.version_info[:2]}".encode())
    return total.hexdigest()


@lru_cache(maxsize=1)
def _coder(rules: Rules) -> tuple[Coder, str]:
    """A coder and the language of its texts, made once a process."""
    if _checksum(rules.files) != rules.sha256:
        raise StudyError("a worker has another version of claimtrace, Python or a library; install the same everywhere")
    with tempfile.TemporaryDirectory(prefix="claimtrace-") as folder:
        for name, content in json.loads(zlib.decompress(rules.files)).items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content.encode("latin-1"))
        study = Study(folder)
        # All is read before the folder goes: workers are ended without a chance to clean up.
        coder, _ = Coder(Rulebook(study)), (study.settings, study.codebook)
        return coder, study.segmentation.get("language", "en")


def partitions(items: Inputs, size: float = PARTITION) -> Iterator[tuple[list[Item], int]]:
    """The items in lists of at least ``size`` megabytes (million characters) of text, the last one of what is left.

    Returns:
        Items and the bytes of input that they took; at least one list.
    """
    found, weight, before = [], 0, 0
    for item in items:
        found.append(item)
        weight += _LEAST + (len(item.text) if isinstance(item, Document) else 0)
        if weight >= size * 1e6:
            yield found, items.position - before
            found, weight, before = [], 0, items.position
    if found or not before:
        yield found, items.position - before


def code_partition(rules: Rules, items: list[Item], read: int) -> tuple[bytes, Facts]:
    """Proposals for the items of a partition as a Parquet file, and what is to be known of it.

    A text that makes the coder fail is skipped with the reason, so that the others are coded.

    Raises:
        StudyError: the rules are not as they have to be, or not those of this installation.
    """
    coder, language = _coder(rules)
    rows: list[dict] = []
    skipped: list[tuple[str, str]] = []
    texts = characters = 0
    for item in items:
        if isinstance(item, Skipped):
            skipped.append((item.place, item.reason))
            continue
        try:
            of_item: list[dict] = []
            length = 0
            for piece in pieces(item):
                of_item += _coded(coder, piece, rules.published, language)
                length += len(piece.text)
        except StudyError as error:
            skipped.append((item.place, str(error)))
        except Exception as error:
            skipped.append((item.place, f"could not be coded: {type(error).__name__}: {error}".splitlines()[0]))
        else:
            rows += of_item
            texts += item.number == 0
            characters += length
    parquet = encoded(rows)
    checksum = hashlib.sha256(parquet).hexdigest()
    return parquet, Facts(texts, len(rows), characters, read, tuple(skipped), checksum)


def _coded(coder: Coder, piece: Document, published: str, language: str) -> list[dict]:
    rows = code_text(coder, piece.text, piece.id, _date(piece.published) or published, language)
    return [_in_whole(row, piece) for row in rows] if piece.number else rows


def _date(published: str) -> str:
    """A date of publication that the coder understands: EDTF, of a time stamp its day, of words the one date that they tell; else empty."""
    stamp = _DAY.match(published)
    day = stamp[1] if stamp else published.strip()
    if len(day) >= 40:
        return ""
    told = [] if is_edtf(day) else times(day, 0, len(day), "", {})
    return day if is_edtf(day) else told[0].edtf if len(told) == 1 else ""


def _in_whole(row: dict, piece: Document) -> dict:
    """A proposal for a later piece of a text, with the ids and offsets that it has in the whole text."""
    passage = f"p{int(row['passage'][1:]) + piece.passages:02d}"
    before, after = f"{piece.id}.{row['passage']}.", f"{piece.id}.{passage}."
    moved = {"passage": passage, "sentence": passage + row["sentence"].removeprefix(row["passage"])}
    for column in ("claim_id", "prop_id", "justifies"):
        ids = row[column].split(";")
        moved[column] = ";".join(after + i.removeprefix(before) if i.startswith(before) else i for i in ids)
    for column in ("original_start", "original_end"):
        moved[column] = str(int(row[column]) + piece.start)
    return row | moved | {"words": _moved(row["words"], piece)}


def _moved(words: str, piece: Document) -> str:
    """``12-20 in order; 31-40 stability`` with other offsets. The words themselves may look like offsets: they are passed over."""
    parts, at = [], 0
    while span := _WORDS.match(words, at):
        start, end = int(span[1]), int(span[2])
        shown = " ".join(piece.text[start:end].split())
        parts.append(f"{start + piece.start}-{end + piece.start} {shown}")
        at = span.end() + len(shown) + len("; ")
    return "; ".join(parts)


def _spare_input(source: Path, out: Path) -> None:
    """Stop where the output would take the place of an input: of the source, or of a file of its folder that no earlier run wrote."""
    if not (out.exists() and source.exists()):
        return
    inside = source.is_dir() and out.is_file() and source.resolve() in out.resolve().parents
    if out.samefile(source) or (inside and not written_here(out)):
        raise StudyError(f"--out {out}: is an input, which would be lost; name another file")


def code(
    source: Path,
    out: Path,
    study: Path,
    column: str = "text",
    identifier: str = "id",
    published: str = "",
    *,
    date: str = "published",
    workers: int = 0,
    scheduler: str = "",
    partition: float = PARTITION,
    restart: bool = False,
) -> Done:
    """Code every text of an input and write the proposals, whole or not at all.

    Args:
        out: a ``.csv`` or ``.parquet`` file, or a folder for one Parquet file a partition. Columns are those of
            :data:`claimtrace.rules.PROPOSED`, all text. ``OUT.parts`` beside it keeps finished partitions until it is whole.
        published: EDTF of texts that give no date of publication.
        date: column that holds the date of publication, where there is one.
        workers: processes on this machine; 0 codes in this one.
        scheduler: address of a Dask scheduler instead.
        partition: megabytes of text in a partition.
        restart: throw away what an earlier run left in ``OUT.parts``.

    Raises:
        StudyError: an argument, the input, the study or the place of the output is not as it has to be; the cluster failed.
    """
    if published and not is_edtf(published):
        raise StudyError(f"--published {published}: is not EDTF; write for example 2019-10-28 or 2019")
    if workers < 0 or not partition > 0:
        raise StudyError("--workers must not be negative, and --partition must be above 0")
    if workers and scheduler:
        raise StudyError("--workers and --scheduler: give one of the two")
    _spare_input(source, out)
    _need_pyarrow()
    rules = Rules.of(Study(study), published)
    _coder(rules)
    inputs = Inputs(source, column, identifier, date, without=[out, out.with_name(out.name + ".parts")])
    stamps = inputs.stamps()
    run = {"input": inputs.sha256(), "rules": rules.sha256}
    run |= {"column": column, "id": identifier, "date": date, "published": published, "partition": partition}
    work = Work(out, run, restart)
    try:
        total = _Total(sum(size for _, size, _ in stamps))
        jobs = _undone(work, inputs, partition, total)
        if workers or scheduler:
            from claimtrace.cluster import spread

            results = spread(rules, jobs, workers, scheduler)
        else:
            results = ((number, code_partition(rules, items, read)) for number, items, read in jobs)
        with total, contextlib.closing(results):
            for number, (parquet, facts) in results:
                work.keep(number, parquet, facts)
                total.add(number, facts)
        if inputs.stamps() != stamps:
            raise StudyError(f"{source}: changed while it was coded; begin anew with --restart")
        work.finish(len(total.found))
    except OSError as error:
        raise StudyError(f"--out {out}: {error.strerror or error}; give the same command again to continue") from None
    finally:
        work.close()
    return total.done()


def _need_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise StudyError("coding files needs the package pyarrow: pip install 'claimtrace[code]'") from None


def _undone(work: Work, inputs: Inputs, size: float, total: _Total) -> Iterator[tuple[int, list[Item], int]]:
    """The partitions that are still to be coded; those of an earlier run are counted as done."""
    for number, (items, read) in enumerate(partitions(inputs, size)):
        if facts := work.done(number):
            total.add(number, facts, kept=True)
        else:
            yield number, items, read


class _Total:
    """Adds up partitions and shows on stderr how far the work is: a bar in a terminal, else a line every half minute."""

    EVERY = 30

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic):
        self.size, self.clock, self.begun = size, clock, clock()
        self.found: dict[int, Facts] = {}
        self.kept = self.read = self.fresh = 0
        self._said = self.begun
        self._bar = None

    def __enter__(self) -> _Total:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(stderr=True)
        if console.is_terminal:
            self._bar = Progress(BarColumn(), TextColumn("{task.description}"), console=console)
            self._task = self._bar.add_task("beginning", total=max(self.size, 1))
            self._bar.start()
        return self

    def __exit__(self, *_) -> None:
        if self._bar:
            self._bar.stop()
        print(self, file=sys.stderr)

    def add(self, number: int, facts: Facts, kept: bool = False) -> None:
        self.found[number] = facts
        self.read += facts.read
        self.kept += kept
        self.fresh += 0 if kept else facts.read
        if self._bar:
            self._bar.update(self._task, completed=self.read, description=str(self))
        elif self.clock() - self._said >= self.EVERY:
            self._said = self.clock()
            print(self, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        """``12.0 of 100.0 MB, 0.21 MB/s, 7 min left, 12 partitions done (4 of them earlier)``."""
        seconds = max(self.clock() - self.begun, 1e-9)
        rate = self.fresh / seconds
        left = (self.size - self.read) / rate if rate else 0
        earlier = f" ({self.kept} of them earlier)" if self.kept else ""
        rest = f"{_span(left)} left" if left > 0 else f"{_span(seconds)}"
        return (
            f"{self.read / 1e6:.1f} of {self.size / 1e6:.1f} MB, {rate / 1e6:.2f} MB/s, {rest}, "
            f"{len(self.found)} partitions done{earlier}"
        )

    def done(self) -> Done:
        facts = [self.found[number] for number in sorted(self.found)]
        skipped = [pair for one in facts for pair in one.skipped]
        sums = (sum(getattr(one, name) for one in facts) for name in ("texts", "proposals", "characters"))
        return Done(*sums, skipped, len(facts), self.kept)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def as_lines(skipped: Iterable[tuple[str, str]]) -> list[str]:
    """What was skipped, one line each: all of it, since it is noted nowhere else."""
    return [f"skipped {place}: {reason}" for place, reason in skipped]
