"""The same bytes anywhere: differences are named with their cause, and a build varied in every way equals the published one."""

import json
import shutil

import pytest
from conftest import ROOT

from claimtrace import causes, exhibits, manifest, notebooks, provenance
from claimtrace.study import Study

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
