"""What is told must be true: pages generated from the data, the README against the Makefile, the manifest."""

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from claimtrace import manifest, pages, schema
from claimtrace.errors import StudyError

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_generated_pages_are_up_to_date(real):
    for path, content in pages.render(real, ROOT).items():
        assert path.read_text(encoding="utf-8") == content, f"{path}: run make refresh"


def test_the_data_package_is_what_the_codebook_says(real):
    stored = (ROOT / "data/datapackage.json").read_text(encoding="utf-8")
    assert stored == schema.serialise(schema.package(real))


def test_a_page_without_its_marks_is_refused(tmp_path):
    (tmp_path / "x.md").write_text("no marks", encoding="utf-8")
    with pytest.raises(StudyError, match="begin findings"):
        pages.fill(tmp_path / "x.md", "findings", "new")


def test_help_lists_every_target():
    phony = set(re.findall(r"^\.PHONY: (\w+)$", MAKEFILE, re.MULTILINE))
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  ([a-z]+)  +\S", done.stdout, re.MULTILINE))
    assert phony == listed
    settings = set(re.findall(r"^(\w+) +\?= ", MAKEFILE, re.MULTILINE)) - {"VENV"}
    assert all(f"  {setting}=" in done.stdout for setting in settings)


def test_what_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
    for path in (ROOT / "data/README.md", ROOT / "CHANGELOG.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), link


def test_every_notebook_is_in_the_readme():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"(notebooks/{path.name})" in README


def test_targets_and_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    named = {a or b for a, b in re.findall(r"`make ([a-z]+)|^make ([a-z]+)", README, re.MULTILINE)}
    assert len(named) >= 4
    assert named <= targets
    program = Path(sys.executable).with_name("claimtrace")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    commands = set(re.findall(r"bin/claimtrace ([a-z]+)", README))
    assert len(commands) >= 4
    assert [command for command in commands if f" {command} " not in done.stdout] == []


def test_the_published_figure_is_the_one_that_is_built():
    sums = manifest.read(ROOT / "MANIFEST.sha256")
    shown = hashlib.sha256((ROOT / "docs/fig_motives.png").read_bytes()).hexdigest()
    assert shown == sums["figures/fig_motives.png"]


def test_committed_notebooks_are_the_ones_that_are_built():
    sums = manifest.read(ROOT / "MANIFEST.sha256")
    for name in (
        "01_corpus",
        "02_coding",
        "03_reliability",
        "04_motives",
        "06_events",
        "07_relations",
        "08_robustness",
        "09_rules",
    ):
        stored = hashlib.sha256((ROOT / f"notebooks/{name}.ipynb").read_bytes()).hexdigest()
        assert stored == sums[f"notebooks/{name}.ipynb"]


def test_every_figure_has_three_pictures_and_its_numbers():
    names = set(manifest.read(ROOT / "MANIFEST.sha256"))
    figures = {name.split("/")[1].rsplit(".", 1)[0] for name in names if name.startswith("figures/")}
    for figure in figures:
        expected = {f"figures/{figure}.{suffix}" for suffix in ("svg", "pdf", "png")} | {f"tables/{figure}.csv"}
        assert expected <= names


def test_the_manifest_lists_the_page_of_every_notebook_chart_and_article(real):
    names = set(manifest.read(ROOT / "MANIFEST.sha256"))
    notebooks = {f"site/{name.removesuffix('.ipynb')}.html" for name in names if name.startswith("notebooks/")}
    charts = {f"site/marks/{Path(name).stem}.html" for name in names if name.startswith("figures/")}
    articles = {f"site/articles/{slug}.html" for slug in real.articles["slug"]}
    assert len(notebooks) == sum(name.startswith("notebooks/") for name in names) > 0
    assert (
        notebooks | charts | articles | {f"site/{name}.html" for name in ("index", "charts", "claims", "cite")} <= names
    )


def test_the_manifest_names_each_difference():
    assert manifest.differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == [
        "a: built, not published",
        "b: differs",
        "c: published, not built",
    ]


def test_the_licences_and_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"] == "BSD-3-Clause"
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
