"""What an output was made from: in every figure what does not change from build to build, in the crate the rest.

A figure names the files that its notebook had read when it was drawn, with their SHA-256, the version of the codebook and this
package. It names no date and no commit, so that it changes with what it was made from and with nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from html import unescape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from claimtrace import __version__
from claimtrace.study import Study

#: Libraries that shape the bytes of an output.
LIBRARIES = ["pandas", "numpy", "scipy", "matplotlib", "edtf", "krippendorff", "sentencex", "papermill", "nbformat"]


@dataclass(frozen=True)
class MadeFrom:
    """What a figure was made from: SHA-256 of files by their path in the study, the version of the codebook, and parameters that
    were chosen for it."""

    codebook: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, object] = field(default_factory=dict)

    def as_text(self) -> str:
        """One line of JSON, the same for the same content."""
        parts = {"software": f"claimtrace {__version__}", "codebook": self.codebook, "inputs": self.inputs}
        parts |= {"parameters": self.parameters} if self.parameters else {}
        return json.dumps(parts, sort_keys=True, ensure_ascii=True)

    def metadata(self, name: str, suffix: str) -> dict[str, str | None]:
        """Metadata for ``savefig``, in the words of each format; ``None`` keeps Matplotlib from adding what changes."""
        made = self.as_text() if self.inputs else None
        if suffix == "svg":
            return {"Date": None, "Creator": None, "Source": made}
        if suffix == "pdf":
            title = name if made else None
            return {"CreationDate": None, "Producer": None, "Creator": None, "Title": title, "Subject": made}
        return {"Software": None} | ({"Title": name, "Source": made} if made else {})


def of(study: Study, parameters: dict[str, object] | None = None) -> MadeFrom:
    """What was read of a study so far, and the parameters that were chosen."""
    return MadeFrom(study.codebook.version, dict(sorted(study.inputs.items())), parameters or {})


def read(svg: Path) -> MadeFrom:
    """What a saved figure says that it was made from; empty where it says nothing."""
    found = re.search(r"<dc:source>(.*?)</dc:source>", svg.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        return MadeFrom()
    parts = json.loads(unescape(found[1]))
    return MadeFrom(parts["codebook"], parts["inputs"], parts.get("parameters", {}))


def libraries() -> dict[str, str]:
    """Versions of the libraries that shape the bytes of an output; those that are not installed are left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit(repository: Path) -> tuple[str, str]:
    """Commit of a repository and its date (ISO), the former with ``-changed`` where a tracked file differs from it; both empty
    where there is no git or no repository."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(repository), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    try:
        name, date = git("log", "-1", "--format=%H %cI").split(" ")
        return name + ("-changed" if git("status", "--porcelain", "-uno") else ""), date
    except (OSError, subprocess.SubprocessError, ValueError):
        return "", ""


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
