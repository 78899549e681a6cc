"""The same bytes anywhere: differences are named with their cause, and a build varied in every way equals the published one."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from claimtrace import causes, exhibits, files, manifest, notebooks, provenance
from claimtrace.study import Study

sys.path.insert(0, str(ROOT / "tools"))
import faults
import reprotest

# --- make verify: what differs, and why -----------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    """A small repository with a build of one figure and one notebook, and what it was made from."""
    shutil.copytree(ROOT / "tests/harbours", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks/01_corpus.ipynb", tmp_path / "notebooks")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    (tmp_path / "src/claimtrace").mkdir(parents=True)
    (tmp_path / "src/claimtrace/figures.py").write_text("one = 1\n", encoding="utf-8")
    study = Study(tmp_path / "data")
    exhibits.corpus(study).save(tmp_path / "build", provenance.of(study))
    (tmp_path / "build/notebooks").mkdir()
    shutil.copy(ROOT / "notebooks/01_corpus.ipynb", tmp_path / "build/notebooks")
    text = manifest.serialise(manifest.compute(tmp_path / "build"), causes.sources(tmp_path))
    (tmp_path / "MANIFEST.sha256").write_text(text, encoding="utf-8")
    return tmp_path


def told(repository):
    published = repository / "MANIFEST.sha256"
    lines = manifest.differences(manifest.compute(repository / "build"), manifest.read(published))
    return causes.explain(lines, repository / "build", manifest.read_sources(published), repository)


def test_nothing_is_told_where_nothing_differs(repository):
    assert told(repository) == []


def test_a_manifest_says_what_its_artefacts_were_made_from(repository):
    names = set(manifest.read_sources(repository / "MANIFEST.sha256"))
    assert {"data/articles.csv", "data/codebook/codebook.yaml", "notebooks/01_corpus.ipynb"} <= names
    assert not any("worksheets" in name for name in names)


def test_changed_data_are_named_with_their_hash(repository):
    path = repository / "data/articles.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("1703", "1705"), encoding="utf-8")
    study = Study(repository / "data")
    exhibits.corpus(study).save(repository / "build", provenance.of(study))
    digest = provenance.sha256(path)[:12]
    assert f"figures/fig_corpus.svg: differs; likely cause: data changed (data/articles.csv is {digest})" in told(
        repository
    )


def test_a_picture_that_differs_only_in_the_data_that_it_names_is_told_apart(repository):
    """Every picture names the hashes of its data, so that it differs with them, whatever it shows."""
    path = repository / "data/articles.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Ledger", "LEDGER"), encoding="utf-8")
    study = Study(repository / "data")
    exhibits.corpus(study)  # reads, so that the files of this study are named
    exhibits.corpus(Study(ROOT / "tests/harbours")).save(repository / "build", provenance.of(study))
    changed = [line for line in told(repository) if "articles.csv is " in line]
    assert len(changed) == 3
    assert all(line.endswith("; its numbers are as published") for line in changed)


def test_a_figure_is_not_blamed_on_data_that_it_was_not_made_from(repository):
    (repository / "data/coding/claims.csv").write_text("other\n", encoding="utf-8")
    (repository / "build/figures/fig_corpus.png").write_bytes(b"other")
    assert told(repository) == [f"figures/fig_corpus.png: differs; likely cause: {causes._NONE}"]


def test_changed_code_is_named(repository):
    (repository / "src/claimtrace/figures.py").write_text("one = 2\n", encoding="utf-8")
    (repository / "build/tables/fig_corpus.csv").write_text("other\n", encoding="utf-8")
    assert told(repository) == [
        "tables/fig_corpus.csv: differs; likely cause: code changed (src/claimtrace/figures.py)"
    ]


def test_settings_and_a_changed_notebook_are_named(repository):
    source = repository / "notebooks/01_corpus.ipynb"
    notebook = notebooks.read(source)
    notebook.cells[-1].source += " "
    source.write_bytes(notebooks.serialise(notebook))
    cell = dict(notebook.cells[1], cell_type="code", source='edition = "original"', outputs=[], execution_count=None)
    notebook.cells.insert(2, notebook.cells[1].__class__(cell, metadata={"tags": ["injected-parameters"]}))
    (repository / "build/notebooks/01_corpus.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert told(repository) == [
        "notebooks/01_corpus.ipynb: differs; likely cause: settings (edition=original); "
        "notebook changed (notebooks/01_corpus.ipynb)"
    ]


def test_a_page_is_blamed_on_what_it_is_made_from_and_a_figure_is_not(repository):
    """A page shows README.md and is made by the code of the site; no figure is."""
    (repository / "build/site").mkdir()
    (repository / "build/site/index.html").write_text("other\n", encoding="utf-8")
    (repository / "build/figures/fig_corpus.png").write_bytes(b"other")
    (repository / "README.md").write_text("other\n", encoding="utf-8")
    (repository / "src/claimtrace/site").mkdir()
    (repository / "src/claimtrace/site/html.py").write_text("one = 2\n", encoding="utf-8")
    assert told(repository) == [
        f"figures/fig_corpus.png: differs; likely cause: {causes._NONE}",
        "site/index.html: built, not published; likely cause: text changed (README.md); code changed (src/claimtrace/site/html.py)",
    ]


def test_a_damaged_notebook_is_named_and_the_rest_still_compared(repository):
    (repository / "build/notebooks/01_corpus.ipynb").write_text("{}", encoding="utf-8")
    (repository / "build/tables/fig_corpus.csv").write_text("other\n", encoding="utf-8")
    assert told(repository) == [
        f"tables/fig_corpus.csv: differs; likely cause: {causes._NONE}",
        "notebooks/01_corpus.ipynb: differs; likely cause: it was damaged and is no longer a notebook; run make",
    ]


def test_a_page_that_lists_a_profile_more_is_not_called_damaged(repository):
    """As after make country for an actor whose profile is not published."""
    (repository / "build/site/_static").mkdir(parents=True)
    for name in ("index.html", "_static/site.css"):
        (repository / "build/site" / name).write_text("one", encoding="utf-8")
    text = manifest.serialise(manifest.compute(repository / "build"), causes.sources(repository))
    (repository / "MANIFEST.sha256").write_text(text, encoding="utf-8")
    (repository / "build/site/index.html").write_text("two", encoding="utf-8")
    (repository / "build/tables/fig_country_OSK.csv").write_text("two", encoding="utf-8")
    (repository / "build/site/_static/site.css").write_text("two", encoding="utf-8")
    (repository / "build/site/OSK.html").write_text("two", encoding="utf-8")
    listed = "it tells of what is not published (tables/fig_country_OSK.csv)"
    assert told(repository) == [
        f"tables/fig_country_OSK.csv: built, not published; likely cause: {causes._LEFT}",
        f"site/OSK.html: built, not published; likely cause: {causes._LEFT}",
        f"site/_static/site.css: differs; likely cause: {listed}",
        f"site/index.html: differs; likely cause: {listed}",
    ]


def test_pages_that_are_not_built_are_not_called_missing(repository):
    published = repository / "MANIFEST.sha256"
    with published.open("a", encoding="utf-8") as file:
        file.write(f"{'0' * 64}  site/index.html\n")
    command = [sys.executable, "-m", "claimtrace", "manifest", "build", "--compare", "MANIFEST.sha256"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.stdout == (
        "the pages of the site are not compared, because they were not built; make site builds them\nequal to MANIFEST.sha256\n"
    )
    (repository / "build/site").mkdir()
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 1
    assert "site/index.html: published, not built" in done.stdout


def test_other_libraries_are_named(repository):
    lock = repository / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("\npandas==", "\npandas==0.9."), encoding="utf-8")
    (repository / "build/tables/fig_corpus.csv").write_text("other\n", encoding="utf-8")
    [line] = told(repository)
    assert "likely cause: libraries differ from requirements.lock (pandas " in line
    assert causes.other_libraries((ROOT / "requirements.lock").read_text(encoding="utf-8")) == []


def test_missing_and_extra_files_are_named(repository):
    (repository / "build/figures/fig_corpus.pdf").rename(repository / "build/figures/fig_other.pdf")
    first, second = told(repository)
    assert first == (
        "figures/fig_corpus.pdf: published, not built; likely cause: it was removed, or the build did not finish; run make"
    )
    assert second.startswith("figures/fig_other.pdf: built, not published; likely cause: ")


# --- make reprotest -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_varied_is_named_and_not_run(tmp_path):
    missing = reprotest.Variation("order", lack="disorderfs is not installed")
    [row] = reprotest.run([missing], ["01_corpus"], tmp_path, 1, lambda line: None)
    assert row["outcome"] == "not run: disorderfs is not installed"
    assert row["figures"] == row["tables"] == ""


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler here")
def test_the_clock_of_a_variation_is_years_ahead(tmp_path):
    environment, lack = reprotest.clock(tmp_path)
    assert lack == ""
    code = "import datetime, time; print(datetime.datetime.now().year, time.gmtime().tm_year)"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True)
    year = str(time.gmtime(time.time() + reprotest.YEARS * 31_557_600).tm_year)
    assert done.stdout.split() == [year, year]


def test_a_locale_that_cannot_be_made_is_named(tmp_path):
    environment, lack = reprotest.locale("xx_XX", "UTF-8", tmp_path)
    assert environment == {}
    assert lack.startswith(("localedef cannot make it", "the locale is not installed"))


def test_everything_that_must_not_matter_is_varied(tmp_path):
    known = {variation.name: variation for variation in reprotest.variations(tmp_path)}
    assert {
        "Python 3.11",
        "Python 3.12",
        "Python 3.13",
        "locale C",
        "locale de_DE",
        "locale tr_TR",
        "locale fa_IR",
    } <= set(known)
    assert {
        "path with spaces",
        "path not ASCII",
        "path deep",
        "HOME unset",
        "source read-only",
        "files in another order",
    } <= set(known)
    last = known["all together"]
    assert last.settings == ("PYTHONHASHSEED=77",)
    assert last.environment["HOME"] is None
    assert " " in last.folder
    assert not last.folder.isascii()


def test_a_changed_artefact_is_seen(tmp_path):
    (tmp_path / "build/tables").mkdir(parents=True)
    (tmp_path / "build/tables/a.csv").write_text("1\n", encoding="utf-8")
    digest = provenance.sha256(tmp_path / "build/tables/a.csv")
    wanted = {"tables/a.csv": digest, "tables/b.csv": digest, "figures/c.svg": digest}
    same, other = reprotest.compare(tmp_path, wanted)
    assert (dict(same), other) == ({"tables": 1}, ["tables/b.csv", "figures/c.svg"])


def test_a_build_with_everything_varied_equals_the_published_one(tmp_path):
    varied = reprotest.variations(tmp_path, others=False)[-1]
    assert varied.name == "all together"
    said = []
    [row] = reprotest.run([varied], ["01_corpus"], tmp_path, 2, said.append)
    assert (row["outcome"], row["figures"], row["tables"], row["notebooks"]) == (
        "same",
        "3 of 3",
        "1 of 1",
        "1 of 1",
    ), said


# --- make faults ----------------------------------------------------------------------------------------------------------


def test_a_result_that_was_damaged_is_not_read(tmp_path):
    files.write_sealed(tmp_path / "a.csv", "n\n1\n")
    assert files.read_sealed(tmp_path / "a.csv") == "n\n1\n"
    content = (tmp_path / "a.csv").read_bytes()
    for damaged in (content[:-1], content + b"1", content.replace(b"\n1", b"\n2"), b""):
        (tmp_path / "a.csv").write_bytes(damaged)
        assert files.read_sealed(tmp_path / "a.csv") is None
    assert files.read_sealed(tmp_path / "none.csv") is None


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build of a notebook and its table, with their record."""
    monkeypatch.chdir(tmp_path)
    notebook, table = Path("build/notebooks/a.ipynb"), Path("build/tables/a.csv")
    for path in (notebook, table):
        path.parent.mkdir(parents=True)
        path.write_text("whole\n", encoding="utf-8")
    files.write_record(
        Path("build/.made/notebooks/a.ipynb.sha256"), {path: provenance.sha256(path) for path in (table, notebook)}
    )
    return notebook, table


def intact():
    done = subprocess.run(
        ["sh", ROOT / "tools/intact.sh", "check", "build"], capture_output=True, text=True, check=True
    )
    return done.stderr


def test_what_is_whole_stays(build):
    assert intact() == ""
    assert all(path.is_file() for path in build)


@pytest.mark.parametrize("damage", ["half", "", "whole\nmore\n", None])
def test_what_is_damaged_is_made_again(build, damage):
    notebook, table = build
    table.unlink() if damage is None else table.write_text(damage, encoding="utf-8")
    assert intact() == "build/tables/a.csv: damaged since it was built; build/notebooks/a.ipynb is made again\n"
    assert not notebook.exists()


@pytest.mark.parametrize("kept", [0, 20, 70, 84, 85, 86, 160, -2])
def test_a_record_that_was_cut_short_is_no_proof(build, kept):
    record = Path("build/.made/notebooks/a.ipynb.sha256")
    text = record.read_text(encoding="utf-8")
    record.write_text(text[:kept], encoding="utf-8")
    assert text.index("\n") == 84
    assert intact().endswith("build/notebooks/a.ipynb is made again\n")
    assert not build[0].exists()


def test_a_record_with_a_line_that_is_none_is_no_proof(build):
    record = Path("build/.made/notebooks/a.ipynb.sha256")
    record.write_text(
        record.read_text(encoding="utf-8").replace("  build/tables", "  \tbuild/tables"), encoding="utf-8"
    )
    assert intact().endswith("build/notebooks/a.ipynb is made again\n")


def test_a_notebook_without_a_record_is_made_again(build):
    Path("build/.made/notebooks/a.ipynb.sha256").unlink()
    assert intact() == "build/notebooks/a.ipynb: not known to be whole; it is made again\n"


def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(build):
    dead = subprocess.Popen(["true"])
    dead.wait()
    left, written = Path(f"build/tables/.a.csv.{dead.pid}.part"), Path(f"build/tables/.a.csv.{os.getpid()}.part")
    for path in (left, written):
        path.touch()
    assert intact() == ""
    assert (left.exists(), written.exists()) == (False, True)


def test_five_faults_and_nothing_is_lost(tmp_path):
    kinds = ["writer killed", "writer on a full disk", "lock cut short", "artefact damaged", "kernel killed"]
    tallies = faults.run(5, 1, kinds, ["01_corpus"], tmp_path, lambda line: None)
    assert {kind: tally.lost for kind, tally in tallies.items() if tally.lost} == {}
    assert sum(tally.injected for tally in tallies.values()) >= 5


def test_every_file_of_the_rule_coder_is_a_possible_cause(real):
    """Its words, its points, and the passages that notebook 09 scores it on."""
    known = set(causes.sources(ROOT))
    passages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "data" / "development").glob("*/*.txt")}
    assert passages
    assert (
        passages | {"data/codebook/indicators.yaml", "data/codebook/points.csv", "src/claimtrace/rules/points.csv"}
        <= known
    )


def test_the_short_comparison_asks_for_what_is_published():
    published = manifest.read(ROOT / "MANIFEST.sha256")
    wanted, targets = reprotest.expected(published, reprotest.SHORT)
    assert wanted.items() <= published.items()
    assert len(targets) == len(reprotest.SHORT)
    assert {f"build/{name}" for name in wanted if name.startswith("notebooks/")} == set(targets)
