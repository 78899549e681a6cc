"""Checksums of what was built, and the table at the end of a build."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable
from pathlib import Path

from claimtrace.errors import StudyError
from claimtrace.texts import read_text

_FOLDERS = {
    "figures": ["*.*"],
    "tables": ["*.csv"],
    "notebooks": ["**/*.ipynb"],
    "site": ["**/*.html", "**/*.css", "**/*.js"],
}

#: What `make` builds; the pages of the site are made from it, by `make site`.
EXHIBITS = ("figures", "tables", "notebooks")

#: A comment, which ``sha256sum`` passes over: what the published artefacts were made from.
_SOURCE = re.compile(r"# from (?P<digest>[0-9a-f]{64})  (?P<name>[\w./-]+)")
_LINE = re.compile(rf"(?P<digest>[0-9a-f]{{64}})  (?P<name>(?:{'|'.join(_FOLDERS)})(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)")


def compute(build: Path, folders: Iterable[str] = tuple(_FOLDERS)) -> dict[str, str]:
    """SHA-256 of every figure, table, notebook and page under ``build`` (with its scripts and styles), by relative path, sorted."""
    found = {}
    for path in (path for folder in folders for kind in _FOLDERS[folder] for path in (build / folder).glob(kind)):
        if path.is_file() and not path.name.startswith("."):
            found[path.relative_to(build).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def serialise(sums: dict[str, str], sources: dict[str, str] | None = None) -> str:
    """The format of ``sha256sum``; what the artefacts were made from goes before them as comments."""
    told = "".join(f"# from {digest}  {name}\n" for name, digest in (sources or {}).items())
    return told + "".join(f"{digest}  {name}\n" for name, digest in sums.items())


def read_sources(path: Path) -> dict[str, str]:
    """What the artefacts of a manifest were made from, as its comments say."""
    text = read_text(path, "no such manifest; make it with claimtrace manifest")
    return {match["name"]: match["digest"] for line in text.split("\n") if (match := _SOURCE.fullmatch(line))}


def read(path: Path) -> dict[str, str]:
    """A manifest.

    Raises:
        StudyError: missing or not in the format of ``sha256sum``.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path, "no such manifest; make it with claimtrace manifest").split("\n"), 1):
        if not line or _SOURCE.fullmatch(line):
            continue
        match = _LINE.fullmatch(line)
        if not match or match["name"] in found:
            reason = "must be a SHA-256, two spaces and a path below the build" if not match else "names a file twice"
            raise StudyError(f"{path}, line {number}: value {line[:100]!r} {reason}; run make refresh")
        found[match["name"]] = match["digest"]
    return found


def differences(built: dict[str, str], published: dict[str, str]) -> list[str]:
    """One line for each file that differs, is missing or is not published."""
    lines = []
    for name in sorted(built.keys() | published.keys()):
        if name not in built:
            lines.append(f"{name}: published, not built")
        elif name not in published:
            lines.append(f"{name}: built, not published")
        elif built[name] != published[name]:
            lines.append(f"{name}: differs")
    return lines


def summarise(build: Path, published: Path, started: float) -> None:
    """Print a short table: what was built, where, how long it took, whether it equals the published manifest."""
    from rich.console import Console
    from rich.table import Table

    built, known = compute(build, EXHIBITS), read(published)
    table = Table(title=None, show_edge=False, pad_edge=False)
    for heading in ("built", "where", "files", "as published"):
        table.add_column(heading, justify="right" if heading == "files" else "left")
    for folder in EXHIBITS:
        names = [name for name in built if name.startswith(folder + "/")]
        expected = [name for name in known if name.startswith(folder + "/")]
        wrong = [name for name in {*names, *expected} if built.get(name) != known.get(name)]
        verdict = "yes" if not wrong else f"{len(wrong)} differ"
        if folder == "notebooks" and build.parent != Path():
            verdict = "other settings"  # notebooks name their parameters, so that these cannot be the published ones
        table.add_row(folder, f"{build}/{folder}/", str(len(names)), verdict)
    console = Console(width=78)
    console.print(table)
    if started:
        console.print(f"done in {time.time() - started:.0f} s", highlight=False)
