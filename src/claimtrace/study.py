"""Opens a study folder: the one entry point. All paths of a study are named here."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cached_property
from pathlib import Path

import pandas as pd

from claimtrace.errors import Problem, StudyError
from claimtrace.plain import read_yaml
from claimtrace.shapes import conform
from claimtrace.texts import oddity, read_text

#: Characters of a cell: beyond them a quotation mark was never closed.
LARGEST = 131_072


def parse_table(text: str, name: str) -> pd.DataFrame:
    """A CSV table with every cell as text, empty cells as empty strings.

    Raises:
        StudyError: it is not a rectangular table with distinct column names, or a cell holds what compares or exports badly.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    # The limit holds for the whole process, and texts to be coded may be longer (claimtrace.readers).
    before = csv.field_size_limit(LARGEST)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise StudyError(
            f"{name}, line {reader.line_num}: not a table: {error}; look for a stray quotation mark"
        ) from None
    finally:
        csv.field_size_limit(before)
    if not lines:
        raise StudyError(f"{name}: not a table: it is empty; the first line must name the columns")
    header = lines[0][1]
    for column in header:
        if not column.strip():
            raise StudyError(f"{name}: a column has no name; name or remove it")
        if header.count(column) > 1:
            raise StudyError(f"{name}: column {column!r} occurs twice; remove or rename one")
    for number, (line, row) in enumerate(lines[1:], 2):
        if len(row) != len(header):
            message = (
                f"has {len(row)} cells, the header {len(header)}; look for a missing or stray comma or quotation mark"
            )
            raise StudyError(f"{name}, row {number} (line {line}): {message}")
        for column, cell in zip(header, row, strict=True):
            if cell and (message := oddity(cell, column in NAMING)):
                raise StudyError(str(Problem(name, str(number), column, cell[:80], message)))
    return pd.DataFrame([row for _, row in lines[1:]], columns=header, dtype=str)


#: Columns whose cells are told apart and counted: in each, letters of one script.
NAMING = {"outlet", "authors", "source", "version", "original_file", "place"}


def read_table(path: Path) -> pd.DataFrame:
    """A CSV table from a file, every cell text (see :func:`parse_table`)."""
    return parse_table(read_text(path), path.name)


class Study:
    """A study folder: catalogue, codebook, codings and texts.

    Args:
        root: the folder that holds ``study.yaml``, ``articles.csv``, ``codebook/``, ``coding/`` and ``raw/``.

    Raises:
        StudyError: the folder is missing or holds no ``study.yaml``.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root)
        if not (self.root / "study.yaml").is_file():
            raise StudyError(
                f"{self.root}: not a study folder (it has no study.yaml; looked in {self.root.absolute()})"
            )
        #: SHA-256 of every file that was read so far, by its path in the study folder.
        self.inputs: dict[str, str] = {}
        self._tables: dict[str, tuple[str | None, pd.DataFrame]] = {}

    def note(self, name: str) -> Path:
        """The path of a file of the study, noted as an input of what is made."""
        path = self.root / name
        if path.is_file():
            with path.open("rb") as handle:
                self.inputs[name] = hashlib.file_digest(handle, "sha256").hexdigest()
        return path

    def table(self, name: str) -> pd.DataFrame:
        """A table of the study by its path in the folder, every cell text; noted as an input of what is made."""
        path = self.note(name)
        # The same content is parsed once: a check reads each table several times.
        held = self._tables.get(name)
        if held is None or held[0] != self.inputs.get(name):
            held = self._tables[name] = self.inputs.get(name), read_table(path)
        return held[1].copy()

    def text(self, name: str, missing: str = "") -> str:
        """A text of the study, noted likewise."""
        return read_text(self.note(name), missing)

    def _yaml(self, name: str) -> dict:
        content = read_yaml(self.note(name))
        conform(content, Path(name).stem, Path(name).name)
        return content

    @cached_property
    def settings(self) -> dict:
        """The content of ``study.yaml``: title, focal actor, headline scope, dividing date.

        Raises:
            StudyError: the file has not the shape that it needs.
        """
        return self._yaml("study.yaml")

    @property
    def title(self) -> str:
        return self.settings["title"]

    @property
    def no_party(self) -> set[str]:
        """Actors that are no party to an act: placeholders, and territories whoever rules them."""
        return {actor for key in ("exclude_actors", "territories") for actor in self.settings.get(key, [])}

    @property
    def focus(self) -> str:
        """Id of the actor whose dealings are studied."""
        return self.settings["focus"]

    @property
    def focus_name(self) -> str:
        """The focal actor in running text, with its article ("the Guild")."""
        return self.settings.get("focus_name") or self.codebook.actor_label(self.focus)

    @cached_property
    def articles(self) -> pd.DataFrame:
        """The catalogue, one row an article, in the order of ``articles.csv``; all columns text."""
        return self.table("articles.csv")

    @cached_property
    def catalogue(self) -> pd.DataFrame:
        """The catalogue by slug."""
        return self.articles.set_index("slug")

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """The stand-off index of the originals' sentences: article, passage, sentence, kind, start, end, length,
        sha256; offsets are integers, in characters of the decoded file."""
        table = self.table("sentences.csv")
        for column in ("start", "end", "length"):
            if column not in table:
                raise StudyError(f"sentences.csv: column {column!r} is missing; run claimtrace index")
            bad = table[~table[column].str.fullmatch("[0-9]{1,12}")]
            if len(bad):
                place = Problem(
                    "sentences.csv", str(bad.index[0] + 2), column, bad.iloc[0][column][:80], "must be a whole number"
                )
                raise StudyError(str(place))
            table[column] = table[column].astype(int)
        return table

    @cached_property
    def segmentation(self) -> dict:
        """Which lines are title, caption, note or boilerplate, and the corrections of the sentence splitter."""
        return self._yaml("segmentation.yaml")

    @cached_property
    def codebook(self):
        """The :class:`claimtrace.codebook.Codebook`."""
        from claimtrace.codebook import Codebook

        return Codebook(self._yaml("codebook/codebook.yaml"), self._yaml("codebook/actors.yaml"))

    @property
    def originals(self) -> Path:
        """Where the reader puts the original files."""
        return self.root / "raw" / "original"

    @property
    def digests(self) -> Path:
        return self.root / "raw" / "digest"

    def coding_path(self, coding: str) -> Path:
        """Path of a coding, by name: ``claims``, ``pass_a``, ...

        Raises:
            StudyError: there is no such coding; the message lists those there are.
        """
        path = self.root / "coding" / f"{coding}.csv"
        if coding not in self.codings:
            raise StudyError(f"coding={coding!r}: no such coding; there are: {', '.join(self.codings)}")
        return path

    @cached_property
    def codings(self) -> list[str]:
        """Names of the codings in ``coding/`` that hold claims, sorted; second rounds (``recodings``) hold none."""
        names = {path.stem for path in (self.root / "coding").glob("*.csv")} - set(self.settings.get("recodings", []))
        return sorted(name for name in names if name in ("claims", "rules") or name.startswith("pass_"))
