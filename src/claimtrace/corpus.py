"""Editions of the text: original files to passages and sentences, digests to passages."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import sentencex

from claimtrace.errors import StudyError
from claimtrace.study import Study
from claimtrace.texts import read_text

#: Kind of a block of text to the letter its passage ids begin with.
KINDS = {"body": "p", "title": "t", "caption": "c", "note": "n", "boilerplate": "b"}
EDITIONS = ("digest", "original")

_DIGEST_PASSAGE = re.compile(r"^\[([ptcnb]\d{2,})\]\s+", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A paragraph of an original file: its passage id, kind and character span in the file."""

    passage: str
    kind: str
    start: int
    end: int


def sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_original(path: Path) -> str:
    """An original file as it is: UTF-8, line ends untouched, so that character offsets hold.

    Raises:
        StudyError: the file is missing or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise StudyError(
            f"{path.name}: not found; put the original files that articles.csv names into data/raw/original/, "
            "or run with EDITION=digest"
        ) from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name}: not UTF-8 at byte {error.start}; use the file as downloaded") from None


def original(study: Study, folder: Path, name: str) -> str:
    """The text of an original file that is the one the catalogue means.

    Raises:
        StudyError: it is missing, not UTF-8, or of another checksum.
    """
    expected = study.articles[study.articles["original_file"] == name]["sha256"].iloc[0]
    text = read_original(folder / name)
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if digest != expected:
        message = f"SHA-256 is {digest}, articles.csv expects {expected}; use the file as downloaded, or correct the catalogue"
        raise StudyError(f"{name}: {message}")
    return text


def blocks(text: str, first_line: int, last_line: int, marks: dict) -> list[Block]:
    """Paragraphs of a line range, told apart by kind and numbered within it.

    Args:
        text: a whole file.
        first_line, last_line: the article's lines, from 1, blank lines counted.
        marks: kind to list of lines (``title``, ``caption``, ``note``, ``boilerplate``), and ``join``, pairs of lines
            that are one paragraph. Lines not listed are body.
    """
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    kind_of = {line: kind for kind in KINDS for line in marks.get(kind, [])}
    joined = dict(marks.get("join", []))
    for first, last in joined.items():
        if last <= first:
            raise StudyError(f"segmentation.yaml, at join: value [{first}, {last}]: must name the earlier line first")
    counts = dict.fromkeys(KINDS, 0)
    found: list[Block] = []
    swallowed = 0
    for line in range(first_line, min(last_line, len(line_starts)) + 1):
        if line <= swallowed:
            continue
        swallowed = joined.get(line, line)
        stop = line_starts[swallowed] if swallowed < len(line_starts) else len(text)
        raw = text[line_starts[line - 1] : stop]
        if not raw.strip():
            continue
        start = line_starts[line - 1] + len(raw) - len(raw.lstrip())
        kind = kind_of.get(line, "body")
        counts[kind] += 1
        found.append(Block(f"{KINDS[kind]}{counts[kind]:02d}", kind, start, start + len(raw.strip())))
    return found


def sentence_spans(
    text: str, start: int, end: int, language: str, merge: tuple[int, ...] = (), split: tuple[int, ...] = ()
) -> list[tuple[int, int]]:
    """Character spans of the sentences of ``text[start:end]``, without the white space around them.

    ``merge`` and ``split`` are offsets in ``text`` at which the splitter (sentencex, Wikimedia) is overruled.
    """
    block = re.sub(r"\s", " ", text[start:end])
    boundaries = sentencex.get_sentence_boundaries(language, block)
    cuts = {start + len(block[: item["end_index"]].rstrip()) for item in boundaries}
    cuts = sorted((cuts | {cut for cut in split if start < cut < end}) - set(merge) | {end})
    spans, begin = [], start
    for cut in cuts:
        piece = text[begin:cut]
        if piece.strip():
            spans.append((begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())))
        begin = cut
    return spans


def index_sentences(study: Study, originals: Path) -> pd.DataFrame:
    """The sentence index, computed from the original files. An article whose original is not there keeps the rows that it has.

    Returns:
        One row a sentence in reading order: article, passage, sentence, kind, start, end, length (characters of the
        file), sha256 (of the raw span).

    Raises:
        StudyError: an original is missing of which there are no rows, or no original is there.
    """
    rows, kept = [], without_original(study, originals)
    language = study.segmentation.get("language", "en")
    for article in study.articles.to_dict("records"):
        if article["slug"] in kept:
            rows += study.sentences[study.sentences["article"] == article["slug"]].to_dict("records")
            continue
        text = original(study, originals, article["original_file"])
        marks = study.segmentation["articles"].get(article["slug"], {})
        corrections = {key: tuple(marks.get(key, ())) for key in ("merge", "split")}
        for block in blocks(text, int(article["first_line"]), int(article["last_line"]), marks):
            spans = sentence_spans(text, block.start, block.end, language, **corrections)
            for number, (start, end) in enumerate(spans, 1):
                rows.append(
                    {
                        "article": article["slug"],
                        "passage": block.passage,
                        "sentence": f"{block.passage}.s{number}",
                        "kind": block.kind,
                        "start": start,
                        "end": end,
                        "length": end - start,
                        "sha256": sha256(text[start:end]),
                    }
                )
    return pd.DataFrame(rows)


def without_original(study: Study, originals: Path) -> list[str]:
    """Articles that have sentences in the index and no original in a folder; none where the folder holds no original at all."""
    table = study.articles
    missing = ~table["original_file"].map(lambda name: (originals / name).is_file())
    if missing.all() or not (study.root / "sentences.csv").is_file():
        return []
    return list(table.loc[missing & table["slug"].isin(study.sentences["article"]), "slug"])


def read_digest(path: Path) -> dict[str, str]:
    """Passages of a digest file: passage id to text, white space folded to single spaces.

    Raises:
        StudyError: the file is missing, has no passage marks or repeats one.
    """
    return parse_digest(read_text(path, _NO_DIGEST), path)


def digest(study: Study, slug: str) -> dict[str, str]:
    """Passages of the digest of an article (see :func:`read_digest`)."""
    name = f"raw/digest/{slug}.md"
    return parse_digest(study.text(name, _NO_DIGEST), study.root / name)


_NO_DIGEST = "no such digest; each article needs one in raw/digest/"


def parse_digest(text: str, path: Path) -> dict[str, str]:
    """Passages of the text of a digest."""
    parts = _DIGEST_PASSAGE.split(text)[1:]
    if not parts:
        raise StudyError(f"{path.name}: no passage found; a passage begins with its id in brackets, such as [p01]")
    passages: dict[str, str] = {}
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        if name in passages:
            raise StudyError(f"{path.name}: passage [{name}] occurs twice; give each passage its own id")
        passages[name] = " ".join(content.split())
    return passages


def passages(study: Study, edition: str = "digest", originals: Path | None = None) -> pd.DataFrame:
    """The text of an edition, one row a passage, in reading order.

    Args:
        edition: ``digest`` (shipped, own words) or ``original`` (brought by the reader).
        originals: folder of the original files; default ``raw/original/`` of the study.

    Returns:
        Columns article, passage, kind, text (white space folded), sentences (number of sentences in this edition),
        characters. The digest holds the coded passages only.

    Raises:
        StudyError: unknown edition, a missing file, or an original whose checksum is not the catalogue's.
    """
    if edition not in EDITIONS:
        raise StudyError(f"edition={edition!r}: unknown; choose one of: {', '.join(EDITIONS)}")
    rows = _original_rows(study, originals or study.originals) if edition == "original" else _digest_rows(study)
    return pd.DataFrame(rows, columns=["article", "passage", "kind", "text", "sentences", "characters"])


def _digest_rows(study: Study) -> list[dict]:
    kinds = {letter: kind for kind, letter in KINDS.items()}
    language = study.segmentation.get("language", "en")
    rows = []
    for slug in study.articles["slug"]:
        for passage, text in digest(study, slug).items():
            count = len(sentence_spans(text, 0, len(text), language))
            rows.append(
                {
                    "article": slug,
                    "passage": passage,
                    "kind": kinds[passage[0]],
                    "text": text,
                    "sentences": count,
                    "characters": len(text),
                }
            )
    return rows


def _original_rows(study: Study, folder: Path) -> list[dict]:
    rows = []
    checked: dict[str, str] = {}
    index = study.sentences.groupby(["article", "passage"], sort=False)
    catalogue = study.articles.set_index("slug")
    for (slug, passage), group in index:
        name = catalogue.loc[slug, "original_file"]
        if name not in checked:
            checked[name] = original(study, folder, name)
        raw = checked[name][group["start"].min() : group["end"].max()]
        rows.append(
            {
                "article": slug,
                "passage": passage,
                "kind": group["kind"].iloc[0],
                "text": " ".join(raw.split()),
                "sentences": len(group),
                "characters": len(raw),
            }
        )
    return rows
