"""Opens a study folder: the one entry point. All paths of a study are named here."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from claimtrace.errors import Problem, StudyError
from claimtrace.shapes import conform
from claimtrace.texts import oddity, read_text

#: A YAML file has no more parts than this, aliases counted as often as they are used, and no deeper ones.
_MOST_NODES, _DEEPEST = 200_000, 40


def parse_yaml(text: str, name: str):
    """The content of a YAML text: plain values only.

    Raises:
        StudyError: it does not parse, has a key twice, a tag, too many or too deeply nested parts.
    """
    loader = _Loader("")
    try:
        _fathom(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node, {})
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        parts = (getattr(error, "context", None), getattr(error, "problem", None))
        message = " ".join((": ".join(part for part in parts if part) or str(error)).split())
        raise StudyError(f"{name}{place}: {message}; correct the YAML") from None
    except (ValueError, OverflowError, RecursionError) as error:
        # A date or a number that Python cannot hold: PyYAML lets its errors through.
        raise StudyError(f"{name}: a value cannot be read ({error}); put it in quotation marks") from None
    finally:
        loader.dispose()


def _fathom(text: str) -> None:
    """Stop at parts that are nested too deeply: the composer of PyYAML calls itself for each level until the process dies."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {_DEEPEST} levels", event.start_mark)


def _measure(node: yaml.Node, known: dict[int, int]) -> int:
    """How many parts a node has, aliases followed; stops before they become too many for anything that walks over them."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in known:
        if not known[id(node)]:
            raise yaml.constructor.ConstructorError(None, None, "an alias inside its own anchor", node.start_mark)
        return known[id(node)]
    known[id(node)] = 0
    pairs = isinstance(node, yaml.MappingNode)
    parts = [part for pair in node.value for part in pair] if pairs else node.value
    size = 1
    for part in parts:
        size += _measure(part, known)
        if size > _MOST_NODES:
            raise yaml.constructor.ConstructorError(None, None, f"more than {_MOST_NODES} parts", node.start_mark)
    known[id(node)] = size
    return size


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """YAML silently keeps the last of two equal keys; a study must not lose a code or an actor that way."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                problem = "'<<' is not read; write the keys out"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int):
                if key in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
                seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict:
    """A YAML mapping from a file.

    Raises:
        StudyError: the file is missing, cannot be read, does not parse or is not a mapping.
    """
    content = parse_yaml(read_text(path), path.name)
    if not isinstance(content, dict):
        raise StudyError(f"{path.name}: expected a mapping of keys to values")
    return content


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
            raise StudyError(f"{self.root}: not a study folder (it has no study.yaml)")
        #: SHA-256 of every file that was read so far, by its path in the study folder.
        self.inputs: dict[str, str] = {}
        self._tables: dict[str, tuple[str | None, pd.DataFrame]] = {}

    def note(self, name: str) -> Path:
        """The path of a file of the study, noted as an input of what is made."""
        path = self.root / name
        if path.is_file():
            self.inputs[name] = hashlib.sha256(path.read_bytes()).hexdigest()
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
