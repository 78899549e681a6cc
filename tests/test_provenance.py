"""What an output was made from: in the figures, in the crate, in codemeta.json."""

import hashlib
import json
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml
from conftest import ROOT
from PIL import Image

from claimtrace import crate, exhibits, notebooks, provenance
from claimtrace.errors import StudyError
from claimtrace.provenance import MadeFrom
from claimtrace.study import Study


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def drawn(harbours, tmp_path):
    exhibit = exhibits.corpus(harbours)
    made = provenance.of(harbours)
    exhibit.save(tmp_path / "build", made)
    return exhibit, made, tmp_path / "build" / "figures"


def test_only_what_was_read_is_an_input(harbours):
    exhibits.corpus(harbours)
    made = provenance.of(harbours)
    assert made.inputs == {name: sha256(harbours.root / name) for name in sorted(["articles.csv", "codebook/actors.yaml", "codebook/codebook.yaml", "sentences.csv"])}  # fmt: skip
    assert made.codebook == "1"


def test_the_order_of_inputs_changes_nothing():
    one, other = {"a.csv": "1", "b.csv": "2"}, {"b.csv": "2", "a.csv": "1"}
    assert MadeFrom("1", inputs=one).as_text() == MadeFrom("1", inputs=other).as_text()


def test_every_picture_says_what_it_was_made_from(drawn):
    exhibit, made, folder = drawn
    assert provenance.read(folder / "fig_corpus.svg") == made
    with Image.open(folder / "fig_corpus.png") as picture:
        assert json.loads(picture.text["Source"])["inputs"] == made.inputs
        assert picture.text["Title"] == "fig_corpus"
    document = (folder / "fig_corpus.pdf").read_bytes()
    said = re.search(rb"/Subject \((.*?)\)", document, re.DOTALL)[1].replace(b"\\\n", b"")
    assert json.loads(said)["inputs"] == made.inputs
    assert "dc:source" not in exhibit.svg  # the picture in the notebook says it in the line above it


def test_a_picture_names_no_date_no_commit_and_no_machine(drawn):
    _, _, folder = drawn
    commit, _ = provenance.commit(ROOT)
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not re.search(rb"CreationDate|ModDate|dc:date|tIME", content), path.name
        assert str(ROOT).encode() not in content
        assert not commit or commit[:12].encode() not in content


def test_the_same_inputs_give_the_same_bytes_and_others_do_not(drawn, harbours, tmp_path):
    exhibit, made, folder = drawn
    again = exhibits.corpus(harbours)
    again.save(tmp_path / "again", made)
    other = MadeFrom(made.codebook, made.inputs | {"articles.csv": "0" * 64})
    exhibit.save(tmp_path / "other", other)
    for suffix in ("svg", "pdf", "png"):
        first = (folder / f"fig_corpus.{suffix}").read_bytes()
        assert (tmp_path / "again" / "figures" / f"fig_corpus.{suffix}").read_bytes() == first
        assert (tmp_path / "other" / "figures" / f"fig_corpus.{suffix}").read_bytes() != first


def test_a_cached_result_has_the_inputs_of_a_counted_one(harbours, tmp_path):
    from claimtrace import robustness

    grid = robustness.grid(harbours, {"coding": ["claims", "pass_a"], "unit": ["claims"], "scope": ["all"], "voice": ["all"], "strength": ["all"], "weighting": ["full"]})  # fmt: skip
    seen = []
    for _ in range(2):
        study = Study(harbours.root)
        robustness.run(study, grid, ["VARN", "OSK"], tmp_path / "cache")
        seen.append({name for name in provenance.of(study).inputs if name.startswith("coding/")})
    assert seen == [{"coding/claims.csv", "coding/pass_a.csv"}] * 2


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small build: one notebook of the invented study."""
    folder = tmp_path_factory.mktemp("crate")
    data = shutil.copytree(ROOT / "tests/harbours", folder / "data")
    notebooks.run(ROOT / "notebooks/06_events.ipynb", folder / "build/notebooks/06_events.ipynb", {"study": str(data), "build": str(folder / "build")})  # fmt: skip
    return Study(data), folder / "build"


def test_the_crate_links_exhibits_tables_notebooks_and_inputs(built):
    study, folder = built
    graph = {entity["@id"]: entity for entity in crate.build(study, ROOT, folder)["@graph"]}
    for picture in (folder / "figures").iterdir():
        entity = graph[f"figures/{picture.name}"]
        assert entity["identifier"] == f"sha256:{sha256(picture)}"
        assert entity["about"] == {"@id": f"tables/{picture.stem}.csv"}
        sources = {graph[link["@id"]]["name"]: graph[link["@id"]]["identifier"] for link in entity["isBasedOn"]}
        assert sources["coding/events.csv"] == f"sha256:{sha256(study.root / 'coding/events.csv')}"
        assert {"articles.csv", "coding/claims.csv", "coding/reports.csv"} <= set(sources)
    run = graph["#run-06_events"]
    results = {link["@id"] for link in run["result"]}
    assert results == {"notebooks/06_events.ipynb"} | {f"figures/{p.name}" for p in (folder / "figures").iterdir()} | {f"tables/{p.stem}.csv" for p in (folder / "figures").iterdir()}  # fmt: skip
    values = {graph[link["@id"]].get("name"): graph[link["@id"]].get("value") for link in run["object"]}
    assert values["edition"] == '"digest"'
    assert values["articles"] == "[]"
    used = {graph[link["@id"]]["name"] for link in run["instrument"]}
    assert {"claimtrace", "Python", "matplotlib", "pandas"} <= used


def test_a_table_without_a_picture_is_based_on_what_its_notebook_read(built, tmp_path):
    study, folder = built
    folder = shutil.copytree(folder, tmp_path / "build")
    for name in ("told", "untold"):
        (folder / f"tables/{name}.csv").write_text("one\n", encoding="utf-8")
    path = folder / "notebooks/06_events.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["7 rows in tables/told.csv\n"]}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    graph = {entity["@id"]: entity for entity in crate.build(study, ROOT, folder)["@graph"]}
    read = {graph[link["@id"]]["name"] for link in graph["tables/told.csv"]["isBasedOn"]}
    assert {"coding/claims.csv", "coding/events.csv"} <= read
    assert "isBasedOn" not in graph["tables/untold.csv"]
    assert {"@id": "tables/told.csv"} in graph["#run-06_events"]["result"]


def test_the_crate_is_one_and_the_same_each_time(built):
    from rocrate.rocrate import ROCrate

    study, folder = built
    text = crate.serialise(crate.build(study, ROOT, folder))
    assert crate.serialise(crate.build(study, ROOT, folder)) == text
    (folder / crate.FILE).write_text(text, encoding="utf-8")
    read = ROCrate(folder)  # refuses what is no crate
    assert read.name == study.title
    assert {"name", "description", "datePublished", "license"} <= set(read.root_dataset.properties())
    parts = {part.id for part in read.root_dataset["hasPart"]}
    assert parts == {path.relative_to(folder).as_posix() for name in ("figures", "tables", "notebooks") for path in (folder / name).rglob("*.*")}  # fmt: skip
    graph = json.loads(text)["@graph"]
    known = {entity["@id"] for entity in graph}
    links = re.findall(r'"@id": "([^"]+)"', text)
    assert {link for link in links if "://" not in link} <= known


def test_the_commit_is_in_the_crate(tmp_path):
    def git(*arguments):
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], check=True, capture_output=True)  # fmt: skip

    assert provenance.commit(tmp_path / "none") == ("", "")
    git("init", "-q")
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git("add", "a")
    git("commit", "-qm", "one")
    name, date = provenance.commit(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{40}", name)
    assert re.match(r"\d{4}-\d\d-\d\dT", date)
    (tmp_path / "a").write_text("2", encoding="utf-8")
    assert provenance.commit(tmp_path) == (f"{name}-changed", date)


def test_a_crate_of_nothing_is_refused(harbours, tmp_path):
    with pytest.raises(StudyError, match="nothing is built there; run make"):
        crate.build(harbours, ROOT, tmp_path)


def test_descriptions_of_the_software_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    meta = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    assert meta == crate.codemeta(ROOT)
    assert meta["version"] == citation["version"] == project["version"]
    assert meta["license"].endswith(citation["license"])
    assert [author["name"] for author in meta["author"]] == [author["name"] for author in citation["authors"]]
    assert provenance.__version__ == project["version"]
    package = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    [data] = [entry for entry in citation["references"] if entry["type"] == "dataset"]
    assert package["version"] == data["version"] == project["version"]
