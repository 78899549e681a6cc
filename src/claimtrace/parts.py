"""The work folder of a batch: finished partitions as Parquet, kept until the output is whole."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from claimtrace.errors import StudyError
from claimtrace.files import write_whole
from claimtrace.rules import PROPOSED

#: Rows of a row group of a Parquet file, at least; the last one has what is left.
ROW_GROUP = 50_000
_PART = re.compile(r"part-\d{6}\.parquet")
#: All that a work folder may hold; anything else is somebody else's.
_OWN = re.compile(r"lock|run\.json|part-\d{6}\.(?:parquet|json)|\..*\.part")


@dataclass(frozen=True)
class Facts:
    """What is known of a finished partition.

    Attributes:
        texts: texts that begin in it.
        proposals: rows of it.
        characters: of text, as coded.
        read: bytes of the input that it took.
        skipped: place and reason of each input that was skipped.
        sha256: of the Parquet file.
    """

    texts: int
    proposals: int
    characters: int
    read: int
    skipped: tuple[tuple[str, str], ...]
    sha256: str


def encoded(rows: list[dict]) -> bytes:
    """Proposals as a Parquet file: the columns of :data:`claimtrace.rules.PROPOSED` in that order, all text."""
    from pyarrow import BufferOutputStream, Table

    sink = BufferOutputStream()
    with _writer(sink) as writer:
        writer.write_table(Table.from_pylist(rows, schema=_schema()))
    return sink.getvalue().to_pybytes()


class Work:
    """The folder ``OUT.parts`` beside an output: ``run.json`` says of which input and rules, then two files a partition.

    Args:
        out: the output, a ``.csv`` or ``.parquet`` file or a folder.
        run: what makes the partitions what they are; compared with that of an earlier run.
        restart: throw an earlier run away.

    Raises:
        StudyError: the output has no such place, another command works on it, or the folder is of another run.
    """

    def __init__(self, out: Path, run: dict, restart: bool = False):
        self.out, self.folder = out, out.with_name(out.name + ".parts")
        _check_place(out)
        _check_own(self.folder)
        try:
            self.folder.mkdir(exist_ok=True)
            self._lock = (self.folder / "lock").open("w")
        except OSError as error:
            raise StudyError(f"--out {out}: cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StudyError(f"{self.folder}: another claimtrace is at work on it; wait for it, or end it") from None
        if restart:
            self._empty()
        self._claim(run)

    def _claim(self, run: dict) -> None:
        path = self.folder / "run.json"
        if not path.is_file():
            self._empty()
            write_whole(path, _json(run))
            return
        try:
            before = json.loads(path.read_bytes())
        except ValueError:
            before = {}
        other = [key for key in run if before.get(key) != run[key]]
        if other:
            raise StudyError(
                f"{self.folder}: holds partitions of another run ({', '.join(other)} differ); --restart begins anew"
            )

    def _empty(self) -> None:
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()

    def path(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.parquet"

    def done(self, number: int) -> Facts | None:
        """Facts of a partition that is finished and whole; None for any other."""
        try:
            facts = json.loads(self.path(number).with_suffix(".json").read_bytes())
            facts["skipped"] = tuple((place, reason) for place, reason in facts["skipped"])
            facts = Facts(**facts)
            content = self.path(number).read_bytes()
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return facts if hashlib.sha256(content).hexdigest() == facts.sha256 else None

    def keep(self, number: int, parquet: bytes, facts: Facts) -> None:
        """Store a finished partition. The facts come last: without them it counts as not done."""
        write_whole(self.path(number), parquet)
        write_whole(self.path(number).with_suffix(".json"), _json(asdict(facts)))

    def finish(self, total: int) -> None:
        """Make the output of the first ``total`` partitions, in their order, and remove the folder."""
        part = self.out.with_name(f".{self.out.name}.{os.getpid()}.part")
        paths = [self.path(number) for number in range(total)]
        make = {".csv": _as_csv, ".parquet": _as_parquet}.get(self.out.suffix.lower(), _as_folder)
        try:
            make(paths, part)
            if self.out.is_dir():
                shutil.rmtree(self.out)
            part.replace(self.out)
        finally:
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        self._empty()

    def close(self) -> None:
        """Let another command work on the folder; remove it where it keeps nothing."""
        if not any(_PART.fullmatch(path.name) for path in self.folder.iterdir()):
            shutil.rmtree(self.folder)
        self._lock.close()


def _check_place(out: Path) -> None:
    """Known before hours of work, not after them."""
    if not out.parent.is_dir():
        raise StudyError(f"--out {out}: there is no folder {out.parent}")
    suffix = out.suffix.lower()
    if suffix not in (".csv", ".parquet", ""):
        raise StudyError(
            f"--out {out}: name a .csv file, a .parquet file, or a folder (no ending) for many Parquet files"
        )
    if suffix and out.is_dir():
        raise StudyError(f"--out {out}: is a folder; a name without an ending makes a folder of Parquet files")
    if not suffix and out.exists() and not (out.is_dir() and all(_PART.fullmatch(p.name) for p in out.iterdir())):
        raise StudyError(f"--out {out}: is there already and holds something else; name a new folder")


def _check_own(folder: Path) -> None:
    """A folder that this command did not make is left alone."""
    other = sorted(p.name for p in folder.iterdir() if not _OWN.fullmatch(p.name)) if folder.is_dir() else []
    if other:
        raise StudyError(f"{folder}: is needed for the work and holds other files ({other[0]}); rename it, or --out")


def _json(value: dict) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _schema():
    import pyarrow

    return pyarrow.schema([(name, pyarrow.string()) for name in PROPOSED])


def _writer(sink):
    from pyarrow import parquet

    return parquet.ParquetWriter(sink, _schema(), compression="zstd", store_schema=False)


def _tables(paths: list[Path]) -> Iterator:
    from pyarrow import parquet

    for path in paths:
        yield parquet.read_table(path, schema=_schema())


def _as_csv(paths: list[Path], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(PROPOSED)
        for table in _tables(paths):
            writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _as_parquet(paths: list[Path], target: Path) -> None:
    from pyarrow import concat_tables

    with _writer(target) as writer:
        waiting, rows = [], 0
        for table in _tables(paths):
            waiting.append(table)
            rows += len(table)
            if rows >= ROW_GROUP:
                writer.write_table(concat_tables(waiting).combine_chunks(), row_group_size=rows)
                waiting, rows = [], 0
        if rows:
            writer.write_table(concat_tables(waiting).combine_chunks(), row_group_size=rows)


def _as_folder(paths: list[Path], target: Path) -> None:
    target.mkdir()
    for path in paths:
        shutil.copyfile(path, target / path.name)


def written_here(out: Path) -> bool:
    """Whether a file has the columns of proposals, as an earlier run of this command gives it."""
    try:
        if out.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_schema(out).names == PROPOSED
        with out.open(encoding="utf-8", errors="replace") as handle:
            return handle.readline(10_000).strip() == ",".join(PROPOSED)
    except (OSError, ValueError):
        return False
