"""Set-up says in one line what is missing, and make reruns what depends on a change and nothing else."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from conftest import ROOT


def setup(folder, tmp_path, **environment):
    clean = {"HOME": str(tmp_path), "PATH": "/nowhere"} | environment
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools/setup.sh"), str(folder)], cwd=ROOT, env=clean, capture_output=True, text=True
    )


def executable(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path):
    """A PATH with the shell's own tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("mktemp", "rm", "grep", "cat", "awk", "tail", "head", "dirname", "mkdir", "sh"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


def test_no_python(tools, tmp_path):
    done = setup(tmp_path / "venv", tmp_path, PATH=str(tools))
    assert done.returncode == 1
    assert done.stderr == (
        "set-up stopped: Python 3.11, 3.12 or 3.13 is needed; no Python was found; install one, or name it: "
        "make PYTHON=/path/to/python3.12\n"
    )


def test_an_older_python(tools, tmp_path):
    executable(tools / "python3", '#!/bin/sh\ncase "$2" in *platform*) echo 3.9.18;; *) exit 1;; esac\n')
    done = setup(tmp_path / "venv", tmp_path, PATH=str(tools))
    assert done.returncode == 1
    assert "3.13 is needed; python3 is 3.9.18; install one" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_environment_that_a_link_leads_to_is_left_alone(tools, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/kept").touch()
    (tmp_path / "venv").symlink_to(tmp_path / "other")
    done = setup(tmp_path / "venv", tmp_path, PATH=str(tools), PYTHON=sys.executable)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"set-up stopped: {tmp_path}/venv is a link, and what it leads to would be replaced; "
    )
    assert (tmp_path / "other/kept").exists()


def test_no_network(tools, tmp_path):
    unreachable = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    unreachable |= {"PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_DEFAULT_TIMEOUT": "2"}
    done = setup(tmp_path / "venv", tmp_path, PATH=str(tools), PYTHON=sys.executable, **unreachable)
    assert done.returncode == 1
    assert done.stderr == (
        "set-up stopped: the packages could not be downloaded; a network connection to a Python package index is "
        "needed once\n"
    )


def test_conda_gets_the_same_packages():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert pip == [["-r requirements.lock"]]
    assert re.search(r"python=3\.1[123]", str(environment["dependencies"]))


def test_the_lock_holds_hashes_and_no_address():
    for name in ("requirements.lock", "tools/bench.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        packages = re.findall(r"^[\w.-]+==.*(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+", text, re.MULTILINE)
        assert len(packages) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)) > 40


EVERY = [
    "build/notebooks/01_corpus.ipynb",
    "build/notebooks/02_coding.ipynb",
    "build/notebooks/03_reliability.ipynb",
    "build/notebooks/04_motives.ipynb",
    "build/notebooks/05_country/IRN.ipynb",
    "build/notebooks/06_events.ipynb",
    "build/notebooks/07_relations.ipynb",
    "build/notebooks/08_robustness.ipynb",
    "build/notebooks/09_rules.ipynb",
]
#: Those that read no coding at all.
APART = ("01_corpus",)
CODED = [name for name in EVERY if not any(part in name for part in APART)]
PASSES = [name for name in EVERY if any(part in name for part in ("03_reliab", "04_motives", "08_robust", "09_rules"))]


@pytest.fixture
def built(tmp_path):
    """The Makefile in a tree where everything is built: files are there, and only their times matter."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "MANIFEST.sha256"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("data", "notebooks", "src", "tools"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("worksheets", "__pycache__", "original")
        )
    before = time.time() - 1000
    for path in tmp_path.rglob("*"):
        os.utime(path, (before, before))
    outputs = [".venv/.ready", "build/actors.mk", "build/notebooks/05_country/IRN.ipynb"]
    outputs += sorted(set(EVERY) - set(outputs))
    for number, name in enumerate([*outputs, "build/.summary"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ACTORS := IRN\n" if name.endswith(".mk") else "", encoding="utf-8")
        os.utime(path, (before + 10 + number, before + 10 + number))
    return tmp_path


def reruns(folder, changed="", **settings):
    # The list of actors is a makefile that make remakes even under -n; it is held as it is here.
    command = [
        "make",
        "-n",
        "-o",
        "build/actors.mk",
        "-o",
        "build/pass_b/actors.mk",
        *(f"{key}={value}" for key, value in settings.items()),
    ]
    command += ["-W", changed] if changed else []
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return sorted(set(re.findall(r"claimtrace run (?:\S+) (\S+)", done.stdout)))


def test_an_unknown_coding_lists_the_codings():
    done = subprocess.run(["make", "CODING=pass_z"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "CODING=pass_z: no such coding; there are: claims pass_a pass_b" in done.stderr


def test_nothing_is_rerun_when_nothing_changed(built):
    assert reruns(built) == []


def test_another_coding_runs_the_notebooks_that_draw_it(built):
    """The site of a coding knows its claims only, so that no chart of others may stand there."""
    list_ = built / "build" / "pass_b" / "actors.mk"
    list_.parent.mkdir()
    list_.write_text("ACTORS := IRN\n", encoding="utf-8")
    drawn = ("02_coding", "04_motives", "05_country/IRN", "07_relations")
    assert reruns(built, CODING="pass_b") == [f"build/pass_b/notebooks/{name}.ipynb" for name in drawn]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("data/coding/claims.csv", CODED),
        ("data/articles.csv", EVERY),
        ("data/codebook/codebook.yaml", EVERY),
        ("src/claimtrace/figures/bars.py", EVERY),
        ("notebooks/04_motives.ipynb", ["build/notebooks/04_motives.ipynb"]),
        ("notebooks/05_country.ipynb", ["build/notebooks/05_country/IRN.ipynb"]),
        ("data/coding/pass_b.csv", PASSES),
        ("data/coding/adjudication.csv", ["build/notebooks/03_reliability.ipynb"]),
        ("data/coding/additions.csv", ["build/notebooks/03_reliability.ipynb"]),
        ("data/coding/objections.csv", ["build/notebooks/03_reliability.ipynb"]),
        ("data/coding/reports.csv", [name for name in CODED if name[16:18] not in ("03", "08", "09")]),
        ("data/codebook/points.csv", ["build/notebooks/02_coding.ipynb", "build/notebooks/09_rules.ipynb"]),
        ("README.md", []),
    ],
)
def test_a_change_reruns_what_depends_on_it_and_nothing_else(built, changed, expected):
    if not (ROOT / changed).is_file():
        pytest.skip(f"no {changed} in this study")
    assert reruns(built, changed) == expected
