"""The likely cause of each difference between what was built and what was published."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from claimtrace import notebooks, provenance
from claimtrace.errors import StudyError
from claimtrace.signature import declared

#: What only pages are made from.
_WORDS = ("README.md", "CITATION.cff", "data/README.md", "data/codebook/README.md")
_SITE = "src/claimtrace/site/"
_PATTERNS = [
    "data/**/*.csv", "data/**/*.yaml", "data/raw/digest/*.md", "data/development/**/*.txt", "notebooks/*.ipynb", "src/claimtrace/**/*.*", *_WORDS,
]  # fmt: skip
_NONE = "data, settings, code and libraries are as published, so the file was damaged or this machine draws differently"

_LEFT = "it is left from an earlier build; make clean removes it"


def sources(repository: Path) -> dict[str, str]:
    """SHA-256 of what a repository's artefacts are made from, by path: data, notebooks, library."""
    paths = {path for pattern in _PATTERNS for path in repository.glob(pattern) if path.is_file()}
    names = {path.relative_to(repository).as_posix(): path for path in paths}
    return {
        name: _digest(path)
        for name, path in sorted(names.items())
        if "/worksheets/" not in name and "__pycache__" not in name
    }


def _digest(path: Path) -> str:
    """SHA-256 of a file; of a notebook only its cells, as its stored outputs are made from them."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        content = json.dumps([[cell.cell_type, cell.source] for cell in notebooks.read(path).cells]).encode("utf-8")
    return hashlib.sha256(content).hexdigest()


def explain(differences: list[str], build: Path, published: dict[str, str], repository: Path) -> list[str]:
    """The differences, each with its likely cause, tables of numbers first: a picture also differs where only the data that it names do.

    A figure says which files of the study it was made from; those that are not as published are the first suspects. Then come
    settings, notebook, code, and libraries that are not those of the lock.

    Args:
        differences: of :func:`claimtrace.manifest.differences`.
        published: :func:`sources` of the published artefacts; empty where the manifest does not tell.
        repository: holds ``data``, ``notebooks``, the library and ``requirements.lock``.
    """
    now = sources(repository)
    changed = {name for name in now.keys() | published.keys() if published and now.get(name) != published.get(name)}
    code = [name for name in changed if name.startswith("src/")]
    words = [name for name in changed if name in _WORDS]
    libraries = other_libraries((repository / "requirements.lock").read_text(encoding="utf-8"))
    extra = [line.partition(": ")[0] for line in differences if line.endswith("built, not published")]
    more = [name for name in extra if not name.startswith("site/")]
    told = []
    for line in differences:
        name = line.partition(": ")[0]
        page = name.startswith("site/")
        if line.endswith("not built"):
            told.append(f"{line}; likely cause: it was removed, or the build did not finish; run make")
            continue
        try:
            given = settings(build / name)
        except StudyError:
            told.append(f"{line}; likely cause: it was damaged and is no longer a notebook; run make")
            continue
        suspects = {
            "data changed": _data(name, build, published, changed),
            "settings": given,
            "notebook changed": [key for key in changed if key == f"notebooks/{_notebook(name)}.ipynb"],
            "text changed": words if page else [],
            "it tells of what is not published": more if page and name not in extra else [],
            "code changed": [key for key in code if page or not key.startswith(_SITE)],
            "libraries differ from requirements.lock": libraries,
        }
        table = f"tables/{Path(name).stem}.csv"
        same = (build / table).is_file() and not any(other.startswith(f"{table}: ") for other in differences)
        likely = [f"{cause} ({_some(names)})" for cause, names in suspects.items() if names]
        unknown = _LEFT if line.endswith("not published") else _NONE
        equal = (
            "; its numbers are as published"
            if same and suspects["data changed"] and name.startswith("figures/")
            else ""
        )
        told.append(f"{line}; likely cause: {'; '.join(likely) or unknown}{equal}")
    return sorted(told, key=lambda line: not line.startswith("tables/"))


def _some(names: list[str]) -> str:
    return ", ".join([*sorted(names)[:4], *(["..."] if len(names) > 4 else [])])


def _notebook(name: str) -> str:
    """``05_country`` for ``notebooks/05_country/IRN.ipynb`` and for its page; nothing for what no notebook is named in."""
    found = re.search(r"(?:^|/)notebooks/(\w+)", name)
    return found[1] if found else ""


def _data(name: str, build: Path, published: dict[str, str], changed: set[str]) -> list[str]:
    """The data that an artefact was made from and that are not as published, with the hash; of a notebook, which does not
    name its own, all that changed."""
    picture = build / "figures" / f"{Path(name).stem}.svg"
    if name.startswith("notebooks/") or not picture.is_file():
        return [key for key in changed if key.startswith("data/") and key not in _WORDS]
    inputs = {f"data/{key}": digest for key, digest in provenance.read(picture).inputs.items()}
    return [f"{key} is {digest[:12]}" for key, digest in inputs.items() if published and published.get(key) != digest]


def settings(path: Path) -> list[str]:
    """Parameters that were set for a notebook, save the one that names it (the actor of a profile)."""
    if path.suffix != ".ipynb":
        return []
    given: dict[str, object] = {}
    for cell in notebooks.read(path).cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            given |= declared(cell.source)
    return [f"{key}={value}" for key, value in given.items() if value != path.stem]


def other_libraries(lock: str) -> list[str]:
    """Libraries that shape the bytes of an output and are not installed in the version of the lock."""
    wanted = dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock, re.MULTILINE))
    return [
        f"{name} {have}, not {wanted[name]}"
        for name in provenance.LIBRARIES
        if name in wanted and (have := _installed(name)) != wanted[name]
    ]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
