"""Measure the rule coder: rate against spaCy, growth with the text, memory, hostile sentences, speed-up by a second worker.

Rates are megabytes of text per second of processor time, so that other work on the machine counts little; the speed-up is in
seconds of wall-clock time on an otherwise idle machine. Text is generated, with a seed, from the actors and phrases of the study.
spaCy gets the same actor names (EntityRuler) and motive phrases (SpanRuler), as strings where they have no wildcard, and does
nothing else; the coder codes in full. Writes coder.csv, coder.svg and coder.png.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from claimtrace.plain import read_yaml
from claimtrace.rules import Coder, Rulebook, code_text
from claimtrace.study import Study

_PLAIN = """the a of and in to was for on with that by as it at from has had were this not but are which an been its their after
    before under over year month road river market harvest teacher school letter table window garden winter summer paper
    story music house village long short early late small large quiet common local often never slowly almost together
    walked wrote opened carried watched waited returned built counted found"""
PLAIN = _PLAIN.split()
LINKS = (
    "seeks to",
    "wants",
    "fears",
    "is interested in",
    "is worried about",
    "hopes for",
    "met",
    "supports",
    "said that it needs",
)
SIZES = (0.5, 1.0, 2.0, 4.0)
#: Characters of the longest sentence that the coder takes as one.
LONGEST = 2000


class Grammar:
    """Sentences in the vocabulary of a study, the same for the same seed."""

    def __init__(self, study: Study, seed: int = 0):
        self.random = random.Random(seed)
        own = read_yaml(study.root / "codebook" / "indicators.yaml")
        self.actors = {actor: names for actor, entry in study.codebook.actors.items() if (names := aliases(entry))}
        self.phrases = [
            str(phrase)
            for part in ("motives", "acts")
            for found in own.get(part, {}).values()
            for phrase in found or []
        ]
        self.everyone = [name for names in self.actors.values() for name in names]

    def name(self, wanted: str = "") -> str:
        return self.random.choice(self.actors.get(wanted, self.everyone))

    def words(self, count: int) -> str:
        return " ".join(self.random.choice(PLAIN) for _ in range(count))

    def phrase(self, phrase: str) -> str:
        """Words that a phrase of the rules matches."""
        made = []
        for part in phrase.split():
            if part.startswith(".."):
                made.append(self.words(self.random.randint(0, int(part[2:] or 3))))
                continue
            word = self.random.choice(part.split("|"))
            made.append(self.name(word[1:]) if word.startswith("^") else word.rstrip("*"))
        return " ".join(part for part in made if part)

    def sentence(self, dense: float) -> str:
        draw = self.random
        if draw.random() > dense:
            text = self.words(draw.randint(6, 25))
        else:
            text = f"{self.name()} {draw.choice(LINKS)} {self.phrase(draw.choice(self.phrases))} {self.words(draw.randint(2, 9))}"
            if draw.random() < 0.3:
                text += f" and {self.name()}, in {draw.randint(1990, 2025)}"
        return text[0].upper() + text[1:] + "."

    def paragraphs(self, megabytes: float, dense: float = 0.4):
        """Lines of three to eight sentences, of so many megabytes together.

        Args:
            dense: share of sentences that name an actor and use a phrase.
        """
        written = 0
        while written < megabytes * 1e6:
            line = " ".join(self.sentence(dense) for _ in range(self.random.randint(3, 8)))
            written += len(line.encode()) + 1
            yield line


def aliases(entry: dict) -> list[str]:
    return [str(alias["text"] if isinstance(alias, dict) else alias) for alias in entry.get("aliases") or []]


def seconds(call, repeat: int = 2) -> float:
    """The shortest of some runs, in seconds of processor time."""
    found = []
    for _ in range(repeat):
        begin = time.process_time()
        call()
        found.append(time.process_time() - begin)
    return min(found)


# --- spaCy -------------------------------------------------------------------------------------------------------------


def pipeline(spacy, study: Study):
    """spaCy's sentencizer, with rulers that hold the names and the motive phrases of the study."""
    own, book = read_yaml(study.root / "codebook" / "indicators.yaml"), study.codebook
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    names = []
    listed = [(actor, name) for actor, entry in book.actors.items() for name in aliases(entry)]
    listed += [(actor, name) for actor, more in own.get("aliases", {}).items() for name in aliases({"aliases": more})]
    for actor, name in listed:
        names += [{"label": actor, "pattern": form} for form in dict.fromkeys([name, name[0].upper() + name[1:]])]
    nlp.add_pipe("entity_ruler").add_patterns(names)
    spans = []
    for code, phrases in own["motives"].items():
        for phrase in map(str, phrases or []):
            plain = not re.search(r"[*|^]|\.\.", phrase)
            pattern = phrase if plain else [token for part in phrase.split() for token in tokens(part, book)]
            spans.append({"label": str(code), "pattern": pattern})
    nlp.add_pipe("span_ruler", config={"phrase_matcher_attr": "LOWER"}).add_patterns(spans)
    return nlp


def tokens(part: str, book) -> list[dict]:
    """Token patterns of spaCy for an element of a phrase."""
    if part.startswith(".."):
        return [{"OP": "?"}] * int(part[2:] or 3)
    words = part.lower().split("|") if "^" not in part else part.split("|")
    if words[0].startswith("^"):
        wanted = {word[1:] for word in words}
        actors = [a for a in book.actors if wanted & {"", a, book.roll_up(a), book.actor_type(a)}]
        return [{"ENT_TYPE": {"IN": actors}}]
    if any(word.endswith("*") for word in words):
        stems = "|".join(re.escape(word[:-1]) if word.endswith("*") else re.escape(word) + "$" for word in words)
        return [{"LOWER": {"REGEX": f"^(?:{stems})"}}]
    return [{"LOWER": {"IN": words} if len(words) > 1 else words[0]}]


def mentions(coder: Coder, line: str) -> set[tuple[int, int, str]]:
    """Actors that the coder finds in a line: start, end, id."""
    scan = coder.rules.lexicon.scan(line, 0, len(line), "2020-01-01")
    return {(scan.starts[at], scan.ends[at], scan.words[at].actors[0]) for at in scan.mentions}


def difference(
    line: str, found: tuple[int, int, str], others: set, masks: list[str], bounded: set[str], by_coder: bool
) -> str:
    """Why only one of the two found an actor."""
    start, end, _ = found
    close = [other for other in others if other[0] < end and start < other[1]]
    if any((a, b) == (start, end) for a, b, _ in close):
        return (
            "a name of several actors, told apart by date" if line[start:end] in bounded else "a name of several actors"
        )
    if close:
        return "the other takes a longer or shorter name"
    if by_coder:
        return "spaCy's tokens do not divide there"
    if re.search(r"\w[-‐‑–]$", line[:start]) or re.match(r"[-‐‑–]\w", line[end:]):
        return "within a compound (anti-..., non-...)"
    if any(mask in line[max(start - 40, 0) : end + 40] and line[start:end] in mask for mask in masks):
        return "part of a name that is no actor"
    return "a name outside its dates" if line[start:end] in bounded else "other"


def compare(coder: Coder, nlp, study: Study, lines: list[str]) -> list[dict]:
    """Actor mentions of both, and the differences by kind."""
    own = read_yaml(study.root / "codebook" / "indicators.yaml")
    masks = [str(mask) for mask in own.get("not_actors", [])]
    every = [alias for entry in study.codebook.actors.values() for alias in entry.get("aliases") or []]
    every += [alias for more in own.get("aliases", {}).values() for alias in more]
    bounded = {str(alias["text"]) for alias in every if isinstance(alias, dict)}
    counts, shown = Counter(), {}
    for line, doc in zip(lines, nlp.pipe(lines), strict=True):
        ours = mentions(coder, line)
        theirs = {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}
        counts["both", ""] += len(ours & theirs)
        for side, only, others in (("coder only", ours - theirs, theirs), ("spaCy only", theirs - ours, ours)):
            for found in only:
                key = side, difference(line, found, others, masks, bounded, side == "coder only")
                counts[key] += 1
                shown.setdefault(key, f"{line[max(found[0] - 12, 0) : found[1] + 12]} ({found[2]})")
    return [
        row("actor mentions", ": ".join(filter(None, key)), count, "mentions", note=shown.get(key, ""))
        for key, count in counts.most_common()
    ]


# --- the coder alone ---------------------------------------------------------------------------------------------------


def hostile(grammar: Grammar, length: int) -> dict[str, str]:
    """Sentences made to be slow, of ``length`` characters."""
    gapped = sorted((p for p in grammar.phrases if ".." in p), key=lambda p: -len(p)) or grammar.phrases
    heads = [phrase.split()[0].split("|")[0].rstrip("*").replace("^", "") for phrase in gapped]
    kinds = {
        "heads of phrases with wildcards": heads,
        "phrases with gaps never closed": [f"{head} {grammar.words(2)}" for head in heads],
        "one head again and again": heads[:1],
        "a list of actors": [f"{name}, " for name in grammar.everyone],
        "actors and links": [f"{name} {link}" for name, link in zip(grammar.everyone, LINKS * 99, strict=False)],
        "whole phrases": [f"{grammar.name()} {grammar.phrase(phrase)} because" for phrase in grammar.phrases],
        "commas and quotation marks": ["“ , ” ; — (", "said it to to by"],
        "numbers and months": ["12,000", "May 2015", "between 3 and 4 million", "since"],
    }
    made = {}
    for kind, pieces in kinds.items():
        text = ""
        while len(text) < length:
            text += " ".join(pieces) + " "
        made[kind] = text[:length]
    return made


def command(source: Path, out: Path, study: Path, *options: str) -> tuple[float, float]:
    """Wall-clock seconds and resident megabytes of ``claimtrace code``."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    arguments = [sys.executable, "-m", "claimtrace", "code", source, "--out", out, "--study", study, *options]
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"claimtrace code failed: {message.decode()}")
    # Kilobytes on Linux, bytes on macOS.
    return time.perf_counter() - begin, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def written(path: Path, lines) -> Path:
    """Lines as JSONL, ten a text."""
    with path.open("w", encoding="utf-8") as handle:
        text = []
        for line in lines:
            text.append(line)
            if len(text) == 10:
                handle.write(json.dumps({"text": "\n".join(text)}) + "\n")
                text = []
        handle.write(json.dumps({"text": "\n".join(text) or "."}) + "\n")
    return path


def row(measure: str, case: str, value: float, unit: str, megabytes: float | str = "", note: str = "") -> dict:
    return {"measure": measure, "case": case, "megabytes": megabytes, "value": value, "unit": unit, "note": note}


def rates(coder: Coder, study: Study, grammar: Grammar) -> list[dict]:
    digest = [
        " ".join(p.split())
        for path in sorted(study.digests.glob("*.md"))
        for p in path.read_text("utf-8").split("\n\n")
    ]
    texts = {"digests": [line for line in digest if line], "generated": list(grammar.paragraphs(0.5))}
    try:
        import spacy

        nlp = pipeline(spacy, study)
    except ImportError:
        print("spaCy is not installed: no comparison", file=sys.stderr)
        nlp = None
    rows = []
    for name, lines in texts.items():
        text = "\n".join(lines)
        size = len(text.encode()) / 1e6
        own = size / seconds(lambda text=text: code_text(coder, text, "x"))
        rows.append(row("rate", f"coder, {name}", own, "MB/s and core", size))
        if nlp:
            other = size / seconds(lambda lines=lines: list(nlp.pipe(lines)))
            rows.append(row("rate", f"spaCy, {name}", other, "MB/s and core", size, f"version {spacy.__version__}"))
            rows.append(row("rate", f"coder to spaCy, {name}", own / other, "times", size))
            rows += [found | {"case": f"{name}, {found['case']}"} for found in compare(coder, nlp, study, lines)]
    return rows


def growth(coder: Coder, study: Study) -> list[dict]:
    rows = []
    for size in SIZES:
        text = "\n".join(Grammar(study, 1).paragraphs(size))
        spent = seconds(lambda text=text: code_text(coder, text, "x"), 1)
        rows.append(row("growth", f"{size:g} MB", spent, "s", size, f"{spent / size:.2f} s/MB"))
    return rows


def bounds(coder: Coder, study: Study) -> list[dict]:
    rows = []
    for length in (LONGEST // 2, LONGEST):
        for kind, text in hostile(Grammar(study, 2), length).items():
            spent = seconds(lambda text=text: code_text(coder, text, "x"), 3)
            rows.append(row("hostile sentence", kind, spent * 1000, "ms", length / 1e6, f"{length} characters"))
    return rows


def memory(study: Study, folder: Path, megabytes: float) -> list[dict]:
    source = written(folder / "large.jsonl", Grammar(study, 3).paragraphs(megabytes, 0.05))
    spent, resident = command(source, folder / "large.parquet", study.root)
    return [
        row("memory", f"{megabytes:g} MB, JSONL", resident, "MB resident", megabytes),
        row("memory", f"{megabytes:g} MB, JSONL: time", spent, "s", megabytes, "one sentence in twenty names an actor"),
    ]


def speed_up(study: Study, folder: Path, megabytes: float) -> list[dict]:
    source = written(folder / "s.jsonl", Grammar(study, 4).paragraphs(megabytes))
    little = written(folder / "l.jsonl", ["A text."])
    rows, working = [], {}
    for workers in (1, 2):
        options = ("--workers", str(workers), "--partition", str(megabytes / 16))
        begin, _ = command(little, folder / "l.csv", study.root, *options)
        spent, _ = command(source, folder / f"s{workers}.csv", study.root, *options)
        working[workers] = spent - begin
        rows.append(row("workers", f"{workers}", spent, "s", megabytes, f"{begin:.1f} s of them to begin and end"))
    if (folder / "s1.csv").read_bytes() != (folder / "s2.csv").read_bytes():
        sys.exit("two workers wrote other rows than one")
    rows.append(
        row("workers", "speed-up from 1 to 2, without begin and end", working[1] / working[2], "times", megabytes)
    )
    return rows


def draw(table: pd.DataFrame, folder: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    panels = (
        ("rate", table["unit"] == "MB/s and core", "megabytes a second and core"),
        (
            "hostile sentence",
            table["megabytes"] == LONGEST / 1e6,
            f"milliseconds for a sentence of {LONGEST} characters",
        ),
        ("workers", table["unit"] == "s", "seconds of wall-clock time, by workers"),
    )
    for axis, (measure, which, title) in zip(axes.flat, panels, strict=False):
        chosen = table[(table["measure"] == measure) & which]
        axis.barh(chosen["case"], chosen["value"], color="#4477aa")
        axis.invert_yaxis()
        axis.set_title(title, loc="left", fontsize=10)
    chosen = table[table["measure"] == "growth"]
    axes.flat[3].plot(chosen["megabytes"], chosen["value"], marker="o", color="#4477aa")
    axes.flat[3].set(xlim=0, ylim=0, xlabel="megabytes of text")
    axes.flat[3].set_title("seconds to code", loc="left", fontsize=10)
    for kind in ("svg", "png"):
        figure.savefig(folder / f"coder.{kind}", dpi=120)


def three_digits(value: float) -> str:
    """A plain number, as the study's tables hold them."""
    return np.format_float_positional(float(f"{value:.3g}"), trim="-")


def keep(table: pd.DataFrame, path: Path) -> None:
    """Put what was measured into a table of figures; what was not measured now stays there."""
    table = table[table["measure"] != "actor mentions"].drop(columns="megabytes")
    table = table.assign(value=table["value"].map(three_digits))
    if path.is_file():
        before = pd.read_csv(path, dtype=str, keep_default_na=False)
        table = pd.concat([before[~before["measure"].isin(table["measure"])], table])
    table.to_csv(path, index=False, lineterminator="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=Path("data"))
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the results")
    parser.add_argument(
        "--memory", type=float, default=100, help="megabytes of the large input; 1000 takes twenty minutes or more"
    )
    parser.add_argument("--workers", type=float, default=40, help="megabytes of the input for the speed-up")
    parser.add_argument("--only", nargs="*", help="rate, growth, hostile, memory, workers; the default is all")
    parser.add_argument("--write", type=Path, help="keep the table in this file too, as notebook 09 shows it")
    arguments = parser.parse_args()
    study = Study(arguments.study)
    coder, grammar = Coder(Rulebook(study)), Grammar(study)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts = {
            "rate": lambda: rates(coder, study, grammar),
            "growth": lambda: growth(coder, study),
            "hostile": lambda: bounds(coder, study),
            "memory": lambda: memory(study, folder, arguments.memory),
            "workers": lambda: speed_up(study, folder, arguments.workers),
        }
        rows = []
        for name, part in parts.items():
            if not arguments.only or name in arguments.only:
                found = part()
                rows += found
                print(pd.DataFrame(found).round(3).to_string(index=False, header=False), flush=True)
    table = pd.DataFrame(rows)
    table.to_csv(arguments.out / "coder.csv", index=False, lineterminator="\n", float_format="%.4f")
    if arguments.write:
        keep(table, arguments.write)
    draw(table, arguments.out)
    print(f"{arguments.out / 'coder.csv'}, coder.svg and coder.png written")


if __name__ == "__main__":
    main()
