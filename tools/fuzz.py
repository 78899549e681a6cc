"""Damages every input file of a study in every way that files get damaged, and sees what the library makes of it.

    python tools/fuzz.py [--number N] [--seed S] [--study FOLDER] [--workers N] [--verbose]

Each mutation must be **read the same** (every number of every exhibit is as before) or **refused** with one message that names the
file, the place and a remedy. A number may change in one case only: the mutation is an edit that anybody could have meant, such as
another date of publication in a file that is otherwise as it should be; these are counted apart. What must not happen is counted
as a fault: a traceback, a number changed by anything else, more than a gigabyte, more than ten seconds of processor time (or, where the
undamaged study takes that much itself, twice its time), a file written, a connection opened or a program started.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES = 10, 1000

#: What a process holds from case to case: its copy of the study, the numbers that it gives undamaged, the watch.
_STATE: dict = {}

# --- mutations: each takes a source of chance and the bytes of a file, and gives other bytes --------------------------------


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


def _table(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _spot(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _some_cell(chance: random.Random, data: bytes, change, only: str = "") -> bytes:
    """The table with one cell (of a column whose name matches) changed."""
    rows = _rows(data)
    columns = [n for n, name in enumerate(rows[0]) if re.search(only, name)] or list(range(len(rows[0])))
    row = chance.randrange(1, len(rows))
    column = chance.choice(columns)
    rows[row][column] = change(rows[row][column])
    return _table(rows)


def _some_word(chance: random.Random, data: bytes, change) -> bytes:
    """The text with one word changed."""
    text = data.decode("utf-8")
    found = list(re.finditer(r"[A-Za-z][\w-]*", text))
    if not found:
        return data + change("x").encode("utf-8", "surrogatepass")
    match = chance.choice(found)
    return (text[: match.start()] + change(match[0]) + text[match.end() :]).encode("utf-8", "surrogatepass")


def _anywhere(chance: random.Random, data: bytes, change, kind: str, only: str = "") -> bytes:
    return _some_cell(chance, data, change, only) if kind == "csv" else _some_word(chance, data, change)


def bytes_(chance, data, kind):
    spot, length = _spot(chance, data), chance.choice([1, 1, 2, 8, 200])
    return chance.choice(
        [
            lambda: data[:spot] + bytes([chance.randrange(256)]) + data[spot + 1 :],
            lambda: data[:spot] + data[spot + length :],
            lambda: data[:spot] + data[spot : spot + length] + data[spot:],
            lambda: data[:spot],
            lambda: data[:spot] + chance.randbytes(length) + data[spot:],
            lambda: data[spot:],
            lambda: b"",
        ]
    )()


def encodings(chance, data, kind):
    text = data.decode("utf-8")
    spot = _spot(chance, data)
    return chance.choice(
        [
            lambda: text.encode("utf-16"),
            lambda: text.encode("utf-16-be"),
            lambda: text.encode("utf-32"),
            lambda: (text + " é").encode("latin-1", "replace"),
            lambda: (text + " “é”").encode("cp1252", "replace"),
            lambda: text.encode("utf-7"),
            lambda: data[:spot] + b"\xc0\xaf" + data[spot:],
            lambda: data[:spot] + b"\xed\xa0\x80" + data[spot:],
            lambda: data[:spot] + b"\xff" + data[spot:],
            lambda: text.encode("cp037", "replace"),
            lambda: data[:spot] + "é".encode().decode("latin-1").encode("utf-8") + data[spot:],
        ]
    )()


def marks(chance, data, kind):
    return chance.choice(
        [b"\xef\xbb\xbf" + data, b"\xef\xbb\xbf" * 2 + data, data + b"\xef\xbb\xbf", b"\xff\xfe" + data]
    )


def line_ends(chance, data, kind):
    some = [line.replace(b"\n", b"\r\n") if chance.random() < 0.5 else line for line in _lines(data)]
    other = chance.choice(["\u2028", "\x85", "\x0b", "\x0c"]).encode("utf-8")
    return chance.choice(
        [data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\r"), b"".join(some), data.replace(b"\n", b"\n\n"), data.replace(b"\n", other), data.rstrip(b"\n"), data + b"\n\n", data.replace(b"\n", b"\r\r\n")]
    )  # fmt: skip


def nul(chance, data, kind):
    spot = _spot(chance, data)
    return chance.choice([data[:spot] + b"\0" + data[spot:], data + b"\0", b"\0" * 64 + data, data[:spot] + b"\x1a" + data[spot:], data[:spot] + b"\x1b[2J" + data[spot:]])  # fmt: skip


def columns(chance, data, kind):
    rows = _rows(data)
    n = chance.randrange(len(rows[0]))
    other = chance.randrange(len(rows[0]))

    def renamed(name):
        return _table([[*rows[0][:n], name, *rows[0][n + 1 :]], *rows[1:]])

    def ragged():
        rows[chance.randrange(1, len(rows))].append("more")
        return _table(rows)

    def short():
        rows[chance.randrange(1, len(rows))].pop()
        return _table(rows)

    return chance.choice(
        [
            lambda: _table([row[:n] + row[n + 1 :] for row in rows]),
            lambda: _table([[*row, row[n]] for row in rows]),
            lambda: _table([[*row, "x"] for row in rows]),
            lambda: renamed(rows[0][n].upper()),
            lambda: renamed(rows[0][n] + " "),
            lambda: renamed(""),
            lambda: renamed(rows[0][other]),
            lambda: _table([[*row[n:], *row[:n]] for row in rows]),
            lambda: _table(rows[:1]),
            lambda: _table(rows[1:]),
            lambda: data.replace(b",", b";"),
            lambda: data.replace(b",", b"\t"),
            ragged,
            short,
        ]
    )()


_ODD = ["many", "1.5", "-7", "NaN", "inf", "1e400", "9" * 30, "9" * 5000, "0x1F", "١٢٣", "１２", "true", "null", "[]", "{}", "2021-13-45", " ", "-", "1,5", "1_000", "+5", "None", "#N/A", "..", "y", ""]  # fmt: skip


def types(chance, data, kind):
    odd = chance.choice(_ODD)
    if kind == "csv":
        return _some_cell(chance, data, lambda cell: odd)
    if kind == "yaml":
        lines = data.decode("utf-8").split("\n")
        spots = [n for n, line in enumerate(lines) if re.match(r"\s*(- )?[\w-]+: ?\S*", line)]
        n = chance.choice(spots)
        value = chance.choice([*_ODD, "[1, 2]", "{a: 1}", "~", "yes", "0o17", "1:30", "!!str 5", "|", "2021-08-15"])
        lines[n] = re.sub(r"(:)( .*)?$", lambda m: f": {value}", lines[n], count=1)
        return "\n".join(lines).encode("utf-8")
    return _some_word(chance, data, lambda word: odd)


def duplicates(chance, data, kind):
    lines = _lines(data)
    n = chance.randrange(1 if kind == "csv" else 0, len(lines))
    return b"".join([*lines[: n + 1], lines[n], *lines[n + 1 :]])


def dangling(chance, data, kind):
    change = chance.choice([lambda w: w + "x", lambda w: w[:-1], lambda w: w.swapcase(), lambda w: "NOBODY", lambda w: w + ";NOBODY", lambda w: w + ";"])  # fmt: skip
    return _anywhere(chance, data, change, kind, "id|article|sentence|passage|subject|target|claimant|slug|prop|justifies|rule|event|motive|participants|coding")  # fmt: skip


def rows(chance, data, kind):
    lines = _lines(data)
    head, body = (lines[:1], lines[1:]) if kind == "csv" else ([], lines)
    a, b = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    mixed = body[:]
    chance.shuffle(mixed)
    return b"".join(
        head + chance.choice([body[:a] + body[a + 1 :], body[:a] + body[b:], body[::-1], mixed, body + body])
    )


def cycles(chance, data, kind):
    if kind == "yaml":
        text = data.decode("utf-8")
        names = re.findall(r"^  ([A-Z_]+):", text, re.MULTILINE) or ["A", "B"]
        a, b = chance.choice(names), chance.choice(names)
        text = re.sub(rf"^  {a}: \{{", f"  {a}: {{part_of: {b}, ", text, flags=re.MULTILINE)
        text = re.sub(rf"^  {b}:\n", f"  {b}:\n    part_of: {a}\n", text, flags=re.MULTILINE)
        extra = chance.choice(["", "", "\nx: &x [*x]\n", "\nx: &x {y: *x}\n", "\nx: &a [&b [*a, *b]]\n"])
        return (text + extra).encode("utf-8")
    names = [row[0] for row in _rows(data)[1:]]
    return _some_cell(chance, data, lambda cell: chance.choice(names), "prop_id|justifies|event_id|claim_id")


_BOMB = "\n".join(["b0: &b0 [x, x, x, x, x, x, x, x, x]", *(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 10))])  # fmt: skip


def yaml_tags(chance, data, kind):
    tags = ["!!python/object/apply:os.system [echo]", "!!python/name:os.system", "!!python/object/new:os.system [echo]", "!!binary aGk=", "!!set {a, b}", "!!timestamp 2021-99-99", "!!int many", "!!omap [a: 1]", "!custom {a: 1}", "!!float x", "!!bool maybe", "!!null x", "!!python/tuple [1, 2]"]  # fmt: skip
    deep = chance.choice([50, 900, 20_000])
    extra = chance.choice([f"x: {chance.choice(tags)}", _BOMB, f"x: {'[' * deep}{']' * deep}", f"x: {'{a: ' * deep}1{'}' * deep}", "<<: {title: other}", "x: *nowhere", "x: &a 1\ny: &a 2", "%YAML 9.9", "---\nx: 1", "...\nmore", "? [a, b]\n: c", "? {a: b}\n: c", "1: one", "null: x", "true: x", "\tx: 1", "x: 'open", 'x: "\\xZZ"', "- x", "x: " + "9" * 6000, "focus: &f GUILD"])  # fmt: skip
    return data + b"\n" + extra.encode("utf-8") if chance.random() < 0.7 else extra.encode("utf-8") + b"\n" + data


_PATHS = ["../../etc/passwd", "/etc/passwd", "..", ".", "a/b", "a\\b", "C:\\x", "~", "$(touch pwned)", "`touch pwned`", "%2e%2e", "x" * 300, "con", "-rf", "x y", "$HOME", "a;touch pwned", "file:///etc/passwd", "\\\\host\\share", "pwned\n", "../build/x"]  # fmt: skip


def paths(chance, data, kind):
    path = chance.choice(_PATHS)
    if kind == "csv":
        return _some_cell(
            chance, data, lambda cell: path, "slug|original_file|article|passage|sentence|claim_id|event_id|subject"
        )
    text = data.decode("utf-8")
    keys = list(re.finditer(r"^( *)([\w-]+)(?=:)|(?<=\[)([\w, ]+)(?=\])|^\[(p\d\d)\]", text, re.MULTILINE))
    if not keys:
        return _some_word(chance, data, lambda word: path)
    match = chance.choice(keys)
    inner = next(group for group in (match[2], match[3], match[4]) if group)
    return text.replace(inner, json.dumps(path), chance.choice([1, -1])).encode("utf-8")


def enormous(chance, data, kind):
    size = chance.choice([25_000, 140_000, 1_000_000, 200_000 if _STATE.get("quick") else 20_000_000])
    filler = chance.choice(["x", "9", "a;", '"', "é", "x "])
    return _anywhere(chance, data, lambda word: word + filler * (size // len(filler.encode())), kind)


_UNSEEN = ["\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\ufeff", "\u2060", "\u00a0", "\u3000", "\u200f", "\u061c", "\U000e0041", "\ue000", "\ufffd", "\ufe0f", "\x7f", "\u0301"]  # fmt: skip
_ALIKE = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у", "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "K": "К", "M": "М", "O": "О", "P": "Р", "T": "Т", "X": "Х", "S": "Ѕ", "I": "І"}  # fmt: skip


def look_alikes(chance, data, kind):
    def unseen(word):
        spot = chance.randrange(len(word) + 1)
        return word[:spot] + chance.choice(_UNSEEN) + word[spot:]

    def alike(word):
        spots = [n for n, letter in enumerate(word) if letter in _ALIKE]
        if not spots:
            return word + "\u200b"
        n = chance.choice(spots)
        letter = chance.choice(
            [_ALIKE[word[n]], chr(ord(word[n]) + 0xFEE0), chr(0x1D41A + (ord(word[n].lower()) - 97))]
        )
        return word[:n] + letter + word[n + 1 :]

    return _anywhere(chance, data, chance.choice([unseen, alike]), kind)


def formulas(chance, data, kind):
    begin = chance.choice(
        ["=", "+", "-", "@", "\t=", "=cmd|' /C calc'!A0 ", '=HYPERLINK("x")&', "-2+3+cmd|' '!A0 ", "@SUM(1) "]
    )
    return _anywhere(chance, data, lambda word: begin + word, kind)


def quotes(chance, data, kind):
    spot = _spot(chance, data)
    mark = chance.choice(
        [
            b'"',
            b"'",
            b'""',
            b'","',
            b"\\",
            b"\n",
            b'"\n',
            b",",
            b": ",
            b"#",
            b"[",
            b"]",
            b"{",
            b"-",
            b"[p01]",
            b"<script>",
        ]
    )
    return data[:spot] + mark + data[spot:]


TABLE = [bytes_, encodings, marks, line_ends, nul, columns, types, duplicates, dangling, rows, cycles, paths, enormous, look_alikes, formulas, quotes]  # fmt: skip
YAML = [bytes_, encodings, marks, line_ends, nul, types, duplicates, dangling, rows, cycles, yaml_tags, paths, enormous, look_alikes, quotes]  # fmt: skip
TEXT = [
    bytes_,
    encodings,
    marks,
    line_ends,
    nul,
    types,
    duplicates,
    rows,
    paths,
    enormous,
    look_alikes,
    formulas,
    quotes,
]
KINDS = {"csv": TABLE, "yaml": YAML, "worksheet": YAML, "words": YAML, "points": TABLE, "digest": TEXT, "original": TEXT, "json": TEXT, "notebook": TEXT, "manifest": TEXT}  # fmt: skip
#: Damage after which a file may still be what somebody meant; after any other a changed number is a fault.
EDITS = {"bytes_", "types", "dangling", "cycles", "rows", "quotes", "duplicates", "enormous", "paths"}

#: Parameters of notebooks, each with what might be given.
PARAMETERS = ["edition", "coding", "one", "other", "unit", "scope", "voice", "motive_polarity", "period", "articles", "actors", "actor", "codings", "units", "scopes", "voices", "strengths", "weightings", "explicit_only", "minimum", "draws", "passage", "study", "build", "nonsense"]  # fmt: skip
_VALUES = [*_ODD, *_PATHS, "[SELF]", "[OWN]", "[[a]]", "{a: b}", "[1, 2]", "[claims]", "claims", "SELF;OWN", "5", "-1", "0", "99999999999", "1.5", "yes", "[", "&a [*a]", "!!python/name:os.system", "аll", "\u202ex", "\0", "=1+1", "headline", "[headline]", "digest", "[all]", _BOMB]  # fmt: skip


# --- what is done with a damaged file ----------------------------------------------------------------------------------


class Refused(Exception):
    """The library said no, as it should."""


def numbers(root: Path, quick: bool = True) -> dict[str, str]:
    """Every number of every exhibit of a study, as the notebooks make them."""
    from claimtrace import agreement, claims, compare, events, exhibits, relations, robustness
    from claimtrace.study import Study

    study = Study(root)
    table = claims.load(study)
    scope = study.settings["headline_scope"]
    passes = study.settings.get("passes", [])

    def held(coding: str):
        return compare.motives_of(claims.select(claims.load(study, coding), scope=scope), study)

    own, others = held("claims"), [held(name) for name in passes]
    found = events.summary(study, table)
    acts = relations.acts(table, study)
    ties = relations.ties(acts, study, table)
    made = [
        exhibits.corpus(study),
        exhibits.claims_per_article(study, table),
        exhibits.claim_types(study, table),
        exhibits.motives(study, own, minimum=1, passes=others),
        exhibits.motives_before_after(study, own, minimum=1, passes=others),
        exhibits.motives_by_article(study, own, passes=others),
        exhibits.voices(study, own, minimum=1),
        exhibits.change(study, own, minimum=1),
        exhibits.sought(study, compare.sought_from(table, study), minimum=1),
        exhibits.time_line(study, found),
        exhibits.corroboration(study, found),
        exhibits.contested(study, found, events.versions(study, table)),
        exhibits.network(study, ties, acts),
        exhibits.tie_matrix(study, ties),
        exhibits.tie_changes(study, ties, acts, 1),
    ]
    for actor in compare.profiles(table, study)["actor"].head(3):
        subject = claims.with_list(table, "subject", study)
        made.append(exhibits.profile(study, actor, subject[subject["actor"] == actor]))
    tables = {exhibit.name: exhibit.table for exhibit in made}
    if len(passes) == 2:
        first, second = (claims.load(study, name) for name in passes)
        tables["reliability"] = agreement.reliability(first, second, study, 2)
    declared = {"coding": ["claims", *passes], "unit": ["claims", "articles"], "scope": [scope, "all"], "voice": ["all"], "strength": ["all"], "weighting": ["full", "divided"]}  # fmt: skip
    actors = compare.ranked(own, "actor")[:7]
    if actors:
        tables["robustness"] = robustness.run(study, robustness.grid(study, declared), actors).drop(columns="spec")
    return {name: _digits(table) for name, table in tables.items()}


def _digits(table) -> str:
    """The numbers of a table, in an order that no label decides."""
    kept = table.select_dtypes("number").round(9)
    return "\n".join([",".join(kept.columns), *sorted(",".join(map(repr, row)) for row in kept.to_numpy().tolist())])


def study_(root: Path, name: str):
    from claimtrace.check import problems
    from claimtrace.errors import StudyError
    from claimtrace.study import Study

    if found := problems(Study(root)):
        raise StudyError.of(found)
    if _STATE.get("quick"):
        # All numbers follow from what was read; where that is the same they need not be counted again.
        content = _content(root)
        if _STATE.setdefault("content", content) == content and "study" in _STATE["before"]:
            return _STATE["before"]["study"]
    return numbers(root)


def _content(root: Path) -> dict[str, str]:
    """Every file that numbers follow from, as the library reads it."""
    from claimtrace.corpus import read_digest
    from claimtrace.plain import read_yaml
    from claimtrace.study import read_table

    readers = {"csv": lambda path: read_table(path).to_csv(), "yaml": read_yaml, "digest": read_digest}
    return {name: repr(readers[kind](root / name)) for kind, name in targets(root) if kind in readers}


def worksheet(root: Path, name: str):
    from claimtrace.errors import StudyError
    from claimtrace.study import Study
    from claimtrace.worksheets import assemble

    study = Study(root)
    table, found = assemble(study, "pass_a", root / "raw" / "original", list(study.articles["slug"]))
    from claimtrace.claims import violations

    if found := found + violations(table, study, "pass_a.csv"):
        raise StudyError.of(found)
    return {"pass_a": table[["claim_id", "subject", "motive"]].to_csv()}


def original(root: Path, name: str):
    from claimtrace.corpus import index_sentences, passages
    from claimtrace.study import Study

    study = Study(root)
    return {"index": index_sentences(study, study.originals).to_csv(), "text": passages(study, "original").to_csv()}


def words(root: Path, name: str):
    """Words and points of the rule coder: other words give other proposals, so that only a refusal or a result is asked for."""
    from claimtrace.rules import Coder, Rulebook, code_text
    from claimtrace.study import Study

    study = Study(root)
    names = [entry["label"] for entry in study.codebook.actors.values()]
    code_text(Coder(Rulebook(study)), f"{', '.join(names)} met in 1703 because of it. They fear both, it is said.", "x")
    return {}


def package(root: Path, name: str):
    from claimtrace.check import _package_text
    from claimtrace.errors import StudyError
    from claimtrace.study import Study

    if found := _package_text(Study(root)):
        raise StudyError.of(found)
    return {}


def notebook(root: Path, name: str):
    from claimtrace import notebooks
    from claimtrace.errors import StudyError

    if found := notebooks.lint(root / name):
        raise StudyError.of(found)
    read = notebooks.read(root / name)
    return {
        "parameters": repr(notebooks.parameters_of(read)),
        "outputs": json.dumps([cell.get("outputs") for cell in read.cells]),
    }


def manifest_(root: Path, name: str):
    from claimtrace import manifest
    from claimtrace.errors import StudyError

    sums = manifest.read(root / name)
    built = _STATE.setdefault("built", sums)  # the undamaged manifest is read first
    if found := manifest.differences(built, sums):
        raise StudyError(f"{name}: value {found[0]}; run make verify")
    return {}


def parameters_(root: Path, name: str):
    from claimtrace.parameters import check_values
    from claimtrace.plain import parse_yaml
    from claimtrace.signature import check_names
    from claimtrace.study import Study

    key, value = json.loads((root / name).read_text(encoding="utf-8"))
    check_names({key}, set(PARAMETERS) - {"nonsense"})
    check_values(Study(root), {key: parse_yaml(value, f"-p {key}") if value else ""})
    return {}


USES = {"csv": study_, "yaml": study_, "digest": study_, "worksheet": worksheet, "original": original, "words": words, "points": words, "json": package, "notebook": notebook, "manifest": manifest_, "parameter": parameters_}  # fmt: skip


def targets(root: Path) -> list[tuple[str, str]]:
    """(kind, path in the folder) of every input file."""
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or "/README" in name or name.startswith("build/"):
            continue
        kind = {".csv": "csv", ".yaml": "yaml", ".json": "json", ".txt": "original", ".md": "digest", ".ipynb": "notebook", ".sha256": "manifest"}.get(path.suffix)  # fmt: skip
        if name.startswith("coding/worksheets/"):
            kind = "worksheet"
        kind = {"codebook/indicators.yaml": "words", "codebook/points.csv": "points"}.get(name, kind)
        if (
            (kind == "digest" and not name.startswith("raw/digest/"))
            or name.endswith("_v1.yaml")
            or name == "splitters.csv"
        ):
            continue
        if kind:
            found.append((kind, name))
    return found


# --- one case ----------------------------------------------------------------------------------------------------------

#: What the message of a refusal must hold: a place, and what to do.
_PLACE = re.compile(
    r"row|line|column|at |byte|key|value|cell|passage|SHA-256|missing|is empty|larger|no such|not a |expected|counts|-p "
)
_REMEDY = re.compile(
    r"must|use|remove|add|give|save|write|correct|run |rename|expected|look for|one of|shorten|need|change|choose|there are|fill|type|code it|"
    r"put |the keys are|is no |is not |say |take it|name|begin|cannot|different|mend|such as|not known|is missing|outside"
)  # fmt: skip


class Overtime(BaseException):
    """The case took too long."""


class Watch:
    """Notes every file written, program started and connection opened while it is on."""

    def __init__(self):
        self.on, self.seen = False, []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = (*arguments, None, None)[:3]
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))  # fmt: skip
            if writes and isinstance(path, str | bytes | os.PathLike) and "__pycache__" not in os.fsdecode(path):
                self.seen.append(f"writes {os.fsdecode(path)}")
        elif event in (
            "os.system",
            "subprocess.Popen",
            "os.exec",
            "os.posix_spawn",
            "socket.connect",
            "socket.getaddrinfo",
            "os.remove",
            "os.rename",
            "os.mkdir",
            "shutil.rmtree",
        ):
            self.seen.append(f"{event} {arguments!r}"[:200])


def _begin(study: str, extra: list[str]) -> None:
    """Makes a worker ready: a copy of the study, and the numbers that it gives undamaged."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    root = folder / "data"
    shutil.copytree(study, root, ignore=shutil.ignore_patterns("README.md", "__pycache__"))
    for path in extra:
        shutil.copy(path, root)
    _STATE.update(root=root, folder=folder, watch=Watch(), before={})
    import matplotlib.font_manager  # noqa: F401  (its cache is written on the first import)

    def late(*_):
        raise Overtime

    signal.signal(signal.SIGPROF, late)


def _forget_peak() -> None:
    """Begin to measure the largest memory anew: that of a case, not of what the process did before it."""
    with contextlib.suppress(OSError):  # Linux only; elsewhere the peak is that of the process so far
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """The largest memory since then, in MB."""
    with contextlib.suppress(OSError, AttributeError):
        return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _undamaged(kind: str, name: str):
    group = kind if kind in ("csv", "yaml", "digest") else f"{kind} {name}"
    group = "study" if kind in ("csv", "yaml", "digest") else group
    if group not in _STATE["before"]:
        begun = time.process_time()
        _STATE["before"][group] = USES[kind](_STATE["root"], name)
        _STATE["seconds"] = max(_STATE.get("seconds", 0), time.process_time() - begun)
    return _STATE["before"][group]


def case(job: tuple[int, str, str, str]) -> dict:
    """Damage one file in one way; what came of it."""
    seed, kind, name, mutation = job
    chance = random.Random(f"{seed} {kind} {name} {mutation}")
    root, watch = _STATE["root"], _STATE["watch"]
    path = root / name
    if kind == "parameter":
        data = None
        path.write_text(json.dumps([chance.choice(PARAMETERS), chance.choice(_VALUES)]), encoding="utf-8")
    else:
        data = path.read_bytes()
        for _ in range(20):
            damaged = globals()[mutation](
                chance,
                data,
                {"csv": "csv", "points": "csv", "yaml": "yaml", "worksheet": "yaml", "words": "yaml"}.get(kind, "text"),
            )
            if damaged != data:
                break
    outcome, message = "same", ""
    try:
        before = _undamaged(kind, name) if kind != "parameter" else {}
        if data is not None:
            path.write_bytes(damaged)
        _forget_peak()
        watch.seen, watch.on = [], True
        # Drawing every exhibit of a large study takes longer than that undamaged; twice as long is then a hang.
        limit = max(SECONDS, 2 * _STATE.get("seconds", 0))
        signal.setitimer(signal.ITIMER_PROF, limit)
        after = USES[kind](root, name)
        if after != before:
            # A notebook that is still a clean notebook is a program that somebody changed; make test compares its outputs.
            data_edit = mutation in EDITS and kind in ("csv", "yaml", "worksheet") and _meant(name, data, damaged)
            edit = kind == "notebook" or data_edit
            changed = [key for key in before if after.get(key) != before[key]]
            outcome, message = ("edit" if edit else "silent"), f"changed: {', '.join(changed)}"
    except Overtime:
        outcome, message = "hang", f"more than {limit:.0f} s"
    except Exception as error:
        from claimtrace.errors import StudyError

        message = str(error)
        if not isinstance(error, StudyError):
            outcome, message = "traceback", traceback.format_exc(limit=-4)
        else:
            named = kind == "parameter" or any(
                Path(file).name in message or Path(file).stem in message for _, file in [*targets(root), (kind, name)]
            )
            good = named and (kind == "parameter" or _PLACE.search(message)) and _REMEDY.search(message)
            outcome = "refused" if good else "unclear"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        watch.on = False
        if data is not None:
            path.write_bytes(data)
        else:
            path.unlink(missing_ok=True)
    if watch.seen:
        outcome, message = "escape", "; ".join(watch.seen[:3])
    memory = _peak()
    if memory > MEGABYTES:
        outcome, message = "memory", f"{memory} MB"
    return {
        "seed": seed,
        "kind": kind,
        "file": name,
        "mutation": mutation,
        "outcome": outcome,
        "message": message,
        "memory": memory,
    }


#: Fields whose value is a fact or a choice that nothing else in a study repeats: another value is another fact or choice.
_FREE = {
    "articles.csv": {"title", "authors", "outlet", "published_edtf", "url", "status_of_metadata", "first_line", "last_line", "original_file", "sha256"},
    "sentences.csv": {"kind", "start", "end", "length", "sha256", "*"},
    "events.csv": {"description", "participants", "place", "event_type", "event_time", "contested", "settle", "not_with", "kind"},
    "reports.csv": {"version", "source", "adds", "aspect", "stance"},
}  # fmt: skip


def _meant(name: str, data: bytes, damaged: bytes) -> bool:
    """Whether the damaged file is a well-formed one in which somebody could have meant what it says, read by other readers than
    the library's: a table of the same shape in which only free fields differ, or YAML in which only values differ."""
    file = Path(name).name
    try:
        old, new = data.decode("utf-8"), damaged.decode("utf-8-sig")
        if name.endswith(".yaml"):
            return yaml.safe_load(old) != yaml.safe_load(new)
        a, b = list(csv.reader(io.StringIO(old))), [row for row in csv.reader(io.StringIO(new)) if row]
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error, ValueError):
        return False
    if len(a) != len(b) or a[0] != b[0]:
        return False
    differ = {column for x, y in zip(a, b, strict=True) for column, u, v in zip(a[0], x, y, strict=True) if u != v}
    return bool(differ) and differ <= _FREE.get(file, set())


# --- many cases ----------------------------------------------------------------------------------------------------------


def jobs(root: Path, number: int, seed: int) -> list[tuple[int, str, str, str]]:
    """As many cases as asked for, spread evenly over kinds of file, mutations and files."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in targets(root):
        by_kind.setdefault(kind, []).append(name)
    pairs = [(kind, mutation.__name__) for kind in by_kind for mutation in KINDS[kind]]
    # Tables and YAML files hold what is counted: they get three times their share.
    pairs = [pair for pair in pairs for _ in range(3 if pair[0] in ("csv", "yaml") else 1)]
    pairs += [("parameter", "parameter")] * (len(pairs) // 12)
    chance = random.Random(seed)
    chance.shuffle(pairs)
    found = []
    for n in range(number):
        kind, mutation = pairs[n % len(pairs)]
        name = "parameter.json" if kind == "parameter" else chance.choice(by_kind[kind])
        found.append((seed * 1_000_000 + n, kind, name, mutation))
    return found


FAULTS = ["traceback", "silent", "hang", "memory", "escape", "unclear"]


def run(study: Path, number: int, seed: int, workers: int, extra: list[Path], progress=None) -> list[dict]:
    """Run the cases in worker processes."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        root = Path(folder) / "data"
        shutil.copytree(study, root, ignore=shutil.ignore_patterns("README.md"))
        for path in extra:
            shutil.copy(path, root)
        listed = jobs(root, number, seed)
    context = multiprocessing.get_context("spawn")
    results = []
    with context.Pool(workers, _begin, (str(study), [str(path) for path in extra]), maxtasksperchild=400) as pool:
        found = pool.imap_unordered(case, listed)
        for _ in listed:
            try:
                results.append(found.next(timeout=300))
            except multiprocessing.TimeoutError:
                # A worker died without a word, or hangs where no signal reaches it; which case it was, the others tell.
                done = {result["seed"] for result in results}
                lost = next(job for job in listed if job[0] not in done)
                results.append({"seed": lost[0], "kind": lost[1], "file": lost[2], "mutation": lost[3], "outcome": "hang", "message": "a worker is lost", "memory": 0})  # fmt: skip
                break
            if progress:
                progress(results[-1])
    return results


def run_here(study: Path, number: int, seed: int, extra: list[Path]) -> list[dict]:
    """A few cases in this process, without counting again what follows from the same content; for the tests."""
    _begin(str(study), [str(path) for path in extra])
    _STATE["quick"] = True
    try:
        return [case(job) for job in jobs(_STATE["root"], number, seed)]
    finally:
        shutil.rmtree(_STATE["folder"])
        for key in ("quick", "content", "built"):
            _STATE.pop(key, None)


def main() -> int:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--study", type=Path, default=ROOT / "tests" / "harbours")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    extra = [ROOT / "notebooks" / "01_corpus.ipynb", ROOT / "MANIFEST.sha256"]
    console = Console(width=110)
    with Progress(console=console) as bar:
        task = bar.add_task(f"{options.study.name}: mutations", total=options.number)

        def progress(result: dict) -> None:
            bar.advance(task)
            if result["outcome"] in FAULTS or options.verbose:
                place = f"{result['file']}, {result['mutation']}, seed {result['seed']}"
                bar.console.print(
                    f"{result['outcome']}: {place}: {result['message'][:1500]}", markup=False, highlight=False
                )

        results = run(options.study, options.number, options.seed, options.workers, extra, progress)
    for heading in ("kind", "mutation"):
        counts = {
            key: Counter(r["outcome"] for r in results if r[heading] == key)
            for key in sorted({r[heading] for r in results})
        }
        table = Table(show_edge=False, pad_edge=False)
        for name in (heading, "mutations", "refused", "read the same", "edit", *FAULTS):
            table.add_column(name, justify="left" if name == heading else "right")
        for key, n in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
            shown = [sum(n.values()), n["refused"], n["same"], n["edit"], *(n[fault] for fault in FAULTS)]
            table.add_row(key.rstrip("_").replace("_", " "), *map(str, shown))
        console.print(table)
        console.print()
    faults = sum(result["outcome"] in FAULTS for result in results)
    console.print(f"{len(results)} mutations, {faults} faults; largest memory {max(r['memory'] for r in results)} MB")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
