"""Compare sentence splitters with the boundaries that were set by hand in the originals.

The sentence index is the truth: every sentence of it was read and, where the splitter erred, corrected by hand. Counted
are boundaries inside the body paragraphs (the end of a paragraph is no achievement). Prints the table and, with
--write, stores it in data/splitters.csv without the speeds, which differ from machine to machine.
"""

import argparse
import importlib
import importlib.metadata
import re
import time
from pathlib import Path

import pandas as pd

from claimtrace.corpus import read_original
from claimtrace.study import Study


def ends(text: str, pieces) -> set[int]:
    """Where the pieces of a text end, white space not counted."""
    found, position = set(), 0
    for piece in (piece.strip() for piece in pieces):
        if piece:
            position = text.index(piece, position) + len(piece)
            found.add(position)
    return found


def syntok_pieces(module):
    def pieces(text):
        for paragraph in module.analyze(text):
            for sentence in paragraph:
                yield text[sentence[0].offset : sentence[-1].offset + len(sentence[-1].value)]

    return pieces


def spacy_pieces(module):
    pipeline = module.blank("en")
    pipeline.add_pipe("sentencizer")
    return lambda text: [sentence.text for sentence in pipeline(text).sents]


def blingfire_pieces(module):
    return lambda text: [text[a:b] for a, b in module.text_to_sentences_and_offsets(text)[1]]


SPLITTERS = {
    "sentencex": ("sentencex", lambda module: lambda text: module.segment("en", text)),
    "blingfire": ("blingfire", blingfire_pieces),
    "pysbd": ("pysbd", lambda module: module.Segmenter(language="en", clean=False).segment),
    "segtok": ("segtok.segmenter", lambda module: module.split_single),
    "syntok": ("syntok.segmenter", syntok_pieces),
    "spacy": ("spacy", spacy_pieces),
}


def truth(study: Study, originals: Path) -> list[tuple[str, set[int]]]:
    """Each body paragraph with its inner boundaries, from its own start."""
    files = study.articles.set_index("slug")["original_file"]
    body = study.sentences[study.sentences["kind"] == "body"]
    paragraphs = []
    for (slug, _), group in body.groupby(["article", "passage"], sort=False):
        start, end = group["start"].min(), group["end"].max()
        text = re.sub(r"\s", " ", read_original(originals / files[slug])[start:end])
        paragraphs.append((text, {last - start for last in group["end"]} - {end - start}))
    return paragraphs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    paragraphs = truth(Study("data"), arguments.originals)
    everything = " ".join(text for text, _ in paragraphs)
    rows = []
    for name, (module, make) in SPLITTERS.items():
        try:
            split = make(importlib.import_module(module))
        except ImportError:
            print(f"{name}: not installed, left out")
            continue
        found = [(ends(text, split(text)) - {len(text)}, gold) for text, gold in paragraphs]
        right = sum(len(have & gold) for have, gold in found)
        wrong, missed = sum(len(have - gold) for have, gold in found), sum(len(gold - have) for have, gold in found)
        begin = time.perf_counter()
        list(split(everything))
        speed = len(everything) / 1e6 / (time.perf_counter() - begin)
        precision, recall = right / (right + wrong), right / (right + missed)
        rows.append(
            {
                "splitter": name,
                "version": importlib.metadata.version(name),
                "boundaries": right + missed,
                "right": right,
                "wrong": wrong,
                "missed": missed,
                "precision": round(precision, 3),
                "recall": round(recall, 3),
                "f1": round(2 * precision * recall / (precision + recall), 3),
                "megabytes_per_second": round(speed, 2),
            }
        )
    table = pd.DataFrame(rows).sort_values(["f1", "splitter"], ascending=[False, True])
    print(table.to_string(index=False))
    if arguments.write:
        table.drop(columns="megabytes_per_second").to_csv(arguments.write, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
