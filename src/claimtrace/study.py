"""Opens a study folder: the one entry point. All paths of a study are named here."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from claimtrace.errors import StudyError


def read_yaml(path: Path) -> dict:
    """A YAML mapping from a UTF-8 file.

    Raises:
        StudyError: the file is missing, is not UTF-8, does not parse or is not a mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except FileNotFoundError:
        raise StudyError(f"{path.name}: no such file in {path.parent.name or '.'}/") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise StudyError(f"{path.name}{place}: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(content, dict):
        raise StudyError(f"{path.name}: expected a mapping of keys to values")
    return content


class _UniqueKeyLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """YAML silently keeps the last of two equal keys; a study must not lose a code or an actor that way."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int) and key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
            if isinstance(key, str | int):
                seen.add(key)
        return super().construct_mapping(node, deep)


def read_table(path: Path) -> pd.DataFrame:
    """A CSV table with every cell as text, empty cells as empty strings.

    Raises:
        StudyError: the file is missing, not UTF-8, or not a rectangular table with distinct column names.
    """
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            header = handle.readline().rstrip("\r\n").split(",")
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False, on_bad_lines="error"
        )
    except FileNotFoundError:
        raise StudyError(f"{path.name}: no such file in {path.parent.name or '.'}/") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise StudyError(f"{path.name}: not a table: {str(error).strip()}") from None
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise StudyError(f"{path.name}: column {doubled[0]!r} occurs twice; remove or rename one")
    return table


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

    @cached_property
    def settings(self) -> dict:
        """The content of ``study.yaml``: title, focal actor, headline scope, dividing date.

        Raises:
            StudyError: a key is missing.
        """
        settings = read_yaml(self.root / "study.yaml")
        for key in ("title", "focus", "headline_scope", "divide"):
            if key not in settings:
                raise StudyError(f"study.yaml: key {key!r} is missing")
        divide = settings["divide"]
        for side in ("before", "after"):
            if not isinstance(divide, dict) or not {"label", "periods"} <= set(divide.get(side) or {}):
                raise StudyError(f"study.yaml: divide.{side} needs a label and a list of periods")
        return settings

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
        return read_table(self.root / "articles.csv")

    @cached_property
    def catalogue(self) -> pd.DataFrame:
        """The catalogue by slug."""
        return self.articles.set_index("slug")

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """The stand-off index of the originals' sentences: article, passage, sentence, kind, start, end, length,
        sha256; offsets are integers, in characters of the decoded file."""
        table = read_table(self.root / "sentences.csv")
        for column in ("start", "end", "length"):
            try:
                table[column] = table[column].astype(int)
            except ValueError as error:
                raise StudyError(f"sentences.csv, column {column}: {error}") from None
        return table

    @cached_property
    def segmentation(self) -> dict:
        """Which lines are title, caption, note or boilerplate, and the corrections of the sentence splitter."""
        return read_yaml(self.root / "segmentation.yaml")

    @cached_property
    def codebook(self):
        """The :class:`claimtrace.codebook.Codebook`."""
        from claimtrace.codebook import Codebook

        return Codebook(
            read_yaml(self.root / "codebook" / "codebook.yaml"), read_yaml(self.root / "codebook" / "actors.yaml")
        )

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
