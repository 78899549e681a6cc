"""What SECURITY.md promises: safe parsing, nothing written elsewhere, no network, no secrets."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import HARBOURS, ROOT

from claimtrace import notebooks

#: Runs before a kernel does: every connection and look-up that leaves this machine is refused and written down.
GUARD = """
import os, sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        far = isinstance(address, tuple) and not str(address[0]).startswith("127.") and address[0] not in ("::1", "localhost")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = arguments[0]
        far = address not in (None, "", "localhost", "127.0.0.1", "::1", b"localhost")
    else:
        return
    if far:
        with open(os.environ["GUARD_LOG"], "a") as log:
            log.write(f"{event} {address}\\n")
        raise PermissionError(f"denied: {event} {address}")

sys.addaudithook(guard)
"""


@pytest.fixture
def denied(tmp_path, monkeypatch):
    """An environment in which kernels reach this machine only; the file in which attempts are written down."""
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("GUARD_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def test_a_notebook_needs_no_network(denied, tmp_path):
    notebooks.run(
        ROOT / "notebooks/05_country.ipynb",
        tmp_path / "x.ipynb",
        {"study": str(HARBOURS), "build": str(tmp_path / "build"), "actor": "VARN"},
    )
    assert (tmp_path / "build/figures/fig_country_VARN.svg").is_file()
    assert not denied.exists()


def test_the_guard_denies(denied, tmp_path):
    notebook = nbformat.v4.new_notebook()
    code = "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=5)"
    notebook.cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(notebook, tmp_path / "x.ipynb")
    with pytest.raises(Exception, match="denied"):
        notebooks.run(tmp_path / "x.ipynb", tmp_path / "y.ipynb")
    assert "192.0.2.1" in denied.read_text(encoding="utf-8")


def sources():
    for folder in ("src", "tools"):
        yield from (ROOT / folder).rglob("*.py")


def test_yaml_is_loaded_in_one_place_and_safely():
    calls = {}
    for path in sources():
        found = re.findall(r"yaml\.(\w*load\w*|parse|compose\w*)\(", path.read_text(encoding="utf-8"))
        if found:
            calls[path.relative_to(ROOT).as_posix()] = set(found)
    # The fuzzer reads with another reader than the library's, also a safe one.
    assert calls == {"src/claimtrace/plain.py": {"parse"}, "tools/fuzz.py": {"safe_load"}}
    text = (ROOT / "src/claimtrace/plain.py").read_text(encoding="utf-8")
    assert 'class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)' in text


def test_the_library_runs_nothing_and_connects_to_nothing():
    forbidden = (
        r"\b(eval|exec|pickle|marshal|shelve|os\.system|shell=True|requests\.|urllib\.request|http\.client|socket\.)\b"
    )
    found = {
        f"{path.relative_to(ROOT)}: {match}"
        for path in (ROOT / "src").rglob("*.py")
        for match in re.findall(forbidden, path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_secret_and_no_address_of_a_registry_in_the_repository():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = [name for name in listing.stdout.split("\0") if name] or pytest.skip("no git work tree")
    secret = re.compile(
        r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bap]-\d|[?&]token=\w{12}"
    )
    found = []
    for name in names:
        path = ROOT / name
        if path.suffix in (".png", ".pdf") or not path.is_file():
            continue
        found += [name for _ in secret.findall(path.read_text(encoding="utf-8", errors="replace"))]
    assert found == []


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/b"])
def test_a_coding_is_a_name_and_no_path(harbours, name):
    from claimtrace.errors import StudyError

    with pytest.raises(StudyError, match="no such coding"):
        harbours.coding_path(name)


def test_an_id_that_make_or_the_shell_would_run_reaches_neither(harbours):
    actors = harbours.root / "codebook" / "actors.yaml"
    text = actors.read_text(encoding="utf-8").replace("  OSK: {", "  $(shell touch pwned): {")
    actors.write_text(text, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("claimtrace")), "profiles", "--study", str(harbours.root)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONUTF8": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "'$(shell touch pwned)' is not known; a key must match" in done.stderr
    assert "Traceback" not in done.stderr


def test_markup_in_the_data_is_shown_and_not_run(harbours, tmp_path):
    path = harbours.root / "articles.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",Courier,", ",<script>alert(1)</script>,"), encoding="utf-8"
    )
    from claimtrace import exhibits
    from claimtrace.study import Study
    from claimtrace.tables import readable

    study = Study(harbours.root)
    exhibit = exhibits.corpus(study)
    assert "<script" not in exhibit.svg
    assert "<script" not in readable(study.articles)._repr_html_()
    assert "&lt;script&gt;" in readable(study.articles)._repr_html_()


def test_the_promises_have_a_page():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    limits = json.dumps([f"{number:,}" for number in (200_000, 20_000)])
    assert all(limit in text for limit in json.loads(limits))
