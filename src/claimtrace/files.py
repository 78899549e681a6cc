"""Files are written whole or not at all, and what is read back is as it was written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

#: Names a file to which every path that :func:`write_whole` writes is added, a line each.
JOURNAL = "CLAIMTRACE_JOURNAL"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that no reader ever sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if journal := os.environ.get(JOURNAL):
        with Path(journal).open("a", encoding="utf-8") as lines:
            lines.write(f"{path.resolve()}\n")


def write_sealed(path: Path, text: str) -> None:
    """Write a text with its SHA-256 as the first line."""
    content = text.encode("utf-8")
    write_whole(path, f"{hashlib.sha256(content).hexdigest()}\n".encode() + content)


def read_sealed(path: Path) -> str | None:
    """A text that :func:`write_sealed` wrote; nothing where there is none or a byte of it has changed."""
    try:
        seal, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content.decode("utf-8") if seal == hashlib.sha256(content).hexdigest().encode() else None


def write_record(record: Path, sums: dict[Path, str]) -> None:
    """Write SHA-256 by path in the format of ``sha256sum``, paths relative to the working folder; the last is what make goes by."""
    record.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{digest}  {os.path.relpath(path)}\n" for path, digest in sums.items()]
    write_whole(record, "".join(lines).encode("utf-8"))
