"""Breaks builds on purpose and sees whether anything is lost.

    python tools/faults.py [--number N] [--seed S] [--only KIND ...] [--work FOLDER]

On a copy of the project with the small invented study: processes killed at random moments, full disks, folders that may not be
written, two builds at once, a lock file cut short, artefacts damaged. After each fault

- no artefact stands half-written under its name,
- what stopped says why, in words and without a traceback (a process that is killed cannot; make reports it),
- the next make recovers by itself: every artefact equals the reference, byte for byte,
- data, notebooks, library and lock file are as they were.

Faults come in series, so that a recovery may itself be hit; a series ends with a make that nothing disturbs, and what is not
right by then is lost. Prints faults injected, recovered and lost by kind; exit status 1 if any is lost.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from claimtrace import manifest

ROOT = Path(__file__).resolve().parent.parent
TARGETS = ["01_corpus", "08_robustness"]
#: Share of each kind among all faults.
SHARES = {"writer killed": 40, "writer on a full disk": 20, "lock cut short": 30, "artefact damaged": 60, "build killed": 20, "run killed": 12, "kernel killed": 10, "disk full": 6, "folder read-only": 6, "two builds": 6}  # fmt: skip


@dataclass
class Tally:
    """Faults of one kind, and what was not right after them."""

    injected: int = 0
    lost: list[str] = field(default_factory=list)


def sums(folder: Path, names: list[str]) -> dict[str, str]:
    """SHA-256 of files below some folders."""
    paths = [path for name in names for path in [folder / name, *(folder / name).rglob("*")] if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if "__pycache__" not in path.parts
    }


class Project:
    """A copy of the project on the invented study, with a reference build of a few notebooks."""

    def __init__(self, folder: Path, targets: list[str]):
        self.folder, self.build = folder, folder / "build"
        self.targets = [f"build/notebooks/{name}.ipynb" for name in targets]
        for name in ("Makefile", "requirements.lock", "pyproject.toml", "MANIFEST.sha256", "README.md", "CITATION.cff"):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder)
        for name in ("src", "tools", "notebooks"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "tests/harbours", folder / "data")
        for path in (folder / "notebooks").glob("*.ipynb"):  # a small study has few claims an actor
            path.write_bytes(path.read_bytes().replace(b"minimum = 5", b"minimum = 1"))
        # An environment that is set up, as set-up sees it: programs of the project's own, and what they were installed from.
        (folder / ".venv").mkdir()
        (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
        subprocess.run(["sh", "tools/setup.sh", "--installed", ".venv"], cwd=folder, check=True)
        (folder / ".venv/.ready").touch()
        self.environment = {
            key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
        }
        self.environment |= {"PYTHONPATH": str(folder / "src")}
        self.sources = self._sources()
        began = time.monotonic()
        done = self.make()
        self.seconds = time.monotonic() - began
        if done.returncode:
            raise SystemExit(f"the reference was not built:\n{done.stderr[-2000:]}")
        self.reference = manifest.compute(self.build)

    def _sources(self) -> dict[str, str]:
        return sums(
            self.folder, ["Makefile", "requirements.lock", "pyproject.toml", "src", "tools", "notebooks", "data"]
        )

    def start(self) -> subprocess.Popen:
        """A make, running."""
        command = ["make", "-j2", "build/actors.mk", *self.targets]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip

    def make(self) -> subprocess.CompletedProcess:
        """A make, run to its end."""
        process = self.start()
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def stale(self, chance: random.Random, count: int = 1) -> None:
        """Give make something to do: some notebooks are newer than what was built, or nothing is built."""
        for target in chance.sample(self.targets, min(count, len(self.targets))):
            if chance.random() < 0.5:
                (self.folder / "notebooks" / Path(target).name).touch()
            else:
                (self.folder / target).unlink(missing_ok=True)

    def half_written(self) -> list[str]:
        """Artefacts that stand under their names with other bytes than the reference."""
        there = manifest.compute(self.build)
        return [f"{name} is half-written" for name, digest in there.items() if digest != self.reference.get(name)]

    def settle(self) -> None:
        """Wait until what a killed make had started is over: it may be writing still, whole files, in peace."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and any(self._mine(process) for process in psutil.process_iter()):
            time.sleep(0.2)

    def _mine(self, process: psutil.Process) -> bool:
        try:
            place = Path(process.cwd())
            return process.pid != os.getpid() and (place == self.folder or self.folder in place.parents)
        except (psutil.Error, OSError):
            return False

    def recover(self) -> list[str]:
        """What is wrong after a make that nothing disturbs."""
        done = self.make()
        wrong = [] if done.returncode == 0 else [f"make fails: {done.stderr[-400:]}"]
        built = manifest.compute(self.build)
        wrong += [f"{name} is not as it was" for name in built.keys() | self.reference.keys() if built.get(name) != self.reference.get(name)]  # fmt: skip
        wrong += [f"{path} is left over" for path in self.build.rglob("*.part*") if ".made" not in path.parts]
        now = self._sources()
        if wrong:  # so that one fault is not counted twice
            shutil.rmtree(self.build)
            self.make()
        return wrong + [f"{name} was changed" for name in now.keys() | self.sources.keys() if now.get(name) != self.sources.get(name)]  # fmt: skip


def told(done: subprocess.CompletedProcess, words: str) -> list[str]:
    """What is wrong with the way in which a make failed: it must fail, in words, with no traceback."""
    if done.returncode == 0:
        return ["make says that all is well"]
    if "Traceback" in done.stderr:
        return [f"a traceback: {done.stderr[-300:]}"]
    return [] if words in done.stderr else [f"the message is not about {words!r}: {done.stderr[-300:]}"]


# --- kinds of faults: each injects `number` faults and gives what was wrong -------------------------------------------------


def writer_killed(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """A process that writes a file again and again, now this content, now that, is killed."""
    path, wrong = work / "written" / "file.svg", []
    path.parent.mkdir(exist_ok=True)
    script = "import sys, pathlib; from claimtrace.files import write_whole\nwhile True:\n for c in b'ab': write_whole(pathlib.Path(sys.argv[1]), bytes([c]) * 3_000_000); print(flush=True)"
    for _ in range(number):
        process = subprocess.Popen([sys.executable, "-c", script, str(path)], env=project.environment, stdout=subprocess.PIPE)  # fmt: skip
        process.stdout.readline()
        time.sleep(chance.random() * 0.05)
        process.kill()
        process.communicate()
        if path.read_bytes() not in (b"a" * 3_000_000, b"b" * 3_000_000):
            wrong.append("a file is half-written")
    return wrong


def writer_on_a_full_disk(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """A file is written over an older one and does not fit."""
    wrong = []
    script = "import sys, pathlib; from claimtrace.files import write_whole; write_whole(pathlib.Path(sys.argv[1]), b'b' * int(sys.argv[2]))"
    with disk(work / "small", 200) as folder:
        path = folder / "file.svg"
        path.write_bytes(b"a" * 1000)
        for _ in range(number):
            size = chance.randrange(300_000, 3_000_000)
            done = subprocess.run([sys.executable, "-c", script, str(path), str(size)], env=project.environment, capture_output=True, text=True)  # fmt: skip
            if "No space left" not in done.stderr:
                wrong.append("a full disk is not noticed")
            if [entry.name for entry in folder.iterdir()] != ["file.svg"] or path.read_bytes() != b"a" * 1000:
                wrong.append("something is half-written or left over")
    return wrong


def lock_cut_short(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """requirements.lock ends early, at a random byte or line, and comes back."""
    lock, wrong = project.folder / "requirements.lock", []
    whole = lock.read_bytes()
    for _ in range(number):
        cut = chance.randrange(len(whole) - 1)
        lock.write_bytes(whole[: whole.rindex(b"\n", 0, cut) + 1 if chance.random() < 0.5 and cut > 5000 else cut])
        wrong += told(project.make(), "requirements.lock is cut short")
        lock.write_bytes(whole)
    return wrong + project.recover()


def artefact_damaged(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """Artefacts, cached results, records and the list of actors are cut, emptied, changed, lengthened or removed."""
    ways: dict[str, Callable[[bytes], bytes | None]] = {
        "cut": lambda data: data[: len(data) // 2],
        "emptied": lambda data: b"",
        "changed": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        "lengthened": lambda data: data + b"\n",
        "removed": lambda data: None,
    }
    wrong: list[str] = []
    while number > 0:
        paths: list[Path] = [*(project.build / name for name in project.reference), project.build / "actors.mk"]
        paths += [path for place in (".made", "cache") for path in (project.build / place).rglob("*") if path.is_file() and path.stat().st_size]  # fmt: skip
        series = chance.sample(paths, min(number, chance.randrange(4, 13), len(paths)))
        number -= len(series)
        for path in series:
            damaged = chance.choice(list(ways.values()))(path.read_bytes())
            path.unlink() if damaged is None else path.write_bytes(damaged)
            if damaged is not None and chance.random() < 0.5:
                os.utime(path, (time.time() - 5, time.time() + 5))
        (project.folder / "notebooks/08_robustness.ipynb").touch()  # so that what is cached is read
        wrong += project.recover()
    return wrong


def _killed(project: Project, number: int, chance: random.Random, victims: Callable[[psutil.Process], list[psutil.Process]], words: str) -> list[str]:  # fmt: skip
    wrong: list[str] = []
    for position in range(number):
        project.stale(chance)
        process = project.start()
        root, until = psutil.Process(process.pid), time.monotonic() + 60
        time.sleep(chance.random() * project.seconds / 2)
        while process.poll() is None and time.monotonic() < until:
            try:
                if found := victims(root):
                    break
            except psutil.Error:
                continue
            time.sleep(0.02)
        else:
            found = []
        for victim in found:
            try:
                victim.kill()
            except psutil.Error:
                continue
        out, err = process.communicate()
        wrong += project.half_written()
        if words and found and process.returncode > 0:
            wrong += told(subprocess.CompletedProcess([], process.returncode, out, err), words)
        if position % 4 == 3 or position == number - 1:
            project.settle()
            wrong += project.recover()
    return wrong


def _running(root: psutil.Process, words: str) -> list[psutil.Process]:
    return [child for child in root.children(recursive=True) if words in " ".join(child.cmdline())][:1]


def build_killed(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """Make is killed, alone or with everything that it started."""
    return _killed(project, number, chance, lambda root: [root, *(root.children(recursive=True) if chance.random() < 0.5 else [])], "")  # fmt: skip


def run_killed(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """The process that runs papermill is killed."""
    return _killed(project, number, chance, lambda root: _running(root, "claimtrace run"), "Killed")


def kernel_killed(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """The kernel of a notebook is killed."""
    return _killed(project, number, chance, lambda root: _running(root, "ipykernel"), "kernel was killed")


class disk:
    """A small disk, or one that may not be written, mounted over a folder and taken away again."""

    def __init__(self, folder: Path, kilobytes: int = 0):
        self.folder = folder
        # Without a size: the folder itself, read-only.
        self.commands = [["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]]
        if not kilobytes:
            self.commands = [["mount", "--bind", str(folder), str(folder)], ["mount", "-o", "remount,ro,bind", str(folder)]]  # fmt: skip

    def __enter__(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        for command in self.commands:
            subprocess.run(command, check=True, capture_output=True)
        return self.folder

    def __exit__(self, *_) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


def disk_full(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """The folder of the build is on a disk that fills up; then it is given room."""
    wrong: list[str] = []
    needed = sum((project.build / name).stat().st_size for name in project.reference) // 1000
    for _ in range(number):
        aside = project.build.with_name("aside")
        project.build.rename(aside)
        with disk(project.build, chance.randrange(8, needed * 3 // 4)):
            wrong += told(project.make(), "No space left on device")
            wrong += project.half_written()
            subprocess.run(["mount", "-o", "remount,size=100m", str(project.build)], check=True)
            project.settle()
            wrong += project.recover()
        shutil.rmtree(project.build)
        aside.rename(project.build)
    return wrong


def folder_read_only(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """A folder of the build may not be written; then it may."""
    wrong: list[str] = []
    for _ in range(number):
        name = chance.choice(["figures", "tables", "notebooks", "."])
        (project.folder / "notebooks" / Path(project.targets[-1]).name).touch()
        with disk(project.build / name):
            wrong += told(project.make(), "Read-only file system")
            wrong += project.half_written()
        wrong += project.recover()
    return wrong


def two_builds(project: Project, number: int, chance: random.Random, work: Path) -> list[str]:
    """Two makes at once, the second a moment after the first."""
    wrong: list[str] = []
    for _ in range(number):
        project.stale(chance, 2)
        first = project.start()
        time.sleep(chance.random() * project.seconds / 3)
        second = project.start()
        for process in (first, second):
            _, err = process.communicate()
            if process.returncode:
                wrong.append(f"one of two builds fails: {err[-300:]}")
        wrong += project.half_written() + project.recover()
    return wrong


KINDS = {"writer killed": writer_killed, "writer on a full disk": writer_on_a_full_disk, "lock cut short": lock_cut_short, "artefact damaged": artefact_damaged, "build killed": build_killed, "run killed": run_killed, "kernel killed": kernel_killed, "disk full": disk_full, "folder read-only": folder_read_only, "two builds": two_builds}  # fmt: skip
MOUNTS = ("writer on a full disk", "disk full", "folder read-only")


def can_mount(work: Path) -> bool:
    """May a disk be mounted here?"""
    try:
        with disk(work / "probe", 64):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def plan(number: int, kinds: list[str]) -> dict[str, int]:
    """How many faults of each kind, by their shares."""
    total = sum(SHARES[kind] for kind in kinds)
    return {kind: max(1, -(-number * SHARES[kind] // total)) for kind in kinds}


def run(number: int, seed: int, kinds: list[str], targets: list[str], work: Path, say: Callable[[str], None]) -> dict[str, Tally]:  # fmt: skip
    """Inject faults; a tally by kind."""
    if not can_mount(work):
        say(f"not run, as nothing can be mounted here: {', '.join(kind for kind in kinds if kind in MOUNTS)}")
        kinds = [kind for kind in kinds if kind not in MOUNTS]
    project = Project(work / "project", targets)
    say(f"reference: {len(project.reference)} artefacts in {project.seconds:.0f} s")
    tallies = {}
    for kind, share in plan(number, kinds).items():
        began = time.monotonic()
        wrong = KINDS[kind](project, share, random.Random(f"{seed} {kind}"), work)
        tallies[kind] = Tally(share, wrong)
        lost = min(len(wrong), share)
        say(f"{kind:24}{share:6} injected{share - lost:6} recovered{lost:6} lost  {time.monotonic() - began:5.0f} s")
        for line in wrong[:5]:
            say(f"  {line}")
    return tallies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", choices=list(KINDS), help="only these kinds")
    parser.add_argument("--targets", nargs="*", default=TARGETS, help="notebooks that are built")
    parser.add_argument("--work", type=Path, help="folder for the copy (default: one that is removed)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as place:
        tallies = run(options.number, options.seed, options.only or list(KINDS), options.targets, (options.work or Path(place)).resolve(), lambda line: print(line, flush=True))  # fmt: skip
    injected = sum(tally.injected for tally in tallies.values())
    lost = sum(min(len(tally.lost), tally.injected) for tally in tallies.values())
    print(f"{injected} faults injected, {injected - lost} recovered, {lost} lost")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
