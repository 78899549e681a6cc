"""Checks against the originals: checksums, every offset, and that none of their sentences is in the repository."""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from claimtrace import claims
from claimtrace.corpus import index_sentences, read_original, sha256
from claimtrace.errors import Problem, StudyError
from claimtrace.study import Study

#: Runs of this many words shared with an original are copying; a run of capitalised words counts as one.
RUN = 8

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[’'\-])*|\d[\d.,]*")
_JOINERS = {"of", "the", "and", "de", "al", "e"}


@dataclass
class Audit:
    """What was compared, and what did not hold."""

    files: int = 0
    sentences: int = 0
    claims: int = 0
    scanned: int = 0
    problems: list[Problem] = field(default_factory=list)


def folded_words(text: str) -> list[str]:
    """Words in lower case, each run of capitalised words (a name, a title) folded into one."""
    words = _WORD.findall(text.replace("’", "'"))
    folded, position = [], 0
    while position < len(words):
        end = position + 1
        if words[position][0].isupper():
            while end < len(words):
                if words[end][0].isupper():
                    end += 1
                elif words[end] in _JOINERS and end + 1 < len(words) and words[end + 1][0].isupper():
                    end += 2
                else:
                    break
            folded.append("_".join(words[position:end]).lower())
        else:
            folded.append(words[position].lower().strip(".,"))
        position = end
    return folded


def shared_runs(text: str, known: set[tuple[str, ...]]) -> list[str]:
    """The longest runs of words of a text of which every :data:`RUN` words in a row are known."""
    words, found, position = folded_words(text), [], 0
    while position <= len(words) - RUN:
        end = position
        while end <= len(words) - RUN and tuple(words[end : end + RUN]) in known:
            end += 1
        if end > position:
            found.append(" ".join(words[position : end + RUN - 1]))
            position = end + RUN - 1
        else:
            position += 1
    return found


def audit(study: Study, originals: Path, tree: Path) -> Audit:
    """Compare a study and the files of its repository with the originals.

    Args:
        originals: folder of the original files.
        tree: the repository (its tracked and unignored files are scanned), or any folder (all files are, but the originals and the worksheets).

    Raises:
        StudyError: ``originals`` is no folder.
    """
    if not originals.is_dir():
        raise StudyError(f"{originals}: no such folder; give the folder of the original files with --originals")
    result = Audit()
    texts = _check_files(study, originals, result)
    if result.problems:
        return result
    _check_sentences(study, originals, result)
    _check_claims(study, texts, result)
    private = [
        originals,
        study.root / "coding" / "worksheets",
    ]  # git ignores them: they hold the words of the originals
    if not (files := files_of(tree, private)):
        raise StudyError(f"{tree}: no file to be scanned (does git ignore the folder?); name another with --tree")
    _check_copies(texts, files, tree, result)
    return result


def _check_files(study: Study, originals: Path, result: Audit) -> dict[str, str]:
    texts = {}
    for row in study.articles.drop_duplicates("original_file").itertuples():
        texts[row.original_file] = read_original(originals / row.original_file)
        digest = hashlib.sha256((originals / row.original_file).read_bytes()).hexdigest()
        result.files += 1
        if digest != row.sha256:
            message = f"the file's SHA-256 is {digest}; it is another version"
            result.problems.append(Problem("articles.csv", row.slug, "sha256", row.sha256, message))
    return texts


def _check_sentences(study: Study, originals: Path, result: Audit) -> None:
    computed = index_sentences(study, originals)
    columns = list(computed.columns)
    stored = study.sentences[columns].reset_index(drop=True)
    result.sentences = len(stored)
    if len(stored) != len(computed):
        message = f"has {len(stored)} sentences, the originals give {len(computed)}; run claimtrace index"
        result.problems.append(Problem("sentences.csv", "", "", "", message))
        return
    for position in (stored.ne(computed)).any(axis=1).pipe(lambda differs: differs[differs].index):
        row = stored.loc[position]
        message = "is not what the original gives; run claimtrace index"
        result.problems.append(
            Problem("sentences.csv", str(position + 2), "", f"{row.article}.{row.sentence}", message)
        )


def _check_claims(study: Study, texts: dict[str, str], result: Audit) -> None:
    file_of = study.articles.set_index("slug")["original_file"]
    spans = {(row.article, row.sentence): (row.start, row.end) for row in study.sentences.itertuples()}
    for coding in study.codings:
        for number, row in enumerate(claims.load_all(study, coding).itertuples(), 2):
            place = f"{number} ({row.claim_id})"
            try:
                start, end = int(row.original_start), int(row.original_end)
                first, last = spans[row.article, row.sentence]
            except (ValueError, KeyError):
                message = "has no such sentence or no whole numbers for its place; run claimtrace check"
                result.problems.append(Problem(f"{coding}.csv", place, "sentence", row.sentence, message))
                continue
            result.claims += 1
            if not first <= start < end <= last:
                message = f"lies outside its sentence ({first} to {last})"
                result.problems.append(Problem(f"{coding}.csv", place, "original_start", str(start), message))
            elif sha256(texts[file_of[row.article]][start:end]) != row.original_sha256:
                message = "is not the hash of these characters of the original"
                result.problems.append(Problem(f"{coding}.csv", place, "original_sha256", row.original_sha256, message))


def _check_copies(texts: dict[str, str], files: list[Path], tree: Path, result: Audit) -> None:
    known = set()
    for text in texts.values():
        words = folded_words(text)
        known.update(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        result.scanned += 1
        for run in shared_runs(text, known):
            message = f"has {len(run.split())} consecutive words of an original; say it in other words"
            result.problems.append(Problem(str(path.relative_to(tree)), "", "", run[:120], message))


def files_of(tree: Path, private: list[Path]) -> list[Path]:
    """Tracked and unignored files of a git work tree; without git, all files of the folder but those of ``private`` folders."""
    command = ["git", "-C", str(tree), "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        listing = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "surrogateescape")
        return sorted(tree / name for name in set(listing.split("\0")) if name and (tree / name).is_file())
    except (FileNotFoundError, subprocess.CalledProcessError):
        own = {folder.resolve() for folder in private}
        return sorted(path for path in tree.rglob("*") if path.is_file() and own.isdisjoint(path.resolve().parents))
