"""Builds the project again and again, each time with something varied that should not matter, and compares every artefact.

    python tools/reprotest.py [--short] [--only NAME ...] [--list] [--work FOLDER] [--jobs N]

Each variation builds in a clean copy of the tracked files and is compared with MANIFEST.sha256, file by file. The outcome,
how many artefacts of each kind are the same in each variation, is printed and written to build/reprotest.csv. What this
machine cannot vary is named. ``--short`` builds notebooks 01, 04 and 06 and one profile, without the pages. Exit status 1
if anything differs.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from claimtrace import manifest, notebooks
from claimtrace.site.gallery import pictures

ROOT = Path(__file__).resolve().parent.parent
SHORT = ["01_corpus", "04_motives", "05_country", "06_events"]
KINDS = ["figures", "tables", "notebooks", "site"]
LOCALES = {"C": "", "de_DE": "ISO-8859-1", "tr_TR": "ISO-8859-9", "fa_IR": "UTF-8"}
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"]
YEARS = 9


@dataclass(frozen=True)
class Variation:
    """What is other than usual in one build.

    Attributes:
        environment: variables that are set, or unset (``None``).
        settings: variables given to make, which in the Makefile have the last word.
        prefix: command that runs make.
        folder: path of the copy below the working folder.
        lack: why this machine cannot vary it.
        mount: gives, for a copy, the folder to build in and what undoes it.
    """

    name: str
    environment: dict[str, str | None] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    folder: str = "copy"
    python: str = ""
    jobs: int = 0
    umask: int = 0o022
    readonly: bool = False
    disorder: bool = False
    lack: str = ""


def found_pythons() -> dict[str, str]:
    """Supported Pythons by version: those on the PATH, and those that pyenv and uv keep."""
    found: dict[str, str] = {}
    kept = [Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python"]
    for minor in ("3.11", "3.12", "3.13"):
        candidates = [
            shutil.which(f"python{minor}"),
            *(path for folder in kept for path in folder.glob(f"*{minor}.*/bin/python{minor}")),
        ]
        for candidate in filter(None, candidates):
            command = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.stdout.strip() == minor:
                found.setdefault(minor, str(candidate))
    return found


def locale(name: str, charset: str, work: Path) -> tuple[dict[str, str], str]:
    """Variables that choose a locale, which is compiled if the machine has it not, and why it cannot be had."""
    there = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    if name in there:
        return {"LC_ALL": name, "LANG": name, "LANGUAGE": name}, ""
    if not shutil.which("localedef"):
        return {}, "the locale is not installed and there is no localedef"
    folder = work / "locales"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["localedef", "-i", name, "-f", charset, str(folder / name)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode > 1:  # 1: made, with warnings
        return {}, f"localedef cannot make it: {(done.stderr.strip() or 'no source of the locale').splitlines()[-1]}"
    return {"LC_ALL": name, "LANG": name, "LANGUAGE": name, "LOCPATH": str(folder)}, ""


def clock(work: Path) -> tuple[dict[str, str | None], str]:
    """Variables that set the clock of what is started, and why it cannot be had.

    libfaketime 0.9.10 was tried, with and without its library for threads and the monotonic clock: the kernel never answers.
    """
    library = work / "ahead.so"
    library.parent.mkdir(parents=True, exist_ok=True)
    if lack := lack_of("cc", "gcc"):
        return {}, lack
    done = subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(ROOT / "tools/ahead.c")], capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        return {}, f"cc cannot make the library for it: {done.stderr.strip()[-200:]}"
    environment = {"LD_PRELOAD": str(library), "SECONDS_AHEAD": str(YEARS * 31_557_600)}
    # Where programs are linked without the C library (or macOS preloads otherwise), nothing would change: look.
    year = subprocess.run(["date", "+%Y"], env=os.environ | environment, capture_output=True, text=True).stdout.strip()
    here = time.gmtime().tm_year
    return (environment, "") if int(year or 0) > here else ({}, "LD_PRELOAD changes no clock here")


def lack_of(program: str, package: str = "") -> str:
    """Why a variation that needs a program cannot run; nothing where it is there."""
    return "" if shutil.which(program) else f"{program} is not installed{f' (Debian: {package})' if package else ''}"


def lack_of_mounts() -> str:
    """Why a folder cannot be mounted read-only in a name space of its own."""
    if os.geteuid() != 0:
        return ""  # for anybody but root, permissions do
    if lack := lack_of("unshare"):
        return lack
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True)
    return "" if done.returncode == 0 else "root needs a mount for it and may not mount here"


def variations(work: Path, others: bool = True) -> list[Variation]:
    """Everything that is varied: one thing at a time, then all together.

    Args:
        others: also with Pythons other than the project's own, each of which needs an environment to be set up.
    """
    deep = "/".join(["deep " + "d" * 20] * 6)
    one = [Variation("nothing")]
    pythons = found_pythons() if others else {}
    for minor in ("3.11", "3.12", "3.13"):
        one.append(
            Variation(
                f"Python {minor}",
                python=pythons.get(minor, ""),
                lack="" if minor in pythons else "not found" if others else "not asked for",
            )
        )
    for name, charset in LOCALES.items():
        environment, lack = locale(name, charset, work)
        one.append(Variation(f"locale {name}", environment, lack=lack))
    one += [
        Variation("time zone +14", {"TZ": "Pacific/Kiritimati"}),
        Variation("time zone -12", {"TZ": "XYZ+12"}),
        Variation("hash seed 77", settings=("PYTHONHASHSEED=77",)),
        Variation("hash seed random", settings=("PYTHONHASHSEED=random",)),
        Variation("path with spaces", folder="a copy of it"),
        Variation("path not ASCII", folder="Übersicht/دری/写し"),
        Variation("path deep", folder=deep),
        Variation("umask 077", umask=0o077),
        Variation("umask 000", umask=0o000),
        Variation("one job", jobs=1),
        Variation("six jobs", jobs=6),
        Variation("one thread", dict.fromkeys(THREADS, "1"), prefix=("taskset", "-c", "0"), lack=lack_of("taskset", "util-linux")),
        # The Makefile sets one thread; only what make is given on its command line has the last word over that.
        Variation("eight threads", dict.fromkeys(THREADS, "8"), tuple(f"{name}=8" for name in THREADS)),
        Variation("HOME unset", {"HOME": None}),
        Variation("source read-only", readonly=True, lack=lack_of_mounts()),
        Variation(f"clock {YEARS} years ahead", *clock(work)),
        Variation("files in another order", disorder=True, lack=lack_of("disorderfs", "disorderfs")),
    ]  # fmt: skip
    return [*one, together([variation for variation in one if not variation.lack], deep)]


def together(parts: list[Variation], deep: str) -> Variation:
    """All variations at once; of those that exclude each other, the last but for Python, locale and time zone."""
    names = {part.name: part for part in parts}
    environment: dict[str, str | None] = {}
    for part in parts:
        environment |= part.environment
    environment |= names["locale tr_TR"].environment if "locale tr_TR" in names else {}
    return Variation(
        "all together",
        environment | {"TZ": "Pacific/Kiritimati"} | dict.fromkeys(THREADS, "1"),
        settings=("PYTHONHASHSEED=77",),
        prefix=tuple(word for part in parts for word in part.prefix),
        folder=f"a copy/Übersicht دری/{deep}",
        python=next((part.python for part in reversed(parts) if part.python), ""),
        jobs=3,
        umask=0o077,
        readonly=any(part.readonly for part in parts),
        disorder=any(part.disorder for part in parts),
    )


def copy_of_tree(target: Path, chance: random.Random) -> None:
    """The files that git has or would take, written in a random order, which some file systems keep."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout
    names = [os.fsdecode(name) for name in dict.fromkeys(listed.split(b"\0")) if name]
    names = [name for name in names if (ROOT / name).is_file()]
    chance.shuffle(names)
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def environment_for(python: str, work: Path) -> Path:
    """The virtual environment of a Python: the project's own, or one that is made once and kept."""
    own = ROOT / ".venv"
    if not python or Path(python).resolve() == (own / "bin/python").resolve():
        return own
    folder = work / f"venv-{Path(python).name}"
    if not (folder / ".ready").is_file():
        subprocess.run(["sh", "tools/setup.sh", str(folder)], cwd=ROOT, env=os.environ | {"PYTHON": python}, check=True)
        (folder / ".ready").touch()
    return folder


def command_of(variation: Variation, targets: list[str], jobs: int) -> list[str]:
    """What runs make in the folder of a variation."""
    make = ["make", f"-j{variation.jobs or jobs}", "-o", ".venv/.ready", *variation.settings, *targets]
    command = [*variation.prefix, *make]
    if variation.readonly and os.geteuid() == 0:
        # In a name space of its own, so that nothing is left mounted; build/ alone can be written.
        script = 'mount --bind . . && cd "$PWD" && mount --bind build build && mount -o remount,ro,bind . && ! touch nothing 2>/dev/null && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", script, "sh", *command]
    return command


def build(variation: Variation, targets: list[str], work: Path, jobs: int) -> tuple[Path, str]:
    """Build in a clean copy; the folder of the copy, and the last words of make if it failed."""
    place = work / "copies" / variation.name
    shutil.rmtree(place, ignore_errors=True)
    copy = place / variation.folder
    copy_of_tree(copy, random.Random(variation.name))
    (copy / "build").mkdir()
    (copy / ".venv").symlink_to(environment_for(variation.python, work))
    folder, undo = copy, None
    if variation.disorder:
        folder = place / "in another order"
        folder.mkdir()
        mounted = subprocess.run(
            ["disorderfs", "--shuffle-dirents=yes", str(copy), str(folder)], capture_output=True, text=True
        )
        if mounted.returncode:
            return copy, f"disorderfs: {mounted.stderr.strip()[-200:]}"
        undo = ["fusermount", "-u", str(folder)]
    if variation.readonly and os.geteuid() != 0:
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink() and path != copy / "build":
                path.chmod(path.stat().st_mode & ~0o222)
    environment = (
        os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": ""} | variation.environment
    )
    # What make says to those that it starts is not for the makes that are started here.
    kept = {
        key: value
        for key, value in environment.items()
        if value is not None and key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    try:
        done = subprocess.run(command_of(variation, targets, jobs), cwd=folder, env=kept, umask=variation.umask, capture_output=True, text=True, errors="replace", timeout=7200)  # fmt: skip
    finally:
        if undo:
            subprocess.run(undo, check=True)
    return copy, "" if done.returncode == 0 else (done.stderr.strip() or done.stdout.strip())[-600:]


def shown_by(name: str) -> list[str]:
    """What a notebook writes at its default parameters, as its committed outputs show."""
    notebook = notebooks.read(ROOT / f"notebooks/{name}.ipynb")
    exhibits = [exhibit for cell in notebook.cells for exhibit, _ in pictures(cell)]
    files = [f"figures/{exhibit}.{suffix}" for exhibit in exhibits for suffix in ("svg", "pdf", "png")]
    return files + [f"tables/{exhibit}.csv" for exhibit in exhibits]


def expected(published: dict[str, str], short: list[str]) -> tuple[dict[str, str], list[str]]:
    """The artefacts that are to be compared, and what to ask make for."""
    if not short:
        return published, ["all", "site"]
    # The notebook names no actor: its committed outputs show the study's own.
    actor = Path(shown_by("05_country")[0]).stem.removeprefix("fig_country_") if "05_country" in short else ""
    made = {
        name: f"notebooks/{name}.ipynb" if name != "05_country" else f"notebooks/05_country/{actor}.ipynb"
        for name in short
    }
    names = {*made.values(), *(file for name in short for file in shown_by(name))}
    return {name: published[name] for name in sorted(names)}, [f"build/{target}" for target in made.values()]


def compare(copy: Path, wanted: dict[str, str]) -> tuple[Counter, list[str]]:
    """How many artefacts of each kind are the same, and the names of those that are not."""
    built = manifest.compute(copy / "build")
    same = Counter(name.split("/")[0] for name, digest in wanted.items() if built.get(name) == digest)
    return same, [name for name, digest in wanted.items() if built.get(name) != digest]


def run(
    chosen: list[Variation], short: list[str], work: Path, jobs: int, say: Callable[[str], None]
) -> list[dict[str, str]]:
    """Build every variation; one row each: how many artefacts of each kind are the same, or why it did not run."""
    wanted, targets = expected(manifest.read(ROOT / "MANIFEST.sha256"), short)
    rows = []
    for variation in chosen:
        row = {"variation": variation.name, "outcome": f"not run: {variation.lack}"} | dict.fromkeys(KINDS, "")
        if not variation.lack:
            began = time.monotonic()
            copy, error = build(variation, targets, work, jobs)
            of = Counter(name.split("/")[0] for name in wanted)
            same, other = compare(copy, wanted)
            row |= {kind: f"{same[kind]} of {of[kind]}" for kind in of}
            row["outcome"] = "differs" if other else "same"
            row["seconds"] = f"{time.monotonic() - began:.0f}"
            for line in [error, *other[:5]] if other else []:
                say(f"  {line}")
            if not other:
                shutil.rmtree(work / "copies" / variation.name, ignore_errors=True)
        rows.append({"seconds": ""} | row)
        say("  ".join([f"{variation.name:24}", *(f"{row[kind]:>12}" for kind in KINDS), row["outcome"]]))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="notebooks 01, 04, 06 and one profile")
    parser.add_argument("--notebooks", nargs="*", help="with --short: only these notebooks")
    parser.add_argument("--only", nargs="*", help="only these variations")
    parser.add_argument("--own-python", action="store_true", help="no Python but that of .venv")
    parser.add_argument("--list", action="store_true", help="name the variations")
    parser.add_argument("--work", type=Path, help="folder for the copies (default: one that is removed)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", type=Path, default=ROOT / "build/reprotest.csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reprotest-") as place:
        work = (options.work or Path(place)).resolve()
        known = variations(work, not options.own_python)
        if unknown := set(options.only or []) - {variation.name for variation in known}:
            sys.exit(f"no such variation: {', '.join(sorted(unknown))}; there are: {', '.join(v.name for v in known)}")
        if options.list:
            for variation in known:
                print(f"{variation.name:24}  {f'cannot run: {variation.lack}' if variation.lack else 'runs'}")
            return
        chosen = [variation for variation in known if not options.only or variation.name in options.only]
        print("  ".join([f"{'variation':24}", *(f"{kind:>12}" for kind in KINDS), "outcome"]), flush=True)
        short = (options.notebooks or SHORT) if options.short else []
        rows = run(chosen, short, work, options.jobs, lambda line: print(line, flush=True))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with options.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["variation", *KINDS, "outcome", "seconds"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    outcomes = Counter(row["outcome"].split(":")[0] for row in rows)
    counts = [row[kind].split(" of ") for row in rows for kind in KINDS if row[kind]]
    print(f"{outcomes['same']} variations the same, {outcomes['differs']} differ, {outcomes['not run']} not run; {sum(int(n) for n, _ in counts)} of {sum(int(n) for _, n in counts)} artefacts match")  # fmt: skip
    sys.exit(1 if outcomes["differs"] else 0)


if __name__ == "__main__":
    main()
